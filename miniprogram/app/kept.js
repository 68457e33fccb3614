var createBatch = require('./batch').createBatch

/** Read marks change with every message, so they are written now and then. */
var EVERY_MS = 1000

/**
 * A value in the phone's storage, which may be full, or wiped by the system: then it is forgotten, nothing more.
 * @param {any} wx
 * @param {string} key
 */
function createKept(wx, key) {
  /** @type {any} */
  var waiting
  var batch = createBatch(flush, EVERY_MS)

  function flush() {
    batch.stop()
    if (waiting === undefined) return
    wx.setStorage({ key: key, data: waiting, fail: function () {} })
    waiting = undefined
  }

  return {
    get: function () {
      if (waiting !== undefined) return waiting
      try {
        return wx.getStorageSync(key)
      } catch (unreadable) {
        return null
      }
    },
    /** @param {any} value */
    set: function (value) {
      waiting = value
      batch.ask()
    },
    /** At once: the app may be ended at any time. */
    flush: flush
  }
}

module.exports = { createKept: createKept }
