// The gate: everything that comes from the broker is read here, and nothing else than what is described in types.d.ts
// goes past. Pure; never throws.

/** @typedef {import('./types').Message} Message */

var TEXT_MAX = 8192
var ID_MAX = '9223372036854775807'

/** @param {any} v @returns {v is string} */
function isId(v) {
  return typeof v === 'string' && /^[1-9]\d{0,18}$/.test(v) && (v.length < 19 || v <= ID_MAX)
}

/** Of two ids the one that is older: below 0; in the order of Array.sort. @param {string} a @param {string} b */
function compareIds(a, b) {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
}

/** @param {number} max @param {number} [min] */
function text(max, min) {
  return function (/** @type {any} */ v) {
    return typeof v === 'string' && v.length >= (min || 0) && v.length <= max
  }
}

/** @param {any} v */
function isAmount(v) {
  return typeof v === 'number' && isFinite(v) && v >= 0
}

/** @param {any} v @returns {boolean} */
function isObject(v) {
  return !!v && typeof v === 'object' && !Array.isArray(v)
}

/** @param {any} v */
function isUrl(v) {
  return typeof v === 'string' && v.length <= 2048 && /^https?:\/\/[^\s"'<>\\]+$/i.test(v)
}

/** @type {{[type: string]: string[]}} what a message of this type must have, and may have */
var TYPES = {
  text: ['content'],
  image: ['url', 'width?', 'height?'],
  voice: ['url', 'duration?'],
  video: ['url', 'width?', 'height?', 'duration?'],
  file: ['url', 'name?', 'size?'],
  custom: ['data'],
  recall: ['of']
}
var EVERY = ['ref?', 'replyTo?', 'ext?']

/** @type {{[member: string]: (v: any) => boolean}} */
var FITS = {
  content: text(TEXT_MAX),
  url: isUrl,
  width: isAmount,
  height: isAmount,
  duration: isAmount,
  size: isAmount,
  name: text(255, 1),
  data: isObject,
  of: isId,
  ref: text(64, 1),
  replyTo: isId,
  ext: isObject
}

/** @param {any} payload @returns {any} an object, or null */
function parse(payload) {
  try {
    var found = JSON.parse(String(payload))
    return isObject(found) ? found : null
  } catch (error) {
    return null
  }
}

/** @param {any} from @returns {import('./types').From | null} */
function readFrom(from) {
  if (!isObject(from) || !text(64, 1)(from.uid)) return null
  /** @type {import('./types').From} */
  var found = { uid: from.uid }
  if (text(64, 1)(from.nickName)) found.nickName = from.nickName
  if (isUrl(from.avatarUrl)) found.avatarUrl = from.avatarUrl
  return found
}

/**
 * @param {any} m2
 * @param {string} uid of the session
 * @returns {Message | null}
 */
function readMessage(m2, uid) {
  var from = readFrom(m2.from)
  var members = typeof m2.type === 'string' && Object.prototype.hasOwnProperty.call(TYPES, m2.type) ? TYPES[m2.type].concat(EVERY) : null
  if (!from || !members || !isId(m2.id) || !isAmount(m2.time) || m2.time > 8.64e15) return null
  if (m2.type === 'text' && typeof m2.content === 'string' && m2.content.length > TEXT_MAX) {
    m2.content = m2.content.slice(0, TEXT_MAX)
  }
  /** @type {any} */
  var found = { id: m2.id, time: m2.time, from: from, type: m2.type, mine: from.uid === uid }
  var whole = members.every(function (member) {
    var name = member.replace('?', '')
    var fits = FITS[name](m2[name])
    if (fits) found[name] = m2[name]
    return fits || name !== member
  })
  if (m2.history === true) found.history = true
  return whole ? found : null
}

/** @param {any} n @returns {import('./types').Notice | null} */
function readNotice(n) {
  if (!text(64, 1)(n.error)) return null
  /** @type {any} */
  var found = { error: n.error, message: text(1024)(n.message) ? n.message : n.error }
  ;['reason', 'topic', 'ref'].forEach(function (name) {
    if (text(512, 1)(n[name])) found[name] = n[name]
  })
  if (isAmount(n.until)) found.until = n.until
  return found
}

/**
 * @typedef {{kind: 'message', message: Message} | {kind: 'end', room: string, more: boolean} | {kind: 'notice', notice:
 *   import('./types').Notice} | {kind: 'presence', presence: {room: string, num: number, time: number}}} Heard
 */

/**
 * @param {string} topic
 * @param {any} payload
 * @param {string} uid of the session
 * @returns {Heard | null} null: not for us, or not as it should be
 */
function read(topic, payload, uid) {
  var level = String(topic).split('/')
  var body = parse(payload)
  if (!body || level.length < 2 || level.length > 3) return null
  if (level[0] === 'user') {
    if (level[1] !== uid) return null
    if (level[2] === 'notice') {
      var notice = readNotice(body)
      return notice && { kind: 'notice', notice: notice }
    }
    if (level.length === 3) return null
    var direct = readMessage(body, uid)
    if (!direct || direct.type === 'recall') return null
    direct.to = uid
    return { kind: 'message', message: direct }
  }
  if (level[0] !== 'room') return null
  var room = level[1]
  if (level[2] === 'online') {
    if (body.type !== 'system' || !isAmount(body.num)) return null
    return { kind: 'presence', presence: { room: room, num: Math.floor(body.num), time: isAmount(body.time) ? body.time : 0 } }
  }
  if (level.length === 3) return null
  if (body.type === 'system') return body.history === 'end' ? { kind: 'end', room: room, more: body.more === true } : null
  var message = readMessage(body, uid)
  if (message) message.room = room
  return message && { kind: 'message', message: message }
}

module.exports = { read: read, compareIds: compareIds, isId: isId, ID_MAX: ID_MAX }
