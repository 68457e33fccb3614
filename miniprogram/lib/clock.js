/** @type {import('./types').Clock} */
var clock = {
  now: function () { return Date.now() },
  setTimeout: function (fn, ms) { return setTimeout(fn, ms) },
  clearTimeout: function (timer) { clearTimeout(timer) }
}

module.exports = clock
