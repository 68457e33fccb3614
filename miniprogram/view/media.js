/** Which addresses are loaded at all. What others write is fetched from nowhere but the service's own media. */

// As POST /media names them: a digest and an ending. No path, query or fragment.
var NAME = /^[A-Za-z0-9_-]{1,128}\.[a-z0-9]{2,5}$/

// Where WeChat keeps avatars: profiles of old log-ins point there.
var WECHAT_AVATAR = /^https:\/\/(thirdwx|wx)\.qlogo\.cn\/[\x21-\x7e]{1,480}$/

/**
 * @param {unknown} url
 * @param {string} mediaUrl ends with a slash
 * @returns {boolean}
 */
function isOurs(url, mediaUrl) {
  return typeof url === 'string' && url.slice(0, mediaUrl.length) === mediaUrl && NAME.test(url.slice(mediaUrl.length))
}

/**
 * @param {unknown} url
 * @param {string} mediaUrl
 * @returns {string} '' when it is not to be loaded
 */
function avatar(url, mediaUrl) {
  if (typeof url !== 'string') return ''
  return isOurs(url, mediaUrl) || WECHAT_AVATAR.test(url) ? url : ''
}

module.exports = { isOurs: isOurs, avatar: avatar }
