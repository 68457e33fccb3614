var chatError = require('./errors')

/** @typedef {import('./types').Outgoing} Outgoing */
/** @typedef {import('./types').ChatError} ChatError */
/**
 * after: the last id seen in the room when it was said, so that the history can tell whether it arrived.
 * unsure: it went out, and nobody knows what became of it.
 * @typedef {Outgoing & {after?: string, unsure?: boolean, tries: number}} Entry
 */

var MAX = 200
var BYTES_MAX = 8192
var STORED_MAX = 500000 // bytes of all: WeChat keeps 1 MB under one key, and no more
var ACK_TIMEOUT = 10000
var NOTICE_TIMEOUT = 1000
var TRIES = 4

/** @param {string} text */
function utf8Length(text) {
  try {
    return encodeURIComponent(text).replace(/%[0-9A-F]{2}/g, '.').length
  } catch (error) {
    return 3 * text.length // half a character
  }
}

/** What others see of it. @param {Entry} entry @returns {Outgoing} */
function shown(entry) {
  /** @type {any} */
  var out = { ref: entry.ref, draft: entry.draft, status: entry.status }
  if (entry.room) out.room = entry.room
  if (entry.to) out.to = entry.to
  if (entry.error) out.error = entry.error
  return out
}

/** @param {any} stored @returns {Entry[]} */
function restore(stored) {
  if (!Array.isArray(stored)) return []
  return stored.filter(function (e) {
    return e && typeof e.ref === 'string' && e.draft && typeof e.draft === 'object' &&
      (typeof e.room === 'string' || typeof e.to === 'string') && (e.status === 'sending' || e.status === 'failed')
  }).map(function (e) {
    if (e.error) e.error = chatError(String(e.error.code), String(e.error.message), e.error)
    e.unsure = e.status === 'sending'
    e.tries = 0
    return e
  })
}

/**
 * What was said and is not acknowledged yet. One goes out at a time, so the order holds whatever happens to one of them.
 * @param {import('./index').Env} env
 * @param {{
 *   canSend: (entry: Entry) => boolean,
 *   publish: (entry: Entry, done: (error: {code?: number} | null) => void) => void,
 *   lastIn: (room: string) => string,
 *   settled: () => void,
 *   stuck: () => void,
 *   serverNow: () => number
 * }} way
 */
