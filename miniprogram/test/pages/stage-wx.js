/** The phone's recorder for components: wx.getRecorderManager() gives the same one for ever. */

/** @type {any} */
var heard = {}
/** @type {any} */
var manager = { start: function () {}, stop: function () {} }
;['onStart', 'onStop', 'onError', 'onInterruptionBegin'].forEach(function (name) {
  manager[name] = function (/** @type {Function} */ listener) { heard[name] = listener }
})

module.exports = {
  recorder: function () {
    var world = /** @type {any} */ (global)
    world.wx = Object.assign(world.wx || {}, { getRecorderManager: function () { return manager }, showToast: function () {} })
    return {
      start: function () { heard.onStart() },
      /** @param {object} result */
      stop: function (result) { heard.onStop(result) }
    }
  }
}
