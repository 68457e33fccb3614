/** Message ids: decimal digits that may be longer than a double is exact, so compared as text. */

/**
 * @param {string} a
 * @param {string} b
 * @returns {number} < 0, 0 or > 0. The empty string is before every id.
 */
function compare(a, b) {
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : a > b ? 1 : 0
}

module.exports = { compare: compare }
