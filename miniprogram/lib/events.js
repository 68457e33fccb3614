/** @typedef {import('./types').Events} Events */

function createEvents() {
  /** @type {{[event: string]: Function[]}} */
  var listeners = {}
  return {
    /**
     * @param {keyof Events} event
     * @param {any} listener
     * @returns {() => void} takes it off again
     */
    on: function (event, listener) {
      listeners[event] = (listeners[event] || []).concat(listener)
      return function () {
        listeners[event] = listeners[event].filter(function (one) { return one !== listener })
      }
    },
    /**
     * One that throws keeps nothing from the others.
     * @template {keyof Events} E
     * @param {E} event
     * @param {Parameters<Events[E]>[0]} what
     */
    emit: function (event, what) {
      var all = listeners[event] || []
      all.forEach(function (listener) {
        try {
          listener(what)
        } catch (error) {
          console.error(error)
        }
      })
    }
  }
}

module.exports = createEvents
