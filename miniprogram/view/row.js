/** One message as a row to show. Whatever is not as it should be gives no row: it is ignored, never half shown. */

var face = require('./face')
var fold = require('./fold').fold
var media = require('./media')
var size = require('./size')

/**
 * @typedef {object} Row
 * @property {string} key the same from the first moment of sending to the end
 * @property {string} kind message, recalled, time, unread, gap
 * @property {string} [text] what is said; of the other kinds, the whole line
 * @property {string} [type] text, image, voice, video, file
 * @property {string} [id] absent until the server has it
 * @property {string} [ref] of one's own
 * @property {boolean} [mine]
 * @property {number} [time]
 * @property {string} [uid]
 * @property {string} [name]
 * @property {string} [avatar] '' when there is none to load
 * @property {string} [initial]
 * @property {string} [colour]
 * @property {boolean} [folded] `text` is the beginning only
 * @property {string} [url] of the media
 * @property {string} [src] what to load now: a file of the phone's own while it is sent
 * @property {number} [width]
 * @property {number} [height]
 * @property {number} [seconds]
 * @property {number} [stretch] of a voice bubble, 0..100
 * @property {string} [size]
 * @property {'' | 'uploading' | 'sending' | 'failed'} [status]
 * @property {number} [progress] 0..100 while uploading
 * @property {string} [why] why it failed, in words
 * @property {string} [again] own recalled text, to be edited again
 */

/**
 * @typedef {object} Said what a message and a draft have in common
 * @property {string} type
 * @property {unknown} [content]
 * @property {unknown} [url]
 * @property {unknown} [width]
 * @property {unknown} [height]
 * @property {unknown} [duration]
 * @property {unknown} [name]
 * @property {unknown} [size]
 */

/**
 * The part of a row that its type decides; null: not to be shown.
 * @type {{[type: string]: (said: Said, local: string, mediaUrl: string) => {[name: string]: any} | null}}
 */
var bodies = {
  text: function (said) {
    return typeof said.content === 'string' && said.content ? { text: said.content } : null
  },
  image: function (said, local, mediaUrl) {
    var shown = size.picture(said.width, said.height)
    return withMedia(said, local, mediaUrl, { width: shown.width, height: shown.height })
  },
  voice: function (said, local, mediaUrl) {
    var seconds = Math.round(positive(said.duration))
    return withMedia(said, local, mediaUrl, { seconds: Math.max(1, seconds), stretch: size.voice(seconds) })
  },
  video: function (said, local, mediaUrl) {
    var shown = size.picture(said.width, said.height)
    var seconds = Math.round(positive(said.duration))
    return withMedia(said, local, mediaUrl, { width: shown.width, height: shown.height, seconds: seconds })
  },
  file: function (said, local, mediaUrl) {
    var title = typeof said.name === 'string' && said.name ? said.name.slice(0, 200) : '文件'
    return withMedia(said, local, mediaUrl, { text: title, size: size.bytes(said.size) })
  }
}

/** @param {unknown} n */
function positive(n) {
  return typeof n === 'number' && isFinite(n) && n > 0 ? n : 0
}

/**
 * @param {Said} said
 * @param {string} local
 * @param {string} mediaUrl
 * @param {{[name: string]: unknown}} body
 */
function withMedia(said, local, mediaUrl, body) {
  if (!local && !media.isOurs(said.url, mediaUrl)) return null
  body.url = typeof said.url === 'string' ? said.url : ''
  body.src = local || body.url
  return body
}

/**
 * @param {Said} said
 * @param {string} local a file of the phone's own that shows it, or ''
 * @param {string} mediaUrl
 * @returns {{[name: string]: any} | null}
 */
function body(said, local, mediaUrl) {
  if (!Object.prototype.hasOwnProperty.call(bodies, said.type)) return null
  var made = bodies[said.type](said, local, mediaUrl)
  if (made) made.type = said.type
  return made
}

/**
 * @param {{uid: string, nickName?: unknown, avatarUrl?: unknown}} from
 * @param {string} mediaUrl
 */
function person(from, mediaUrl) {
  var name = face.name(from.nickName)
  return {
    uid: from.uid,
    name: name,
    avatar: media.avatar(from.avatarUrl, mediaUrl),
    initial: face.initial(name),
    colour: face.colour(from.uid)
  }
}

/**
 * @param {{text?: string, type?: string}} row
 * @param {boolean} whole
 */
function folded(row, whole) {
  return row.type !== 'text' || whole ? { text: row.text || '', folded: false } : fold(row.text || '')
}

module.exports = { body: body, person: person, folded: folded }
