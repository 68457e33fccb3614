var openSocket = require('./socket')

/** @typedef {import('./types').Session} Session */
/** @typedef {import('./types').ChatError} ChatError */

var KEEPALIVE = 30 // seconds
var CONNECT_TIMEOUT = 10000
var PING_TIMEOUT = 2500
var SILENCE = 4000 // after something was sent that the broker answers
var STEADY = 5000 // a connection that lasts so long is a good one
var RETRY_MIN = 500
var RETRY_MAX = 30000
var ENDS_MAX = 6
var ENDS_WITHIN = 600000
var AWAY = 1800 // seconds that the broker keeps private messages for one who is away

/** CONNACK: the session is not taken. 3.1.1, then MQTT 5. */
var REFUSED = [4, 5, 134, 135, 138]
var TAKEN_OVER = 142

function randomId() {
  return ('0000000' + Math.floor(Math.random() * 0x7fffffff).toString(36)).slice(-6) +
    ('0' + Math.floor(Math.random() * 1296).toString(36)).slice(-2)
}

/**
 * One connection to the broker at a time, kept up while it is wanted. It says nothing of rooms.
 * @param {import('./index').Env} env
 * @param {ReturnType<typeof import('./session')>} session
 * @param {{
 *   up: (session: Session) => void,
 *   down: () => void,
 *   heard: (topic: string, payload: any) => void,
 *   state: (state: import('./types').State) => void,
 *   halted: (error: ChatError) => void
 * }} on
 */
