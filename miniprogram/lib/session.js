var call = require('./call')
var chatError = require('./errors')
var answer = require('./answer')
var mintedAt = require('./skey').mintedAt

/** @typedef {import('./types').Session} Session */
/** @typedef {{session: Session, endsAt: number, renewAt: number, ahead: number}} Kept
 * endsAt, renewAt: by the phone's clock; ahead: what the server's clock is ahead of it, in ms */

var TIMEOUT = 15000
var LONGEST_TIMER = 0x7fffffff
var LATE = 5000 // ms that a message may be on its way

/** @param {any} value @returns {value is object} */
function isObject(value) {
  return !!value && typeof value === 'object'
}

/** Its members of these names are of this type, and not empty. @param {any} o @param {string} type @param {string[]} names */
function has(o, type, names) {
  return isObject(o) && names.every(function (name) {
    var member = /** @type {any} */ (o)[name]
    return typeof member === type && member !== '' && member === member
  })
}

/** @param {any} s @returns {s is Session} */
function isSession(s) {
  return has(s, 'string', ['id', 'skey', 'uid']) && has(s, 'number', ['expiresAt']) &&
    has(s.mqtt, 'string', ['url', 'username', 'clientId']) && /^wss?:\/\//.test(s.mqtt.url)
}

/** @param {any} k @returns {k is Kept} */
function isKept(k) {
  return has(k, 'number', ['endsAt', 'renewAt', 'ahead']) && isSession(k.session)
}

/**
 * The session: one log-in at a time, kept in the storage, renewed before its end.
 * @param {import('./index').Env} env
 */
function createSession(env) {
  var clock = env.clock
  /** @type {Kept | null} */
  var kept = null
  /** @type {Promise<Session> | null} a log-in under way */
  var loggingIn = null
  /** @type {Promise<Session> | null} */
  var renewing = null
  /** @type {any} */
  var timer = null
  var closed = false
  var era = 0 // ends with a log-out

  var stored = env.store.get('')
  if (isKept(stored)) kept = stored

  function alive() {
    return kept && clock.now() < kept.endsAt ? kept.session : null
  }

  /** @param {Kept | null} next */
  function keep(next) {
    kept = next
    env.store.set('', next)
    plan()
  }

  /** @param {number} [wait] ms */
  function plan(wait) {
    clock.clearTimeout(timer)
    if (!kept || closed) return
    var ms = wait || Math.max(kept.renewAt - clock.now(), 1000)
    timer = clock.setTimeout(function () {
      if (kept && clock.now() >= kept.renewAt) renew()
      else plan()
    }, Math.min(ms, LONGEST_TIMER))
  }

  /**
   * The life of a session is what the server says of it by its own clock, counted from now.
   * @param {any} body
   * @returns {Session}
   */
  function adopt(body) {
    var session = body.session
    if (!isSession(session)) throw chatError('ERR_BAD_ANSWER', 'The service gave no session.')
    if (!isObject(session.userInfo)) session.userInfo = {}
    var now = clock.now()
    var minted = mintedAt(session.skey)
    if (minted === null) minted = session.expiresAt > now ? now : session.expiresAt - 3600000
    // It was made within the second that the skey names.
    var life = Math.max(session.expiresAt - minted - 1000, (session.expiresAt - minted) / 2)
    keep({ session: session, endsAt: now + life, renewAt: now + life * 0.8, ahead: minted - now })
    return session
  }

  /** @param {string} path @param {string} method @param {any} [data] @param {any} [header] */
  function ask(path, method, data, header) {
    return call(clock, function (o) { return env.wx.request(o) }, {
      url: env.baseUrl + path, method: method, data: data, header: header, dataType: 'json'
    }, TIMEOUT).then(function (response) { return answer.bodyOf(response, clock.now()) })
  }

  /** A fresh skey; the session may have been left meanwhile. @param {any} body @returns {Session} */
  function refresh(body) {
    if (!isSession(body.session)) throw chatError('ERR_BAD_ANSWER', 'The service gave no session.')
    return kept && kept.session.id === body.session.id ? adopt(body) : body.session
  }

  /** @param {boolean} [again] @returns {Promise<Session>} */
  function exchange(again) {
    var mine = era
    return call(clock, function (o) { return env.wx.login(o) }, {}, TIMEOUT).then(function (got) {
      if (!got.code) throw chatError('ERR_BAD_ANSWER', 'WeChat gave no code.')
      return ask('/login', 'POST', { code: got.code })
    }).then(function (body) {
      if (mine !== era) throw chatError('ERR_CLOSED', 'Logged out.')
      return adopt(body)
    }).then(null, function (error) {
      // A code works once, and may have gone stale on its way.
      if (error.code === 'ERR_INVALID_CODE' && !again) return exchange(true)
      throw error
    })
  }

  function logIn() {
    if (closed) return Promise.reject(chatError('ERR_CLOSED', 'The client is closed.'))
    if (loggingIn) return loggingIn
    var mine = loggingIn = exchange()
    var over = function () { if (loggingIn === mine) loggingIn = null }
    mine.then(over, over)
    return mine
  }

  function renew() {
    if (renewing || loggingIn || !kept || closed) return
    var session = kept.session
    renewing = ask('/session/renew', 'POST', undefined, headers(session)).then(refresh)
    renewing.then(function () { renewing = null }, function (error) {
      renewing = null
      if (error.code === 'ERR_INVALID_SESSION' || error.code === 'ERR_BANNED') drop(session)
      else if (kept) plan(Math.max((kept.endsAt - clock.now()) / 4, 1000))
    })
  }

  /** @param {Session} session @returns {{[name: string]: string}} */
  function headers(session) {
    return { 'X-WX-Id': session.id, 'X-WX-Skey': session.skey }
  }

  /** It was refused; a newer one lives on. @param {Session} session @param {boolean} [whole] all of its skeys */
  function drop(session, whole) {
    if (!kept) return
    if (kept.session.skey === session.skey || (whole && kept.session.id === session.id)) keep(null)
  }

  plan()
  return {
    /** @returns {Promise<Session>} */
    get: function () {
      var session = alive()
      if (!session) return logIn()
      if (kept && clock.now() >= kept.renewAt) renew()
      return Promise.resolve(session)
    },
    logIn: logIn,
    current: alive,
    refresh: refresh,
    drop: drop,
    headers: headers,
    /** The server's time. */
    serverNow: function () { return clock.now() + (kept ? kept.ahead : 0) },
    /** Something was stamped by the server just now: somebody may have set the phone's clock. @param {number} time */
    heard: function (time) {
      var ahead = time - clock.now()
      if (kept && (ahead > kept.ahead || ahead < kept.ahead - LATE)) kept.ahead = ahead
    },
    /** After a time asleep. */
    wake: plan,
    clear: function () {
      era++
      loggingIn = null
      keep(null)
    },
    close: function () {
      closed = true
      clock.clearTimeout(timer)
    }
  }
}

module.exports = createSession
