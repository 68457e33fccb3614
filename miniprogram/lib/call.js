var chatError = require('./errors')

/**
 * wx.login and the like as a promise. Some of them call nobody back when the network goes away at the wrong moment.
 * @param {import('./types').Clock} clock
 * @param {(options: any) => any} method
 * @param {any} options
 * @param {number} timeout ms
 * @param {(task: any) => void} [started] gets what the method gave
 * @returns {Promise<any>}
 */
function call(clock, method, options, timeout, started) {
  return new Promise(function (resolve, reject) {
    var timer = clock.setTimeout(function () {
      reject(chatError('ERR_TIMEOUT', 'No answer in time.'))
    }, timeout + 1000)
    options.timeout = timeout
    options.success = function (/** @type {any} */ result) {
      clock.clearTimeout(timer)
      resolve(result || {})
    }
    options.fail = function (/** @type {any} */ error) {
      var why = String(error && error.errMsg)
      clock.clearTimeout(timer)
      // "Software caused connection abort" is no wish of ours.
      if (/:fail abort/.test(why)) reject(chatError('ERR_ABORTED', 'Stopped.'))
      else if (/time ?out/i.test(why)) reject(chatError('ERR_TIMEOUT', 'No answer in time.'))
      else reject(chatError('ERR_NETWORK', 'The network cannot be reached.'))
    }
    try {
      var task = method(options)
      if (started) started(task)
    } catch (error) {
      options.fail(error)
    }
  })
}

module.exports = call