function createOutbox(env, way) {
  var clock = env.clock
  var stored = env.store.get('.outbox') || {}
  /** @type {string} whose it is */
  var uid = typeof stored.uid === 'string' ? stored.uid : ''
  var entries = restore(stored.entries)
  /** @type {{[ref: string]: {resolve: (value: any) => void, reject: (error: Error) => void}[]}} */
  var promised = Object.create(null)
  /** @type {Entry | null} */
  var flying = null
  /** @type {any} */
  var timer = null
  /** @type {any} */
  var pauseTimer = null
  var counter = 0
  var run = Math.floor(Math.random() * 0x7fffffff).toString(36) + clock.now().toString(36)

  function save() {
    env.store.set('.outbox', entries.length ? {
      uid: uid,
      entries: entries.map(function (e) {
        /** @type {any} */
        var kept = shown(e)
        if (e.after) kept.after = e.after
        if (e.error) kept.error = { code: e.error.code, message: e.error.message, until: e.error.until }
        return kept
      })
    } : null)
  }

  /** @param {string | undefined} ref */
  function find(ref) {
    return entries.filter(function (e) { return e.ref === ref })[0] || null
  }

  /** @param {string} ref @returns {Promise<any>} */
  function promise(ref) {
    var made = new Promise(function (resolve, reject) {
      promised[ref] = (promised[ref] || []).concat({ resolve: resolve, reject: reject })
    })
    // Who listens to `outgoing` need not look at the promise.
    made.then(null, function () {})
    return made
  }

  /**
   * @param {Entry} entry
   * @param {(one: {resolve: (value: any) => void, reject: (error: Error) => void}) => void} how
   * @param {boolean} [silent]
   */
  function settle(entry, how, silent) {
    var all = promised[entry.ref] || []
    delete promised[entry.ref]
    land(entry)
    save()
    if (!silent) env.emit('outgoing', shown(entry))
    all.forEach(how)
    way.settled()
    pump()
  }

  /** @param {Entry} entry */
  function land(entry) {
    if (flying !== entry) return
    flying = null
    clock.clearTimeout(timer)
  }

  /** @param {Entry} entry @param {any} [message] */
  function sent(entry, message) {
    entries = entries.filter(function (e) { return e !== entry })
    entry.status = 'sent'
    settle(entry, function (one) { one.resolve(message || shown(entry)) })
  }

  /** @param {Entry} entry @param {ChatError} error */
  function fail(entry, error) {
    error.ref = entry.ref
    entry.status = 'failed'
    entry.unsure = false
    entry.error = error
    settle(entry, function (one) { one.reject(error) })
  }

  /** @param {number} ms */
  function pause(ms) {
    clock.clearTimeout(pauseTimer)
    pauseTimer = clock.setTimeout(function () {
      pauseTimer = null
      pump()
    }, ms)
  }

  function pump() {
    if (flying || pauseTimer) return
    var entry = entries.filter(function (e) { return e.status === 'sending' && way.canSend(e) })[0]
    if (!entry) return
    var mine = flying = entry
    mine.unsure = true
    mine.tries++
    if (mine.room && !mine.after) {
      mine.after = way.lastIn(mine.room) || '0'
      save()
    }
    timer = clock.setTimeout(function () {
      if (mine.tries >= TRIES) fail(mine, chatError('ERR_TIMEOUT', 'Nobody acknowledges it.'))
      else way.stuck()
    }, ACK_TIMEOUT)
    way.publish(mine, function (error) {
      if (flying !== mine) return
      if (!error) {
        if (mine.to) sent(mine)
        return
      }
      // The notice says why, unless there were too many of them.
      clock.clearTimeout(timer)
      timer = clock.setTimeout(function () {
        if (mine.tries >= TRIES) return fail(mine, chatError('ERR_FORBIDDEN_TOPIC', 'It was refused.'))
        mine.unsure = false
        land(mine)
        pause(NOTICE_TIMEOUT)
      }, NOTICE_TIMEOUT)
    })
  }

  return {
    /**
     * @param {{room?: string, to?: string}} target
     * @param {any} said
     * @param {string} after
     * @returns {Promise<any>}
     */
    add: function (target, said, after) {
      /** @type {any} */
      var draft
      var json = ''
      try {
        json = JSON.stringify(typeof said === 'string' ? { type: 'text', content: said } : said)
        draft = JSON.parse(json)
      } catch (error) { /* refused below */ }
      if (!draft || typeof draft !== 'object') return Promise.reject(chatError('ERR_BAD_MESSAGE', 'That cannot be said.'))
      draft.ref = typeof draft.ref === 'string' && draft.ref !== '' ? draft.ref : run + '-' + (++counter)
      if (utf8Length(json) > BYTES_MAX - 80) return Promise.reject(chatError('ERR_BAD_MESSAGE', 'That is too long.', draft))
      if (entries.length >= MAX || find(draft.ref) || utf8Length(JSON.stringify(entries)) > STORED_MAX) {
        return Promise.reject(chatError('ERR_BUSY', 'Too much is waiting to be sent.', draft))
      }
      /** @type {Entry} */
      var entry = { ref: draft.ref, draft: draft, status: 'sending', tries: 0 }
      if (target.room) entry.room = target.room
      if (target.to) entry.to = target.to
      if (after) entry.after = after
      entries.push(entry)
      save()
      env.emit('outgoing', shown(entry))
      var made = promise(entry.ref)
      pump()
      return made
    },
    pump: pump,
    /** The room is entered, and what had arrived has been seen: what is left did not. @param {string} room */
    roomKnown: function (room) {
      entries.forEach(function (e) { if (e.room === room && e !== flying) e.unsure = false })
      pump()
    },
    /** Said by this user: perhaps one of these. @param {import('./types').Message} message */
    arrived: function (message) {
      var entry = message.mine && find(message.ref)
      if (entry && entry.room === message.room && entry.status === 'sending') sent(entry, message)
    },
    /** @param {import('./types').Notice} notice @returns {boolean} */
    refused: function (notice) {
      var entry = find(notice.ref)
      if (!notice.ref && flying && notice.topic === (flying.to ? 'user/' + flying.to : 'room/' + flying.room)) entry = flying
      if (!entry || entry.status !== 'sending') return false
      if (notice.error === 'ERR_RATE_LIMITED') {
        entry.unsure = false
        entry.tries--
        land(entry)
        pause(Math.min(Math.max((notice.until || 0) - way.serverNow(), 250), 60000))
      } else {
        fail(entry, chatError(notice.error, notice.message, notice))
      }
      return true
    },
    /** The connection is lost. */
    down: function () {
      if (flying) land(flying)
    },
    /** Where something has to be sent, or looked for. @returns {Entry[]} */
    waiting: function () {
      return entries.filter(function (e) { return e.status === 'sending' })
    },
    list: function () { return entries.map(shown) },
    /** @param {string} ref @returns {Promise<any>} */
    retry: function (ref) {
      var entry = find(ref)
      if (!entry) return Promise.reject(chatError('ERR_NOT_FOUND', 'There is no such message.'))
      if (entry.status === 'failed') {
        entry.status = 'sending'
        entry.tries = 0
        delete entry.error
        entries = entries.filter(function (e) { return e !== entry }).concat(entry)
        save()
        env.emit('outgoing', shown(entry))
      }
      var made = promise(ref)
      pump()
      return made
    },
    /** @param {string} ref */
    forget: function (ref) {
      var entry = find(ref)
      if (!entry) return
      entries = entries.filter(function (e) { return e !== entry })
      settle(entry, function (one) { one.reject(chatError('ERR_ABORTED', 'Forgotten.')) }, true)
    },
    /** @param {(entry: Entry) => boolean} which @param {ChatError} error */
    failAll: function (which, error) {
      entries.filter(function (e) { return e.status === 'sending' && which(e) }).forEach(function (e) {
        fail(e, chatError(error.code, error.message, error))
      })
    },
    /** Another user must not say what the one before wanted to. @param {string} now */
    owner: function (now) {
      var gone = uid && uid !== now ? entries : []
      uid = now
      if (gone.length) entries = []
      gone.forEach(function (e) { if (e.status === 'sending') fail(e, chatError('ERR_CLOSED', 'Somebody else has logged in.')) })
      save()
    },
    /** @param {ChatError} error */
    close: function (error) {
      var all = promised
      promised = Object.create(null)
      clock.clearTimeout(timer)
      clock.clearTimeout(pauseTimer)
      flying = null
      pauseTimer = null
      Object.keys(all).forEach(function (ref) { all[ref].forEach(function (one) { one.reject(error) }) })
    },
    clear: function () {
      entries = []
      uid = ''
      save()
    }
  }
}

module.exports = createOutbox
module.exports.utf8Length = utf8Length
