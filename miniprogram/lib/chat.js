var chatError = require('./errors')
var createConnection = require('./connection')
var createHistory = require('./history')
var createOutbox = require('./outbox')
var createTimeline = require('./timeline')
var message = require('./message')

/** @typedef {import('./types').Message} Message */
/** @typedef {import('./types').ChatError} ChatError */
/**
 * joined: the user wants it; without, it is there only until what was said in it is sent.
 * asked: subscribed to on this connection; granted: the broker said yes; ready: what was missed has been handed out;
 * known: it was ready before; misses: how often the history did not answer.
 * @typedef {{name: string, joined: boolean, asked: boolean, granted: boolean, ready: boolean, known: boolean, misses: number, catching: {} | null,
 *   timeline: ReturnType<typeof createTimeline>, refusing: any,
 *   waiters: {resolve: () => void, reject: (error: Error) => void}[]}} Room
 */

var CATCH_UP_ROUNDS = 5
var NOTICE_TIMEOUT = 500
var MISSES_MAX = 2
var DIRECT_MAX = 200

/** @param {any} name */
function isRoomName(name) {
  // eslint-disable-next-line no-control-regex
  return typeof name === 'string' && name !== '' && createOutbox.utf8Length(name) <= 64 && !/[/+#$\u0000-\u001f\u007f-\u009f]/.test(name)
}

/**
 * @param {import('./index').Env} env
 * @param {ReturnType<typeof import('./session')>} session
 */
function createChat(env, session) {
  var clock = env.clock
  /** @type {{[name: string]: Room}} names are anything, "constructor" too */
  var rooms = Object.create(null)
  var uid = ''
  var closed = false
  var told = false
  /** @type {string[]} rooms left without a connection: the broker believes us still there */
  var left = []
  /** @type {string[]} private messages of late */
  var direct = []

  var connection = createConnection(env, session, {
    up: up,
    down: down,
    heard: heard,
    state: function (state) { env.emit('state', state) },
    halted: halted
  })
  var history = createHistory(clock, function (name) {
    return !!rooms[name] && rooms[name].asked
  }, function (name, query) {
    connection.publish('room/' + name + '/history', query, function () {})
  }, function (name) {
    all().forEach(function (room) { if (room.name === name || room.catching) room.misses++ })
    connection.reopen()
  })
  var outbox = createOutbox(env, {
    canSend: function (entry) {
      return connection.isOnline() && (!entry.room || (!!rooms[entry.room] && rooms[entry.room].ready))
    },
    publish: function (entry, done) {
      connection.publish(entry.to ? 'user/' + entry.to : 'room/' + entry.room, entry.draft, done)
    },
    lastIn: function (name) { return rooms[name] ? rooms[name].timeline.last() : '' },
    settled: tidy,
    stuck: connection.reopen,
    serverNow: session.serverNow
  })

  /** @param {string} name */
  function roomOf(name) {
    if (!rooms[name]) {
      rooms[name] = {
        name: name, joined: false, asked: false, granted: false, ready: false, known: false, misses: 0, catching: null,
        timeline: createTimeline(), refusing: null, waiters: []
      }
    }
    return rooms[name]
  }

  function all() {
    return Object.keys(rooms).map(function (name) { return rooms[name] })
  }

  /** @param {import('./types').Session} current */
  function up(current) {
    uid = current.uid
    outbox.owner(uid)
    outbox.waiting().forEach(function (entry) { if (entry.room) roomOf(entry.room) })
    left.splice(0).forEach(function (name) { if (!rooms[name]) unsubscribe(name) })
    enter(all(), true)
    outbox.pump()
  }

  function down() {
    var error = chatError('ERR_NETWORK', 'The connection is lost.')
    all().forEach(function (room) {
      rest(room)
      room.asked = room.granted = room.ready = false
      room.catching = null
    })
    all().forEach(function (room) { history.drop(room.name, error, true) })
    outbox.down()
  }

  /** Into rooms, all in one go. @param {Room[]} list @param {boolean} [start] of a connection */
  function enter(list, start) {
    /** @type {{[topic: string]: {qos: number}}} */
    var topics = {}
    // Private messages wait for us while we are away; what is missed in a room comes from its history.
    if (start) topics['user/' + uid] = { qos: 1 }
    list.forEach(function (room) {
      rest(room)
      room.asked = true
      topics['room/' + room.name] = { qos: 0 }
      topics['room/' + room.name + '/online'] = { qos: 0 }
    })
    var names = Object.keys(topics)
    connection.subscribe(topics, function (granted) {
      list.forEach(function (room) {
        if (rooms[room.name] !== room) return
        if (granted[names.indexOf('room/' + room.name)] < 128) entered(room)
        else awaitReason(room)
      })
    })
    list.forEach(function (room) {
      var from = room.misses < MISSES_MAX ? missedSince(room) : ''
      history.back(room.name)
      if (!from) return
      room.timeline.hold()
      catchUp(room, from, room.catching = {}, [], 1)
    })
  }

  /** From where on the history has to be asked; '': from nowhere, the greeting is enough. @param {Room} room */
  function missedSince(room) {
    var from = room.timeline.last() || (room.known ? '0' : '')
    outbox.waiting().forEach(function (entry) {
      if (entry.room !== room.name || !entry.unsure) return
      var after = entry.after || '0'
      if (!from || message.compareIds(after, from) < 0) from = after
    })
    return from
  }

  /** @param {Room} room */
  function entered(room) {
    room.granted = true
    room.waiters.splice(0).forEach(function (one) { one.resolve() })
    if (room.catching) return
    var gap = room.misses >= MISSES_MAX
    // The next connection asks again, once.
    if (gap) room.misses = MISSES_MAX - 1
    ready(room, gap)
  }

  /** @param {Room} room @param {boolean} gap */
  function ready(room, gap) {
    room.ready = room.known = true
    show(room, room.timeline.release([]))
    if (room.joined) env.emit('joined', { room: room.name, gap: gap })
    outbox.roomKnown(room.name)
    tidy()
  }

  /** @param {Room} room @param {string} after @param {{}} mark @param {Message[]} got @param {number} round */
  function catchUp(room, after, mark, got, round) {
    /** @param {boolean} gap */
    function over(gap) {
      if (room.catching !== mark || rooms[room.name] !== room) return
      room.catching = null
      room.misses = 0
      var shown = room.timeline.release(got)
      show(room, shown)
      got.forEach(outbox.arrived)
      if (room.granted) ready(room, gap)
    }
    history.ask(room.name, { after: after }).then(function (page) {
      if (room.catching !== mark) return
      var next = page.messages.length ? page.messages[page.messages.length - 1].id : after
      got = got.concat(page.messages)
      if (page.more && round < CATCH_UP_ROUNDS && next !== after) catchUp(room, next, mark, got, round + 1)
      else over(page.more)
    }, function () { over(true) })
  }

  /** @param {Room} room @param {Message[]} list */
  function show(room, list) {
    list.forEach(function (one) {
      if (room.joined) env.emit('message', one)
      outbox.arrived(one)
    })
  }

  /** The notice says why; it comes right after. @param {Room} room */
  function awaitReason(room) {
    room.refusing = clock.setTimeout(function () {
      refuse(room, chatError('ERR_FORBIDDEN_TOPIC', 'This session may not enter this room.'))
    }, NOTICE_TIMEOUT)
  }

  /** Nothing is awaited any more. @param {Room} room */
  function rest(room) {
    clock.clearTimeout(room.refusing)
    room.refusing = null
  }

  /** @param {Room} room @param {ChatError} error */
  function refuse(room, error) {
    remove(room, error)
    outbox.failAll(function (entry) { return entry.room === room.name }, error)
  }

  /** @param {Room} room @param {ChatError} error for who waits for it */
  function remove(room, error) {
    delete rooms[room.name]
    rest(room)
    history.drop(room.name, error)
    room.waiters.splice(0).forEach(function (one) { one.reject(error) })
    if (room.asked) unsubscribe(room.name)
    else left.push(room.name)
  }

  /** @param {string} name */
  function unsubscribe(name) {
    connection.unsubscribe(['room/' + name, 'room/' + name + '/online'])
  }

  /** Out of rooms that nobody wants, once nothing waits to be said in them. */
  function tidy() {
    var waiting = outbox.waiting()
    all().forEach(function (room) {
      if (room.joined || waiting.some(function (entry) { return entry.room === room.name })) return
      remove(room, chatError('ERR_ABORTED', 'The room was left.'))
    })
  }

  /** @param {string} topic @param {any} payload */
  function heard(topic, payload) {
    var found = message.read(topic, payload, uid)
    if (!found) return
    if (found.kind === 'notice') return noticed(found.notice)
    if (found.kind === 'message' && found.message.to) return heardDirect(found.message)
    var name = found.kind === 'end' ? found.room : found.kind === 'presence' ? found.presence.room : String(found.message.room)
    var room = rooms[name]
    if (!room) return
    if (found.kind === 'message' && !found.message.history) session.heard(found.message.time)
    if (found.kind === 'presence') {
      if (room.joined) env.emit('presence', found.presence)
    } else if (found.kind === 'end') history.end(name, found.more)
    else if (!history.offer(name, found.message)) show(room, room.timeline.take(found.message))
  }

  /** A private message that was sent again, as nobody knew of its arrival, has another id. @param {Message} one */
  function heardDirect(one) {
    var marks = [one.id]
    if (one.ref) marks.push(one.from.uid + ' ' + one.ref + ' ' + one.type + ' ' + (one.content || one.url || ''))
    if (marks.some(function (mark) { return direct.indexOf(mark) >= 0 })) return
    direct = direct.concat(marks).slice(-DIRECT_MAX)
    env.emit('message', one)
  }

  /** @param {import('./types').Notice} notice */
  function noticed(notice) {
    var level = (notice.topic || '').split('/')
    var room = level[0] === 'room' ? rooms[level[1]] : null
    var error = chatError(notice.error, notice.message, notice)
    env.emit('notice', notice)
    if (notice.error === 'ERR_INVALID_SESSION') {
      if (notice.reason !== 'banned') return connection.ended()
      told = true
      connection.halt(chatError('ERR_BANNED', notice.message))
    } else if (room && level[2] === 'history') {
      var wait = notice.error === 'ERR_RATE_LIMITED' ? Math.min(Math.max((notice.until || 0) - session.serverNow(), 250), 60000) * (1 + Math.random()) : 0
      history.refused(room.name, error, wait)
    } else if (room && room.asked && room.refusing && !notice.ref) refuse(room, error)
    // Also while something is on its way there: its own refusal would name it.
    else if (room && room.granted && notice.error === 'ERR_FORBIDDEN_TOPIC' && !notice.ref) shut(room, error)
    else outbox.refused(notice)
  }

  /** Sent out of a room, for good or for a time. @param {Room} room @param {ChatError} error */
  function shut(room, error) {
    var wait = (error.until || 0) - session.serverNow() + 1000
    room.ready = false
    outbox.failAll(function (entry) { return entry.room === room.name }, error)
    if (!error.until || !room.joined) return remove(room, error)
    room.asked = room.granted = false
    room.refusing = clock.setTimeout(function () {
      room.refusing = null
      if (connection.isOnline() && !room.asked) enter([room])
    }, Math.min(Math.max(wait, 1000), 0x7fffffff))
  }

  /** @param {ChatError} error */
  function halted(error) {
    if (!told) env.emit('notice', { error: error.code, message: error.message })
    told = false
    all().forEach(function (room) {
      if (room.waiters.length) remove(room, error)
    })
    outbox.failAll(function () { return true }, error)
  }

  function isUsed() {
    return Object.keys(rooms).length > 0 || outbox.waiting().length > 0
  }

  /** @param {string} name */
  function prepare(name) {
    var room = roomOf(name)
    connection.start()
    connection.hurry()
    if (connection.isOnline() && !room.asked) enter([room])
    return room
  }

  /** @param {string} [name] @returns {ChatError | null} */
  function fault(name) {
    if (closed) return chatError('ERR_CLOSED', 'The client is closed.')
    return name === undefined || isRoomName(name) ? null : chatError('ERR_FORBIDDEN_TOPIC', 'That is not the name of a room.')
  }

  /** @param {string} name @param {any} draft @returns {Promise<any>} */
  function say(name, draft) {
    var error = fault(name || '')
    if (error) return Promise.reject(error)
    var room = roomOf(name)
    var said = outbox.add({ room: name }, draft, room.timeline.last())
    prepare(name)
    tidy()
    return said
  }

  if (isUsed()) connection.start()

  /** @type {import('./types').Chat} */
  var chat = {
    get state() { return connection.state() },
    join: function (name) {
      var error = fault(name || '')
      if (error) return Promise.reject(error)
      var room = rooms[name]
      // So far it was there for what is to be said in it: enter it anew, to be greeted.
      if (room && !room.joined && room.asked) remove(room, chatError('ERR_ABORTED', 'Entered anew.'))
      room = roomOf(name)
      room.joined = true
      prepare(name)
      if (room.granted) return Promise.resolve()
      return new Promise(function (resolve, reject) {
        room.waiters.push({ resolve: resolve, reject: reject })
      })
    },
    leave: function (name) {
      var room = rooms[name]
      if (room) {
        room.joined = false
        room.waiters.splice(0).forEach(function (one) { one.reject(chatError('ERR_ABORTED', 'The room was left.')) })
        tidy()
      }
      return Promise.resolve()
    },
    rooms: function () {
      return all().filter(function (room) { return room.joined }).map(function (room) { return room.name })
    },
    say: say,
    tell: function (to, draft) {
      var error = fault()
      if (!/^[^/+#$\s]{1,64}$/.test(String(to))) error = chatError('ERR_FORBIDDEN_TOPIC', 'That is nobody\'s uid.')
      if (error) return Promise.reject(error)
      connection.start()
      connection.hurry()
      return outbox.add({ to: to }, draft, '')
    },
    recall: function (name, id) { return say(name, { type: 'recall', of: id }) },
    history: function (name, options) {
      var error = fault(name || '') || (rooms[name] ? null : chatError('ERR_FORBIDDEN_TOPIC', 'Join the room first.'))
      if (error) return Promise.reject(error)
      var room = rooms[name]
      var query = { before: (options && options.before) || room.timeline.first() || message.ID_MAX, limit: (options && options.limit) || 20 }
      connection.start()
      return history.ask(name, query).then(function (page) {
        return { messages: room.timeline.page(page.messages), more: page.more }
      })
    },
    outgoing: function () { return outbox.list() },
    retry: function (ref) {
      if (closed) return Promise.reject(fault())
      var made = outbox.retry(ref)
      outbox.waiting().forEach(function (entry) { if (entry.ref === ref && entry.room) prepare(entry.room) })
      connection.start()
      return made
    },
    forget: function (ref) { outbox.forget(ref) },
    on: env.on
  }

  return {
    face: chat,
    /** @param {boolean} [anew] the socket cannot be alive any more */
    wake: function (anew) {
      if (closed || !isUsed()) return
      connection.start()
      connection.wake(anew)
    },
    network: connection.network,
    /** @param {ChatError} error */
    banned: function (error) { connection.halt(error) },
    /** Says good-bye. @param {boolean} forget what was said too */
    stop: function (forget) {
      var error = chatError('ERR_CLOSED', forget ? 'Logged out.' : 'The client is closed.')
      connection.stop()
      outbox.close(error)
      if (forget) outbox.clear()
      all().forEach(function (room) { remove(room, error) })
      closed = closed || !forget
    }
  }
}

module.exports = createChat
