// The client library for mosquitto-wechat. What it offers: types.d.ts, README.md.
var createChat = require('./chat')
var chatError = require('./errors')
var createEvents = require('./events')
var createHttp = require('./http')
var createSession = require('./session')
var createStore = require('./store')

/**
 * What the parts share.
 * @typedef {{
 *   wx: WechatMiniprogram.Wx,
 *   mqtt: any,
 *   protocolVersion: 4 | 5,
 *   clock: import('./types').Clock,
 *   store: ReturnType<typeof createStore>,
 *   baseUrl: string,
 *   mqttUrl: string,
 *   on: ReturnType<typeof createEvents>['on'],
 *   emit: ReturnType<typeof createEvents>['emit'],
 *   banned: (error: import('./types').ChatError) => void
 * }} Env
 */

var ASLEEP = 5000 // ms in the background after which WeChat has closed the sockets, mostly without an event

/**
 * @param {import('./types').Options} options
 * @returns {import('./types').Client}
 */
function createClient(options) {
  var events = createEvents()
  var platform = /** @type {WechatMiniprogram.Wx} */ (options.wx || wx)
  /** @type {Env} */
  var env = {
    wx: platform,
    mqtt: options.mqtt || require('./mqtt'),
    protocolVersion: options.protocolVersion || 5,
    clock: options.clock || require('./clock'),
    store: createStore(platform, options.storageKey || 'mosquitto-wechat'),
    baseUrl: options.baseUrl.replace(/\/+$/, ''),
    mqttUrl: options.mqttUrl || '',
    on: events.on,
    emit: events.emit,
    banned: function (error) { chat.banned(error) }
  }
  var session = createSession(env)
  var http = createHttp(env, session)
  var chat = createChat(env, session)
  var closed = false
  /** @type {number | null} */
  var pausedAt = null

  function pause() {
    pausedAt = env.clock.now()
  }

  function resume() {
    var away = pausedAt === null ? 0 : env.clock.now() - pausedAt
    pausedAt = null
    if (closed) return
    session.wake()
    // Below 0: somebody has set the clock.
    chat.wake(away > ASLEEP || away < 0)
  }

  /** @param {{isConnected: boolean}} status */
  function networkChanged(status) {
    if (closed) return
    chat.network(status.isConnected !== false)
    if (status.isConnected !== false) chat.wake()
  }

  if (platform.onAppShow) platform.onAppShow(resume)
  if (platform.onAppHide) platform.onAppHide(pause)
  if (platform.onNetworkStatusChange) platform.onNetworkStatusChange(networkChanged)

  return {
    session: session.get,
    login: session.logIn,
    now: session.serverNow,
    current: session.current,
    logout: function () {
      var current = session.current()
      chat.stop(true)
      session.clear()
      if (!current) return Promise.resolve()
      return http.end(current)
    },
    setProfile: function (profile) { return http.ask('PUT', '/profile', profile).then(session.refresh) },
    enterGroup: function (info) {
      return http.ask('POST', '/rooms/group', { encryptedData: info.encryptedData, iv: info.iv }).then(function (body) {
        if (typeof body.room !== 'string') throw chatError('ERR_BAD_ANSWER', 'The service named no room.')
        return { room: body.room }
      })
    },
    request: http.request,
    upload: http.upload,
    chat: chat.face,
    resume: resume,
    pause: pause,
    close: function () {
      if (closed) return
      closed = true
      chat.stop(false)
      session.close()
      if (platform.offAppShow) platform.offAppShow(resume)
      if (platform.offAppHide) platform.offAppHide(pause)
      if (platform.offNetworkStatusChange) platform.offNetworkStatusChange(/** @type {any} */ (networkChanged))
    }
  }
}

module.exports = { createClient: createClient }
