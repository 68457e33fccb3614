var compareIds = require('./message').compareIds

/** @typedef {import('./types').Message} Message */

var MAX = 2000

/** What has been seen in a room: nothing is handed out twice, and nothing late before what was missed. */
function createTimeline() {
  var first = ''
  var last = ''
  /** @type {{[id: string]: boolean}} */
  var seen = {}
  /** @type {string[]} */
  var order = []
  /** @type {Message[] | null} */
  var held = null

  /** @param {Message} message */
  function isNew(message) {
    var id = message.id
    if (seen[id]) return false
    seen[id] = true
    order.push(id)
    if (order.length > MAX) delete seen[String(order.shift())]
    if (!first || compareIds(id, first) < 0) first = id
    if (!last || compareIds(id, last) > 0) last = id
    return true
  }

  return {
    first: function () { return first },
    last: function () { return last },
    /** From now on until release() everything waits: something older is on its way. */
    hold: function () { held = held || [] },
    /** @param {Message} message @returns {Message[]} what is to be shown now */
    take: function (message) {
      if (held) {
        if (held.length < MAX) held.push(message)
        return []
      }
      // A second greeting, after a restart of the broker: what is older was shown, or is for scrolling up.
      if (message.history && last && compareIds(message.id, last) <= 0) return []
      return isNew(message) ? [message] : []
    },
    /** @param {Message[]} missed @returns {Message[]} what is to be shown now, in order */
    release: function (missed) {
      var before = last
      var all = (held || []).concat(missed).sort(function (a, b) { return compareIds(a.id, b.id) })
      held = null
      return all.filter(function (message) {
        return !(message.history && before && compareIds(message.id, before) <= 0) && isNew(message)
      })
    },
    /** A page of older ones, which is handed out by itself. @param {Message[]} page @returns {Message[]} in order, each once */
    page: function (page) {
      /** @type {{[id: string]: boolean}} */
      var ids = {}
      page.forEach(isNew)
      return page.filter(function (message) {
        var again = ids[message.id]
        ids[message.id] = true
        return !again
      }).sort(function (a, b) { return compareIds(a.id, b.id) })
    }
  }
}

module.exports = createTimeline
