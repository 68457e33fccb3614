/** How large things are shown. Sizes are in CSS pixels and whole. */

/** A picture keeps its shape between these; one that is too long or too wide is cut (aspectFill). */
var PICTURE = { max: 200, min: 60 }

/**
 * @param {unknown} n
 * @returns {number} 0 when it is no usable length
 */
function length(n) {
  return typeof n === 'number' && isFinite(n) && n > 0 ? n : 0
}

/**
 * @param {unknown} width
 * @param {unknown} height
 * @param {{max: number, min: number}} [bounds]
 * @returns {{width: number, height: number}}
 */
function picture(width, height, bounds) {
  var b = bounds || PICTURE
  var w = length(width)
  var h = length(height)
  if (!w || !h) return { width: Math.round(b.max * 0.75), height: Math.round(b.max * 0.75) }
  var scale = Math.min(1, b.max / w, b.max / h)
  return {
    width: Math.round(Math.min(b.max, Math.max(b.min, w * scale))),
    height: Math.round(Math.min(b.max, Math.max(b.min, h * scale)))
  }
}

/** The longest voice message. */
var VOICE_SECONDS = 60

/**
 * A voice message is as wide as it is long: percent of the way from the narrowest bubble to the widest.
 * @param {number} seconds
 */
function voice(seconds) {
  var s = Math.min(VOICE_SECONDS, length(seconds))
  // The first seconds widen it most: nearly all voice messages are short.
  return Math.round(100 * Math.sqrt(s / VOICE_SECONDS))
}

/**
 * 12 B, 3.4 KB, 5.0 MB
 * @param {unknown} bytes
 */
function bytes(bytes) {
  var n = length(bytes)
  if (n < 1024) return Math.round(n) + ' B'
  if (n < 1024 * 1024) return (n / 1024).toFixed(1) + ' KB'
  return (n / 1024 / 1024).toFixed(1) + ' MB'
}

module.exports = { picture: picture, voice: voice, bytes: bytes, VOICE_SECONDS: VOICE_SECONDS }
