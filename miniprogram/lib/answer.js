var chatError = require('./errors')

// Errors of the login service carry it, and nobody else's do.
var MARK = 'F2C224D4-2BCE-4C64-AF9F-A6D872000D1A'

/** @param {any} header @param {string} name in small letters */
function headerOf(header, name) {
  for (var key in header || {}) if (key.toLowerCase() === name) return String(header[key])
  return ''
}

/**
 * The error that the service says, or null: a success, or the answer of somebody else.
 * @param {import('./types').Response} response
 * @param {number} now ms, by the clock that `until` is to follow
 */
function errorOf(response, now) {
  var data = response.data
  if (!data || typeof data !== 'object' || !data[MARK] || typeof data.error !== 'string') return null
  var wait = parseInt(headerOf(response.header, 'retry-after'), 10)
  return chatError(data.error, typeof data.message === 'string' ? data.message : data.error, {
    statusCode: response.statusCode,
    until: wait > 0 ? now + wait * 1000 : undefined
  })
}

/**
 * What one of the service's own calls gave, or throws.
 * @param {import('./types').Response} response
 * @param {number} now
 */
function bodyOf(response, now) {
  var error = errorOf(response, now)
  if (error) throw error
  if (response.statusCode === 204) return {}
  if (response.statusCode !== 200 || !response.data || typeof response.data !== 'object') {
    throw chatError('ERR_BAD_ANSWER', 'The service cannot be reached.', { statusCode: response.statusCode })
  }
  return response.data
}

module.exports = { errorOf: errorOf, bodyOf: bodyOf }
