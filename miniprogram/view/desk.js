/**
 * All rooms at once: hears what the library tells and keeps, for each room, its timeline, what is unread, how many are
 * there and what stands in the way of speaking. Pages only look at it.
 */

var compareIds = require('./ids').compare
var summary = require('./summary')
var words = require('./words')
var createTimeline = require('./timeline').createTimeline

/**
 * @typedef {object} Room
 * @property {string} name as the broker knows it
 * @property {string} title
 * @property {string} group the openGId of a WeChat group's room, else ''
 * @property {boolean} fixed from the configuration: cannot be left
 * @property {number} num people online
 * @property {number} unread
 * @property {string} read the last id that the reader has seen
 * @property {{text: string, time: number}} last
 * @property {ReturnType<typeof createTimeline>} timeline
 * @property {{code: string, until: number, told: number} | null} hold why the reader may not speak now, until when, and
 * until when that is told
 * @property {string} refusal why the room cannot be entered, in words
 * @property {string} top the id before which the history has nothing; '' when that is not known
 * @property {boolean} met whether it has been entered since the start
 * @property {boolean} greeted entered for the first time of all: what was said before is told now, and is not unread
 * @property {string} counted up to which unread ones are counted
 * @property {string} lost the newest id when the connection was lost
 */

/**
 * @typedef {object} Options
 * @property {import('../lib/types').Client} client
 * @property {string} mediaUrl
 * @property {Array<{name: string, title?: string}>} rooms
 * @property {{get: () => any, set: (kept: any) => void}} store what is remembered: rooms that were added, and what is read
 */

/** As long as it takes to read why something waits. Rates of the broker hold for a blink, and clocks differ by more. */
var READING_MS = 3000

