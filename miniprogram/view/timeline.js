/**
 * What one room's page shows, in order: fed with messages and with what is being sent, it gives a window of rows.
 *
 * All that is known stands in one sorted list; the page sees at most a window of it. While the reader follows the
 * conversation the window stays at the end; who scrolls up holds it where they are.
 */

var compareIds = require('./ids').compare
var place = require('./order').place
var when = require('./when')
var makeRow = require('./row')

/**
 * @typedef {import('./row').Row} Row
 * @typedef {import('../lib/types').Message} Message
 * @typedef {import('../lib/types').Outgoing} Outgoing
 */

/**
 * What is being sent: the library's outgoing entry, or one of the page's own before that, while a file is uploaded.
 * @typedef {object} Sending
 * @property {string} ref
 * @property {any} draft
 * @property {'uploading' | 'sending' | 'sent' | 'failed'} status
 * @property {string} [preview] a file of the phone's own
 * @property {number} [progress]
 * @property {string} [why] in words
 */

/**
 * @typedef {object} Item
 * @property {string} key
 * @property {string} id '' until the server has it
 * @property {string} ref '' of others' messages
 * @property {number} time
 * @property {string} after where it stands: its id; of a failed one, the last id before it failed
 * @property {number} turn the order among those without an id
 * @property {boolean} last on its way: stands below everything
 * @property {any} body
 * @property {any} person
 * @property {boolean} mine
 * @property {string} preview
 * @property {string} status
 * @property {number} progress
 * @property {string} why
 * @property {boolean} whole unfolded
 * @property {string} recalled the line that stands in its place
 * @property {Row | null} row as it was built last
 */

/**
 * @typedef {object} Options
 * @property {string} mediaUrl
 * @property {() => number} [now]
 * @property {() => import('../lib/types').From | null} [me] who is seen beside what is on its way
 * @property {number} [window] rows that are shown, about
 * @property {number} [keep] messages that are remembered
 */

var GAP_MS = 5 * 60 * 1000

/** Marks that may be part of an element's id. */
var SAFE = /^[A-Za-z0-9_-]{1,64}$/

