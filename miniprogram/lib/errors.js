/** @typedef {import('./types').ChatError} ChatError */

/**
 * @param {string} code
 * @param {string} message fit to be shown
 * @param {{statusCode?: number, until?: number, ref?: string}} [more]
 * @returns {ChatError}
 */
function chatError(code, message, more) {
  var error = /** @type {ChatError} */ (new Error(message))
  error.name = 'ChatError'
  error.code = code
  if (more && more.statusCode) error.statusCode = more.statusCode
  if (more && more.until) error.until = more.until
  if (more && more.ref) error.ref = more.ref
  return error
}

module.exports = chatError
