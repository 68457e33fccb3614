/** The order of a conversation: by ids; what failed where it failed; what is on its way below everything. */

var compareIds = require('./ids').compare

/**
 * @typedef {object} Placed
 * @property {string} after its id; of a failed one, the last id before it failed
 * @property {number} turn the order among those without an id
 * @property {boolean} last on its way
 */

/**
 * @param {Placed} a
 * @param {Placed} b
 */
function compare(a, b) {
  if (a.last !== b.last) return a.last ? 1 : -1
  return (a.last ? 0 : compareIds(a.after, b.after)) || a.turn - b.turn
}

/**
 * @param {Placed[]} items
 * @param {Placed} item
 * @returns {number} where it stands or would stand
 */
function place(items, item) {
  var low = 0
  var high = items.length
  // Nearly all that comes belongs at the end.
  if (high && compare(items[high - 1], item) < 0) return high
  while (low < high) {
    var middle = (low + high) >> 1
    if (compare(items[middle], item) < 0) low = middle + 1
    else high = middle
  }
  return low
}

module.exports = { compare: compare, place: place }
