/** A page that is drawn nowhere: what it keeps, and apart from that what it has handed to the view. */

/** @param {any} value As it crosses from the logic to the view: what is no JSON is lost, and undefined is refused. */
function cross(value) {
  return JSON.parse(JSON.stringify(value, function (key, inner) {
    if (inner === undefined || typeof inner === 'function') throw new Error('setData of ' + typeof inner + ' at ' + key)
    return inner
  }))
}

/** @param {any} data @param {string} where "rows[3].text" @param {any} value */
function put(data, where, value) {
  var names = where.replace(/\[(\d+)\]/g, '.$1').split('.')
  var last = /** @type {string} */ (names.pop())
  var at = names.reduce(function (inner, name) { return inner[name] }, data)
  at[last] = value
}

/** @param {any} definition what Page() was given @returns {any} */
function draw(definition) {
  var page = Object.create(definition)
  page.data = JSON.parse(JSON.stringify(definition.data))
  page.view = cross(page.data)
  page.drawn = 0
  page.sent = 0
  page.setData = function (/** @type {any} */ change, /** @type {() => void} */ then) {
    page.drawn++
    page.sent += JSON.stringify(change).length
    Object.keys(change).forEach(function (where) {
      put(page.data, where, change[where])
      put(page.view, where, cross(change[where]))
    })
    if (then) setImmediate(then)
  }
  page.createSelectorQuery = function () { return createFakeQuery(page) }
  return page
}

/** Every row is 50 pixels high, the view 500. @param {any} page */
function createFakeQuery(page) {
  /** @type {any[]} */
  var found = []
  var selector = ''
  /** @type {any[]} */
  var listeners = []
  var query = {
    select: function (/** @type {string} */ wanted) {
      selector = wanted
      return query
    },
    boundingClientRect: function (/** @type {any} */ listener) {
      var at = page.view.rows.findIndex(function (/** @type {any} */ row) { return '#' + row.key === selector })
      var rect = selector === '#scroller' ? { top: 0, height: page.viewHeight || 500 } : at < 0 ? null : { top: at * 50 - (page.at || 0), height: 50 }
      found.push(rect)
      if (listener) listeners.push(function () { listener(rect) })
      return query
    },
    scrollOffset: function () {
      found.push({ scrollTop: page.at || 0 })
      return query
    },
    exec: function (/** @type {any} */ done) {
      listeners.forEach(function (listener) { listener() })
      if (done) setImmediate(function () { done(found) })
    }
  }
  return query
}

module.exports = { draw: draw }
