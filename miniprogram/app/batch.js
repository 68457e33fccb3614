/**
 * Many changes, one look: calls `fn` once, a moment after the first of them. setData is what costs in a mini-program.
 * @param {() => void} fn
 * @param {number} [ms]
 * @returns {{ask: () => void, stop: () => void}}
 */
function createBatch(fn, ms) {
  /** @type {any} */
  var timer = null
  return {
    ask: function () {
      if (timer !== null) return
      timer = setTimeout(function () {
        timer = null
        fn()
      }, ms || 32)
    },
    stop: function () {
      clearTimeout(timer)
      timer = null
    }
  }
}

module.exports = { createBatch: createBatch }
