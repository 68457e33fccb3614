/** The client library as far as pages see it, in the hands of a test: it does nothing by itself and remembers all. */

function createFakeClient() {
  /** @type {{[event: string]: Function[]}} */
  var listeners = {}
  /** @type {any[]} */
  var calls = []
  /** Promises that the test settles. @type {{[call: string]: Array<{resolve: Function, reject: Function, args: any[]}>}} */
  var open = {}

  /** @param {string} name */
  function promised(name) {
    return function () {
      var args = Array.prototype.slice.call(arguments)
      calls.push([name].concat(args))
      /** @type {any} */
      var promise = new Promise(function (resolve, reject) {
        ;(open[name] = open[name] || []).push({ resolve: resolve, reject: reject, args: args })
      })
      promise.abort = function () { calls.push(['abort']) }
      return promise
    }
  }

  var chat = {
    state: 'offline',
    join: promised('join'),
    leave: promised('leave'),
    say: promised('say'),
    recall: promised('recall'),
    history: promised('history'),
    retry: promised('retry'),
    forget: function (/** @type {string} */ ref) { calls.push(['forget', ref]) },
    /** What the test says. @type {any[]} */
    out: [],
    outgoing: function () { return chat.out },
    on: function (/** @type {string} */ event, /** @type {Function} */ listener) {
      ;(listeners[event] = listeners[event] || []).push(listener)
      return function () { listeners[event].splice(listeners[event].indexOf(listener), 1) }
    }
  }

  return {
    chat: /** @type {any} */ (chat),
    calls: calls,
    session: promised('session'),
    login: promised('login'),
    /** The server's clock. */
    now: function () { return Date.now() },
    logout: promised('logout'),
    setProfile: promised('setProfile'),
    enterGroup: promised('enterGroup'),
    upload: promised('upload'),
    /** @type {any} */
    known: null,
    current: function () { return this.known },
    /** @param {string} event @param {any} value */
    emit: function (event, value) {
      (listeners[event] || []).slice().forEach(function (listener) { listener(value) })
    },
    /** Settles the oldest open call. @param {string} name @param {any} [value] */
    resolve: function (name, value) {
      var call = (open[name] || []).shift()
      if (!call) throw new Error('nobody called ' + name)
      call.resolve(value)
      return new Promise(setImmediate)
    },
    /** @param {string} name @param {any} fields */
    reject: function (name, fields) {
      var call = (open[name] || []).shift()
      if (!call) throw new Error('nobody called ' + name)
      call.reject(Object.assign(new Error(fields.code), fields))
      return new Promise(setImmediate)
    },
    /** @param {string} name @returns {any[]} the arguments of the last such call */
    last: function (name) {
      return calls.filter(function (call) { return call[0] === name }).pop().slice(1)
    }
  }
}

module.exports = { createFakeClient: createFakeClient }