function createConnection(env, session, on) {
  var clock = env.clock
  var wanted = false
  var network = true
  var first = true
  /** @type {any} MQTT.js's */
  var client = null
  /** @type {any} */
  var stream = null
  /** @type {Session | null} */
  var using = null
  /** @type {{} | null} what open() waits for */
  var opening = null
  var online = false
  var upSince = 0
  var heard = 0
  var tries = 0
  var shortLived = 0
  var resting = 0 // until when the service does not want to be asked
  /** @type {number[]} when sessions were ended */
  var ends = []
  /** @type {import('./types').State} */
  var state = 'offline'
  /** @type {any} */
  var timer = null
  /** @type {any} */
  var guard = null

  var id = env.store.get('.device')
  if (typeof id !== 'string' || !/^[a-z0-9]{8}$/.test(id)) {
    id = randomId()
    env.store.set('.device', id)
  }

  function tell() {
    var now = /** @type {import('./types').State} */ (online ? 'online' : wanted && network ? 'connecting' : 'offline')
    if (now === state) return
    state = now
    on.state(state)
  }

  // MQTT.js's keepalive, by our clock.
  var timers = {
    set: function (/** @type {() => void} */ fn, /** @type {number} */ ms) {
      /** @type {any} */
      var running = {}
      function next() {
        running.timer = clock.setTimeout(function () {
          next()
          fn()
        }, ms)
      }
      next()
      return running
    },
    clear: function (/** @type {any} */ running) { clock.clearTimeout(running.timer) }
  }

  /** Ends the present connection without a word. */
  function discard() {
    var old = client
    var socket = stream
    var was = online
    clock.clearTimeout(guard)
    client = stream = using = opening = null
    online = false
    if (old) old.end(true)
    if (socket) socket.destroy()
    if (was) on.down()
  }

  /** @param {number} [atLeast] ms */
  function retry(atLeast) {
    clock.clearTimeout(timer)
    tell()
    if (!wanted) return
    var wait = Math.min(RETRY_MAX, RETRY_MIN * Math.pow(2, network ? tries : 6)) * (0.5 + Math.random() / 2)
    tries++
    // Many were told the same, perhaps: not all at the same moment.
    timer = clock.setTimeout(open, Math.min(Math.max(wait, (atLeast || 0) * (1 + Math.random() / 4)), 0x7fffffff))
  }

  /** With a new session: at once, unless that has just not helped. */
  function anew() {
    if (tries > 0) return retry()
    tries = 1
    open()
  }

  function open() {
    clock.clearTimeout(timer)
    if (!wanted || client || opening) return
    var mine = opening = {}
    tell()
    session.get().then(function (current) {
      if (opening !== mine) return
      opening = null
      connect(current)
    }, function (error) {
      if (opening !== mine) return
      opening = null
      if (error.code === 'ERR_BANNED' || error.code === 'ERR_USER_BLOCKED' || error.code === 'ERR_CLOSED') halt(error)
      else {
        resting = error.until || 0
        retry(resting - clock.now())
      }
    })
  }

  /** @param {Session} current */
  function connect(current) {
    /** @type {any} */
    var mine
    /** @type {any} */
    var reason = 0
    using = current
    guard = clock.setTimeout(function () { lost() }, CONNECT_TIMEOUT)
    try {
      mine = client = new env.mqtt.MqttClient(function () {
        stream = openSocket(env.mqtt, env.wx, env.mqttUrl || current.mqtt.url)
        return stream
      }, {
        protocolVersion: env.protocolVersion,
        clientId: current.mqtt.clientId + '-' + id,
        username: current.mqtt.username,
        password: current.skey,
        // 3.1.1 knows no end of what the broker keeps for one who is away.
        clean: first || env.protocolVersion === 4,
        keepalive: KEEPALIVE,
        properties: env.protocolVersion === 5 ? { sessionExpiryInterval: AWAY } : undefined,
        connectTimeout: 2 * CONNECT_TIMEOUT,
        reconnectPeriod: 0,
        resubscribe: false,
        queueQoSZero: false,
        timerVariant: timers
      })
    } catch (error) {
      client = {}
      client.end = function () {}
      return lost()
    }

    /** @param {() => void} [then] */
    function lost(then) {
      if (client !== mine && mine) return
      var lasted = clock.now() - upSince
      var wasOnline = online
      discard()
      if (wasOnline && lasted >= 0 && lasted < STEADY) shortLived++
      else if (wasOnline) tries = shortLived = 0
      // MQTT 3.1.1, and Mosquitto 2.0 over WebSocket, do not say why. Somebody else may have our client id, and fight for
      // it as we do: two tabs of a browser, a phone restored from another's backup.
      if (reason === TAKEN_OVER || shortLived >= 2) {
        id = randomId()
        first = true
        shortLived = 0
      }
      if (then) then()
      else retry()
    }

    mine.on('connect', function () {
      if (client !== mine) return
      clock.clearTimeout(guard)
      online = network = true
      first = false
      upSince = clock.now()
      on.up(current)
      tell()
    })
    mine.on('message', function (/** @type {string} */ topic, /** @type {any} */ payload) {
      if (client === mine) on.heard(topic, payload)
    })
    mine.on('packetreceive', function () { if (client === mine) heard++ })
    mine.on('disconnect', function (/** @type {any} */ packet) { reason = packet.reasonCode })
    mine.on('error', function (/** @type {any} */ error) {
      if (client !== mine) return
      if (!online && REFUSED.indexOf(error.code) >= 0) {
        session.drop(current)
        lost(anew)
      } else lost()
    })
    mine.on('close', function () { lost() })
  }

  /** @param {ChatError} error */
  function halt(error) {
    wanted = false
    discard()
    clock.clearTimeout(timer)
    tell()
    on.halted(error)
  }

  /** Anew, now. */
  function reopen() {
    discard()
    open()
  }

  /** When nothing is heard in time, it is dead. @param {number} ms */
  function expectAnswer(ms) {
    var before = heard
    var mine = client
    clock.setTimeout(function () {
      if (client === mine && heard === before) reopen()
    }, ms)
  }

  /** Is it alive? */
  function check() {
    if (!online) return
    client.sendPing()
    expectAnswer(PING_TIMEOUT)
  }

  return {
    /** From now on it is wanted. */
    start: function () {
      if (wanted) return
      wanted = true
      tries = 0
      open()
    },
    /** Something has changed for the better: tries at once, or looks whether it is alive. @param {boolean} [anew] */
    wake: function (anew) {
      if (!wanted) return
      tries = 0
      if (anew && client) reopen()
      else if (client) check()
      else open()
    },
    /** @param {boolean} there */
    network: function (there) {
      network = there
      if (there) return tell()
      discard()
      retry()
    },
    reopen: reopen,
    halt: halt,
    /** The session of this connection has ended: log in and come back. */
    ended: function () {
      var now = clock.now()
      if (now - upSince >= STEADY) tries = 0
      if (using) session.drop(using, true)
      discard()
      ends = ends.concat(now).slice(-ENDS_MAX)
      // Perhaps one session at a time is allowed, and another phone logs in as soon as we do.
      if (ends.length === ENDS_MAX && now - ends[0] < ENDS_WITHIN) retry(ENDS_WITHIN)
      else anew()
    },
    /** The user waits for it. */
    hurry: function () { if (clock.now() >= resting) open() },
    stop: function () {
      var old = client
      wanted = false
      clock.clearTimeout(timer)
      if (online) {
        var socket = stream
        client = stream = null
        online = false
        on.down()
        old.end(false, env.protocolVersion === 5 ? { reasonCode: 0, properties: { sessionExpiryInterval: 0 } } : {})
        clock.setTimeout(function () { if (socket) socket.destroy() }, 1000)
      }
      discard()
      tell()
    },
    isOnline: function () { return online },
    state: function () { return state },
    /**
     * QoS 1. @param {string} topic @param {any} body
     * @param {(error: {code?: number} | null) => void} done not called when the connection is lost first
     */
    publish: function (topic, body, done) {
      var mine = client
      mine.publish(topic, JSON.stringify(body), { qos: 1 }, function (/** @type {any} */ error) {
        if (client === mine && online) done(error || null)
      })
      expectAnswer(SILENCE)
    },
    /**
     * @param {{[topic: string]: {qos: number}}} topics
     * @param {(granted: number[]) => void} done what the broker granted to each; 128 and more: refused
     */
    subscribe: function (topics, done) {
      var mine = client
      mine.subscribe(topics, function (/** @type {any} */ error, /** @type {any} */ asked, /** @type {any} */ packet) {
        if (client !== mine || !online) return
        if (packet) done(packet.granted)
        else reopen()
      })
    },
    /** @param {string[]} topics */
    unsubscribe: function (topics) { if (online) client.unsubscribe(topics) }
  }
}

module.exports = createConnection