/** @param {Options} options */
function createTimeline(options) {
  var now = options.now || Date.now
  var span = options.window || 80
  var slack = Math.ceil(span / 2)
  var keep = options.keep || 2000
  var mediaUrl = options.mediaUrl

  /** @type {Item[]} */
  var items = []
  /** @type {{[id: string]: Item}} */
  var byId = Object.create(null)
  /** @type {{[ref: string]: Item}} */
  var byRef = Object.create(null)
  /** Ids that were recalled before they came. @type {{[id: string]: boolean}} */
  var gone = Object.create(null)
  /** The first item that is shown. @type {Item | null} */
  var first = null
  var following = true
  var turn = 0
  var newest = ''
  var oldest = ''
  var seen = ''
  var fresh = 0
  /** Lines that are drawn above the first message after an id. @type {Array<{key: string, kind: string, text: string, after: string}>} */
  var lines = []

  /** @param {Item} item */
  function insert(item) {
    items.splice(place(items, item), 0, item)
  }

  /** @param {Item} item */
  function take(item) {
    var at = place(items, item)
    if (items[at] !== item) return
    items.splice(at, 1)
    if (first === item) first = items[at] || items[at - 1] || null
  }

  /** @param {any} fields @returns {Item} */
  function makeItem(fields) {
    var item = { key: '', id: '', ref: '', time: 0, after: '', turn: 0, last: false, body: null, person: null }
    var rest = { mine: false, preview: '', status: '', progress: 0, why: '', whole: false, recalled: '', row: null }
    return Object.assign(item, rest, fields)
  }

  /** @param {Message} message */
  function putOne(message) {
    if (!oldest || compareIds(message.id, oldest) < 0) oldest = message.id
    if (compareIds(message.id, newest) > 0) newest = message.id
    if (message.type === 'recall') return recall(message)
    if (byId[message.id] || gone[message.id]) return
    var own = message.mine && typeof message.ref === 'string' ? byRef[message.ref] : undefined
    // Another device of the same person may use the same mark.
    if (own && own.id) own = undefined
    var body = makeRow.body(/** @type {any} */ (message), own ? own.preview : '', mediaUrl)
    if (!body) return
    if (own) take(own)
    var ref = message.mine && typeof message.ref === 'string' ? message.ref : ''
    var item = own || makeItem({ key: SAFE.test(ref) && !byRef[ref] ? 'r' + ref : 'm' + message.id })
    item.id = item.after = message.id
    item.turn = 0
    item.last = false
    item.time = message.time
    item.mine = message.mine
    item.body = body
    item.person = makeRow.person(message.from, mediaUrl)
    item.status = item.why = ''
    item.row = null
    byId[item.id] = item
    if (ref && !byRef[ref]) byRef[ref] = item
    item.ref = ref
    insert(item)
    if (!message.mine && compareIds(message.id, seen) > 0) {
      if (following) seen = message.id
      else fresh++
    }
  }

  /** @param {Message} message */
  function recall(message) {
    if (typeof message.of !== 'string') return
    var item = byId[message.of]
    gone[message.of] = true
    if (!item || item.recalled) return
    var by = item.person.uid === message.from.uid
    var who = item.mine ? '你' : '“' + item.person.name + '”'
    item.recalled = by ? who + '撤回了一条消息' : '管理员撤回了' + who + '的一条消息'
    item.row = null
  }

  /**
   * One message or many, in any order, from events and from the history alike.
   * @param {Message | Message[]} messages
   */
  function put(messages) {
    if (Array.isArray(messages)) messages.forEach(putOne)
    else putOne(messages)
    trim()
  }

  /** While the reader looks at the end, what is long past leaves; who scrolls up asks the history for it again. */
  function trim() {
    if (!following || items.length <= keep + slack) return
    items.splice(0, items.length - keep).forEach(function (item) {
      if (item.id) delete byId[item.id]
      if (item.ref && byRef[item.ref] === item) delete byRef[item.ref]
      if (first === item) first = null
    })
    for (var i = 0; i < items.length; i++) {
      if (!items[i].id) continue
      oldest = items[i].id
      break
    }
  }

  /** @param {Sending | Outgoing} entry */
  function outgoing(entry) {
    var sending = /** @type {Sending} */ (entry)
    var item = byRef[sending.ref]
    if (item && item.id) return
    var preview = sending.preview || (item ? item.preview : '')
    var body = makeRow.body(sending.draft, preview, mediaUrl)
    if (!body) return
    if (item) take(item)
    else item = makeItem({ key: 'r' + sending.ref, ref: sending.ref, time: now(), mine: true, turn: ++turn })
    item.last = sending.status !== 'failed'
    // It stays where it failed while the conversation goes on below.
    if (item.status !== 'failed') item.after = newest
    var me = options.me && options.me()
    if (me) item.person = makeRow.person(me, mediaUrl)
    item.body = body
    item.preview = preview
    item.status = sending.status === 'sent' ? '' : sending.status
    item.progress = sending.progress || 0
    item.why = sending.why || ''
    item.row = null
    byRef[sending.ref] = item
    insert(item)
  }

  /** Takes an unsent one away. @param {string} ref */
  function forget(ref) {
    var item = byRef[ref]
    if (!item || item.id) return
    take(item)
    delete byRef[ref]
  }

  /** @param {string} key of a row whose text is folded */
  function unfold(key) {
    for (var i = 0; i < items.length; i++) {
      if (items[i].key !== key) continue
      items[i].whole = true
      items[i].row = null
    }
  }

  /** @param {Item} item @returns {Row} */
  function rowOf(item) {
    if (item.row) return item.row
    /** @type {any} */
    var row = { key: item.key, kind: 'message', mine: item.mine, time: item.time }
    if (item.id) row.id = item.id
    if (item.ref) row.ref = item.ref
    if (item.recalled) {
      row.kind = 'recalled'
      row.text = item.recalled
      row.again = item.mine && item.body.text && !item.body.src ? item.body.text : ''
    } else {
      Object.assign(row, item.person, item.body)
      Object.assign(row, makeRow.folded(row, item.whole))
      row.status = item.status
      row.progress = item.progress
      row.why = item.why
    }
    item.row = row
    return row
  }

  /** Where the window begins; moves it when it has to move. */
  function begin() {
    var start = first ? place(items, first) : Math.max(0, items.length - span)
    var shown = items.length - start
    if (following && shown > span + slack) start = items.length - span
    // Older ones came in above, and there is room for them.
    if (shown < span) start = Math.max(0, items.length - span)
    first = items[start] || null
    return start
  }

  /**
   * @param {string} id
   * @param {Item | null} above
   * @param {Item} below
   */
  function isBetween(id, above, below) {
    return Boolean(below.id) && compareIds(below.id, id) > 0 && !(above && compareIds(above.after, id) > 0)
  }

  /** @param {any} line @returns {Row} */
  function lineRow(line) {
    return { key: line.key, kind: line.kind, text: line.text }
  }

  /**
   * @param {'unread' | 'gap'} kind
   * @param {string} text
   * @param {string} after '': no such line
   */
  function draw(kind, text, after) {
    lines = lines.filter(function (line) {
      return line.kind !== kind
    })
    if (after) lines.push({ key: kind, kind: kind, text: text, after: after })
  }

  /** The rows to show now. @returns {Row[]} */
  function rows() {
    var start = begin()
    var end = Math.min(items.length, start + span + slack)
    var at = now()
    /** @type {Row[]} */
    var out = []
    var last = start ? items[start - 1] : null
    for (var i = start; i < end; i++) {
      var item = items[i]
      for (var l = 0; l < lines.length; l++) if (isBetween(lines[l].after, last, item)) out.push(lineRow(lines[l]))
      if (!last || item.time - last.time > GAP_MS)
        out.push({ key: 't' + item.key, kind: 'time', text: when.moment(item.time, at) })
      out.push(rowOf(item))
      last = item
    }
    return out
  }

  /**
   * Moves the window up. @param {number} [step]
   * @returns {boolean} false: nothing is above, ask the history before oldest()
   */
  function older(step) {
    var start = begin()
    if (!start) return false
    following = false
    first = items[Math.max(0, start - (step || slack))]
    return true
  }

  /** Moves the window down. @param {number} [step] @returns {boolean} false: it ends with the last message */
  function newer(step) {
    var start = begin()
    if (start + span + slack >= items.length) return false
    first = items[Math.min(items.length - span, start + (step || slack))]
    return true
  }

  /**
   * The reader looks at the end (and what comes is read at once), or not.
   * @param {boolean} on
   */
  function follow(on) {
    if (on) {
      fresh = 0
      seen = newest
    }
    following = on
  }

  /** To the end, from wherever the window is. */
  function latest() {
    follow(true)
    first = null
    trim()
  }

  return {
    put: put,
    outgoing: outgoing,
    forget: forget,
    unfold: unfold,
    rows: rows,
    older: older,
    newer: newer,
    follow: follow,
    latest: latest,
    /** @param {string} id read up to here; '': no line. It is drawn above the first message after it. */
    divide: function (id) {
      draw('unread', '以下是新消息', id)
    },
    /** @param {string} id after it some are missing that nobody has any more. */
    missing: function (id) {
      draw('gap', '有一段消息没有收到', id)
    },
    /** @param {string} key @returns {Row | null} */
    find: function (key) {
      for (var i = items.length - 1; i >= 0; i--) if (items[i].key === key) return rowOf(items[i])
      return null
    },
    /** What was written, whole also while it is folded. @param {string} key @returns {string} */
    text: function (key) {
      for (var i = items.length - 1; i >= 0; i--) if (items[i].key === key) return items[i].body.text || ''
      return ''
    },
    /** All that is known, not the window alone: for the pictures to leaf through. @returns {Row[]} */
    all: function () {
      return items.map(rowOf)
    },
    /** Whether the window ends with the last message. */
    atEnd: function () {
      return begin() + span + slack >= items.length
    },
    following: function () {
      return following
    },
    /** What came from others while the reader was elsewhere. */
    fresh: function () {
      return fresh
    },
    /** The ids between which the history is asked for more; '' when there are none. */
    oldest: function () {
      return oldest
    },
    newest: function () {
      return newest
    },
    size: function () {
      return items.length
    }
  }
}

module.exports = { createTimeline: createTimeline, GAP_MS: GAP_MS }