/** As section 4 of the protocol has it: 1..64 bytes, no level of its own, no wildcard, no control character. */
// eslint-disable-next-line no-control-regex
var ROOM = /^[^/+#$\u0000-\u001f\u007f-\u009f]+$/

/**
 * @param {string} name
 * @returns {'' | 'ERR_ROOM_NAME' | 'ERR_ROOM_LENGTH'} why the broker takes no such room
 */
function roomFault(name) {
  if (!ROOM.test(name)) return 'ERR_ROOM_NAME'
  try {
    return encodeURIComponent(name).replace(/%../g, 'x').length <= 64 ? '' : 'ERR_ROOM_LENGTH'
  } catch (halfACharacter) {
    return 'ERR_ROOM_NAME'
  }
}

/** @param {string} name */
function isRoom(name) {
  return !roomFault(name)
}

/**
 * @param {unknown} topic
 * @returns {string} '' when it is no room's
 */
function roomOf(topic) {
  var parts = typeof topic === 'string' ? topic.split('/') : []
  return parts[0] === 'room' ? parts[1] || '' : ''
}

/**
 * @param {import('../lib/types').Notice} notice
 * @param {string} room
 * @returns {boolean} whether nothing more comes out of this room, or of any
 */
function isFinal(notice, room) {
  if (notice.error === 'ERR_FORBIDDEN_TOPIC') return Boolean(room)
  if (notice.error === 'ERR_BANNED' || notice.error === 'ERR_USER_BLOCKED') return true
  return notice.error === 'ERR_INVALID_SESSION' && notice.reason === 'banned'
}

/** @param {Options} options */
function createDesk(options) {
  var chat = options.client.chat
  /** @type {Room[]} */
  var rooms = []
  /** @type {Array<(room: string) => void>} */
  var watchers = []
  var open = ''
  var state = chat.state
  /** The server's: the phone's clock may be wrong. */
  var now = options.client.now

  /** @returns {import('../lib/types').From | null} */
  function me() {
    var session = options.client.current()
    return session && Object.assign({ uid: session.uid }, session.userInfo)
  }

  /** @param {string} name */
  function tell(name) {
    watchers.slice().forEach(function (watcher) {
      watcher(name)
    })
  }

  /** @param {string | undefined} name @returns {Room | null} */
  function find(name) {
    for (var i = 0; i < rooms.length; i++) if (rooms[i].name === name) return rooms[i]
    return null
  }

  /** @returns {{read: any, added: any[]}} */
  function kept() {
    var value = options.store.get()
    var sound = value && typeof value === 'object'
    return {
      read: sound && value.read && typeof value.read === 'object' ? value.read : {},
      added: sound && Array.isArray(value.added) ? value.added : []
    }
  }

  function keep() {
    /** @type {{[room: string]: string}} */
    var read = {}
    /** @type {any[]} */
    var added = []
    rooms.forEach(function (room) {
      if (room.read) read[room.name] = room.read
      if (!room.fixed) added.push({ name: room.name, title: room.title })
    })
    options.store.set({ read: read, added: added })
  }

  /**
   * @param {{name: string, title?: string}} wanted
   * @param {boolean} fixed
   * @param {any} read
   */
  function place(wanted, fixed, read) {
    if (typeof wanted.name !== 'string' || !isRoom(wanted.name) || find(wanted.name)) return
    var known = Object.prototype.hasOwnProperty.call(read, wanted.name) ? read[wanted.name] : ''
    var upTo = typeof known === 'string' && /^\d{1,19}$/.test(known) ? known : ''
    var group = wanted.name.charAt(0) === '@' ? wanted.name.slice(1) : ''
    rooms.push({
      name: wanted.name,
      title: typeof wanted.title === 'string' && wanted.title ? wanted.title : group ? '微信群' : wanted.name,
      group: group,
      fixed: fixed,
      num: 0,
      unread: 0,
      read: upTo,
      last: { text: '', time: 0 },
      timeline: createTimeline({ mediaUrl: options.mediaUrl, now: now, me: me }),
      hold: null,
      refusal: '',
      top: '',
      met: false,
      greeted: false,
      counted: upTo,
      lost: ''
    })
  }

  /** @param {Room} room */
  function enter(room) {
    return chat.join(room.name).then(
      function () {
        room.refusal = ''
        tell(room.name)
      },
      function (err) {
        room.refusal = words.entry(err, now(), Boolean(room.group))
        tell(room.name)
        throw err
      }
    )
  }

  function enterAll() {
    rooms.forEach(function (room) {
      enter(room).catch(function () {
        // Told in room.refusal.
      })
    })
  }

  /** @param {Room} room */
  function markRead(room) {
    room.unread = 0
    // '0' is before every id: it was looked at, and there was nothing.
    room.counted = room.timeline.newest() || room.counted || '0'
    if (room.read === room.counted) return
    room.read = room.counted
    keep()
  }

  var events = {
    /** @param {import('../lib/types').Message} message */
    message: function (message) {
      var room = find(message.room)
      if (!room) return
      var isNew = compareIds(message.id, room.timeline.newest()) > 0
      room.timeline.put(message)
      var line = isNew ? summary.line(message) : ''
      if (line) room.last = { text: line, time: message.time }
      // Who is heard is not muted.
      if (message.mine && !message.history && room.hold && room.hold.code === 'ERR_MUTED') room.hold = null
      if (message.history && room.greeted && !room.unread) markRead(room)
      else if (!message.mine && line && message.type !== 'recall' && compareIds(message.id, room.counted) > 0) {
        room.unread++
        room.counted = message.id
      }
      if (open === room.name && room.timeline.following()) markRead(room)
      tell(room.name)
    },
    /** @param {{room: string, num: number, time: number}} presence */
    presence: function (presence) {
      var room = find(presence.room)
      if (!room) return
      room.num = presence.num
      tell(room.name)
    },
    /** @param {import('../lib/types').Notice} notice */
    notice: function (notice) {
      var topic = roomOf(notice.topic)
      rooms.forEach(function (room) {
        if (topic && room.name !== topic) return
        if (isFinal(notice, topic)) room.refusal = words.entry(notice, now(), Boolean(room.group))
        if (notice.error !== 'ERR_MUTED' && notice.error !== 'ERR_RATE_LIMITED') return
        var until = typeof notice.until === 'number' ? notice.until : now() + 1000
        var told = notice.error === 'ERR_RATE_LIMITED' ? Math.max(until, now() + READING_MS) : until
        room.hold = { code: notice.error, until: until, told: told }
      })
      tell(topic)
    },
    /** @param {import('../lib/types').State} next */
    state: function (next) {
      if (state === 'online')
        rooms.forEach(function (room) {
          room.lost = room.timeline.newest()
          room.greeted = false
        })
      state = next
      tell('')
    },
    /** @param {{room: string, gap: boolean}} joined */
    joined: function (joined) {
      var room = find(joined.room)
      if (!room) return
      room.refusal = ''
      if (joined.gap && room.lost) room.timeline.missing(room.lost)
      // Who comes for the first time has nothing unread; the last messages come right after.
      if (!room.met && !room.read) {
        room.greeted = true
        markRead(room)
      }
      room.met = true
      tell(room.name)
    },
    /** @param {import('../lib/types').Outgoing} entry */
    outgoing: function (entry) {
      var room = find(entry.room)
      if (!room) return
      var why = entry.error ? words.error(entry.error, now()) : ''
      room.timeline.outgoing(Object.assign({}, entry, { why: why }))
      tell(room.name)
    }
  }

  function start() {
    var remembered = kept()
    options.rooms.forEach(function (room) {
      place(room, true, remembered.read)
    })
    remembered.added.forEach(function (room) {
      if (room && typeof room === 'object') place(room, false, remembered.read)
    })
    var offs = [
      chat.on('message', events.message),
      chat.on('presence', events.presence),
      chat.on('notice', events.notice),
      chat.on('state', events.state),
      chat.on('joined', events.joined),
      chat.on('outgoing', events.outgoing)
    ]
    chat.outgoing().forEach(events.outgoing)
    enterAll()
    return function stop() {
      offs.forEach(function (off) {
        off()
      })
    }
  }

  return {
    start: start,
    now: now,
    /** Something was changed beside the library: pages look again. */
    changed: tell,
    rooms: function () {
      return rooms
    },
    find: find,
    state: function () {
      return state
    },
    /** @param {(room: string) => void} watcher '' when it concerns all @returns {() => void} */
    watch: function (watcher) {
      watchers.push(watcher)
      return function () {
        watchers = watchers.filter(function (other) {
          return other !== watcher
        })
      }
    },
    /**
     * Takes a room into the list and enters it. @param {string} name @param {string} [title]
     * @returns {Promise<void>} rejected when it may not be entered; it stands in the list nevertheless
     */
    add: function (name, title) {
      var refused = /** @type {any} */ (new Error('no such room'))
      refused.code = roomFault(name)
      if (refused.code) return Promise.reject(refused)
      place({ name: name, title: title }, false, kept().read)
      keep()
      tell(name)
      return enter(/** @type {Room} */ (find(name)))
    },
    /** @param {string} name */
    remove: function (name) {
      var room = find(name)
      if (!room || room.fixed) return Promise.resolve()
      rooms.splice(rooms.indexOf(room), 1)
      keep()
      tell(name)
      return chat.leave(name)
    },
    /** The reader looks at this room: what is unread gets a line above it. @param {string} name */
    open: function (name) {
      var room = find(name)
      if (!room) return
      open = name
      // A ban may be over, a grant be back.
      if (room.refusal) enter(room).catch(function () {})
      // Who was reading further up goes on there.
      if (!room.timeline.following()) return
      room.timeline.divide(room.unread ? room.read : '')
      markRead(room)
      tell(name)
    },
    /** The reader has come to the end of it. @param {string} name */
    read: function (name) {
      var room = find(name)
      if (room && open === name) markRead(room)
    },
    /** The reader looks elsewhere. @param {string} name */
    shut: function (name) {
      if (open === name) open = ''
    },
    /**
     * One page of the history above. @param {string} name
     * @returns {Promise<boolean>} whether anything came
     */
    older: function (name) {
      var room = find(name)
      var before = room ? room.timeline.oldest() : ''
      if (!room || (before && before === room.top)) return Promise.resolve(false)
      var known = room
      return chat.history(name, before ? { before: before, limit: 40 } : { limit: 40 }).then(function (page) {
        known.timeline.put(page.messages)
        if (!page.more || !page.messages.length) known.top = known.timeline.oldest()
        return page.messages.length > 0
      })
    },
    /**
     * Why the reader may not speak now. @param {string} name
     * @returns {{text: string, left: number, wait: number, brief: boolean}} text '' when nothing is in the way; left: ms
     * for which it is told; wait: ms until one may speak; brief: one may write on meanwhile
     */
    hold: function (name) {
      var room = find(name)
      var hold = room && room.hold
      if (room && room.refusal) return { text: room.refusal, left: 0, wait: 0, brief: false }
      if (!room || !hold || hold.told <= now()) return { text: '', left: 0, wait: 0, brief: false }
      return {
        text: words.error(hold, now()),
        left: hold.told - now(),
        wait: Math.max(hold.until - now(), 0),
        brief: hold.code === 'ERR_RATE_LIMITED'
      }
    }
  }
}

module.exports = { createDesk: createDesk, isRoom: isRoom, roomFault: roomFault }
