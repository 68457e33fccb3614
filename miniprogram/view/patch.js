/** The smallest sensible setData: what differs between the rows that a page shows and those that it is to show. */

/**
 * @param {any} before
 * @param {any} after
 * @param {string} path
 * @param {{[path: string]: any}} out
 * @returns {boolean} false: a field went away, which no path can say
 */
function fields(before, after, path, out) {
  var name
  for (name in before) if (!(name in after)) return false
  for (name in after) if (before[name] !== after[name]) out[path + '.' + name] = after[name]
  return true
}

/**
 * @param {Array<{key: string}>} before as handed out last time
 * @param {Array<{key: string}>} after
 * @param {string} path under which the page keeps them
 * @returns {{[path: string]: any} | null} for setData; null: nothing to do
 */
function patch(before, after, path) {
  /** @type {{[path: string]: any}} */
  var out = {}
  var whole = after.length < before.length
  for (var i = 0; i < before.length && !whole; i++) {
    if (before[i] === after[i]) continue
    if (before[i].key !== after[i].key) whole = true
    else if (!fields(before[i], after[i], path + '[' + i + ']', out)) out[path + '[' + i + ']'] = after[i]
  }
  if (whole) {
    out = {}
    out[path] = after
    return out
  }
  for (i = before.length; i < after.length; i++) out[path + '[' + i + ']'] = after[i]
  for (var any in out) return out
  return null
}

module.exports = { patch: patch }
