/** What the library did not take at all: it keeps nothing of it, so whoever wanted to say it must. */

/** Its writer does not want it any more, or is somebody else now. */
var GONE = ['ERR_ABORTED', 'ERR_CLOSED']

/**
 * @param {import('../lib/types').Chat} chat
 * @param {{code: string, ref?: string}} error with which say() was rejected
 * @returns {boolean} false: it stands among the outgoing ones, with its red mark
 */
function isUnsaid(chat, error) {
  if (GONE.indexOf(error.code) >= 0) return false
  return !chat.outgoing().some(function (entry) {
    return entry.ref === error.ref
  })
}

module.exports = { isUnsaid: isUnsaid }
