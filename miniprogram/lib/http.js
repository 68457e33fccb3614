var call = require('./call')
var chatError = require('./errors')
var answer = require('./answer')

/** @typedef {import('./types').Session} Session */
/** @typedef {import('./types').Response} Response */

var TIMEOUT = 20000
var UPLOAD_TIMEOUT = 120000

/**
 * Requests with the session. Once it has ended they log in again, and ask again, once.
 * @param {import('./index').Env} env
 * @param {ReturnType<typeof import('./session')>} session
 */
function createHttp(env, session) {
  var clock = env.clock

  /** @param {string} url */
  function isOurs(url) {
    var rest = url.slice(env.baseUrl.length)
    return url.slice(0, env.baseUrl.length) === env.baseUrl && /^([/?#]|$)/.test(rest)
  }

  /**
   * @param {(header: {[name: string]: string}) => Promise<Response>} send
   * @returns {Promise<Response>}
   */
  function withSession(send) {
    /** @param {boolean} again @returns {Promise<Response>} */
    function once(again) {
      return session.get().then(function (current) {
        return send(session.headers(current)).then(function (response) {
          var error = answer.errorOf(response, clock.now())
          if (!error || (error.code !== 'ERR_INVALID_SESSION' && error.code !== 'ERR_BANNED')) return response
          session.drop(current)
          if (error.code === 'ERR_BANNED') env.banned(error)
          if (again || error.code === 'ERR_BANNED') throw error
          return once(true)
        })
      })
    }
    return once(false)
  }

  /** @param {import('./types').Request} request @returns {Promise<Response>} */
  function request(request) {
    var url = request.url.charAt(0) === '/' ? env.baseUrl + request.url : request.url
    /** @param {{[name: string]: string}} header */
    function send(header) {
      /** @type {{[name: string]: string}} */
      var all = {}
      var given = request.header || {}
      Object.keys(given).forEach(function (name) { all[name] = given[name] })
      Object.keys(header).forEach(function (name) { all[name] = header[name] })
      return call(clock, function (o) { return env.wx.request(o) }, {
        url: url, method: request.method || 'GET', data: request.data, header: all
      }, TIMEOUT)
    }
    return isOurs(url) ? withSession(send) : send({})
  }

  return {
    request: request,
    /** Logs out; nobody hinders a log-out. @param {Session} current @returns {Promise<void>} */
    end: function (current) {
      return call(clock, function (o) { return env.wx.request(o) }, {
        url: env.baseUrl + '/session', method: 'DELETE', header: session.headers(current)
      }, TIMEOUT).then(function () {}, function () {})
    },
    /** One of the service's own calls: gives its body. @param {string} method @param {string} path @param {any} [data] */
    ask: function (method, path, data) {
      return request({ url: path, method: method, data: data }).then(function (response) {
        return answer.bodyOf(response, clock.now())
      })
    },
    /**
     * @param {string} filePath
     * @param {(percent: number) => void} [onProgress]
     * @returns {import('./types').Task<import('./types').Media>}
     */
    upload: function (filePath, onProgress) {
      /** @type {any} */
      var running = null
      var aborted = false
      /** @type {any} */
      var task = withSession(function (header) {
        if (aborted) return Promise.reject(chatError('ERR_ABORTED', 'Stopped.'))
        return call(clock, function (o) { return env.wx.uploadFile(o) }, {
          url: env.baseUrl + '/media', filePath: filePath, name: 'file', header: header
        }, UPLOAD_TIMEOUT, function (started) {
          running = started
          if (onProgress && running && running.onProgressUpdate) {
            running.onProgressUpdate(function (/** @type {any} */ at) {
              try {
                if (!aborted) onProgress(at.progress)
              } catch (error) {
                console.error(error)
              }
            })
          }
        }).then(function (response) {
          try {
            response.data = JSON.parse(response.data)
          } catch (error) {
            response.data = null
          }
          return response
        })
      }).then(function (response) {
        var media = answer.bodyOf(response, clock.now())
        if (aborted) throw chatError('ERR_ABORTED', 'Stopped.')
        if (typeof media.url !== 'string') throw chatError('ERR_BAD_ANSWER', 'The service cannot be reached.')
        return media
      })
      task.abort = function () {
        aborted = true
        if (running && running.abort) running.abort()
      }
      return task
    }
  }
}

module.exports = createHttp
