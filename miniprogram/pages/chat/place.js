/** Keeps what the reader looks at where it is while rows come and go above it. */

/**
 * @param {Array<{key: string, kind: string}>} before
 * @param {Array<{key: string}>} after
 * @returns {string} a message that stands in both: how far it moves is how far all moves; '' when there is none
 */
function anchor(before, after) {
  /** @type {{[key: string]: boolean}} */
  var stays = Object.create(null)
  after.forEach(function (row) {
    stays[row.key] = true
  })
  for (var i = 0; i < before.length; i++) if (before[i].kind === 'message' && stays[before[i].key]) return before[i].key
  return ''
}

/**
 * @param {any} page
 * @param {string} key
 * @param {(at: {top: number, scrollTop: number} | null) => void} done
 */
function measure(page, key, done) {
  page
    .createSelectorQuery()
    .select('#' + key)
    .boundingClientRect()
    .select('#scroller')
    .scrollOffset()
    .exec(function (/** @type {any[]} */ found) {
      done(found && found[0] && found[1] ? { top: found[0].top, scrollTop: found[1].scrollTop } : null)
    })
}

/**
 * Calls `change`, and moves the scroll position by as much as the anchor has moved, where the scroll-view has not done it
 * by itself already.
 * @param {any} page
 * @param {string} key of the anchor; '': nothing is to be kept
 * @param {(then: () => void) => void} change calls back once it is drawn
 */
function hold(page, key, change) {
  if (!key) return change(function () {})
  measure(page, key, function (was) {
    change(function () {
      if (!was) return
      measure(page, key, function (is) {
        if (!is || Math.abs(is.top - was.top) < 1) return
        var wanted = is.scrollTop + is.top - was.top
        // The same value twice would not be a change.
        page.setData({ scrollTop: wanted === page.data.scrollTop ? wanted + 0.1 : wanted })
      })
    })
  })
}

module.exports = { anchor: anchor, hold: hold }
