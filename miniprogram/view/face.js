/** What stands for a person: the name, and for want of a picture its first character on a colour of the person's own. */

var NOBODY = '微信用户'

/** Dark enough for white letters on each, in light and dark mode. */
var COLOURS = ['#b94f47', '#ab5e18', '#7f701a', '#47803a', '#2b7c6f', '#3674aa', '#6a68b8', '#a0589e']

/** Marks that turn the direction of what follows: in a name they would turn the rest of the sentence around. */
var TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Of a name's beginning and end: what nobody sees. Within, some of these hold an emoji together. */
var UNSEEN = '[\\s\\u00ad\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b-\\u200d\\u2060-\\u2064\\u2800\\u3164\\ufeff\\uffa0]'
var EDGES = new RegExp('^(?:' + UNSEEN + '|[\\ufe00-\\ufe0f])+|' + UNSEEN + '+$', 'g')

/**
 * @param {unknown} nickName
 * @returns {string}
 */
function name(nickName) {
  var text = typeof nickName === 'string' ? nickName.replace(TURNS, '').replace(EDGES, '') : ''
  return text || NOBODY
}

/**
 * @param {string} text
 * @returns {string} its first character, whole
 */
function initial(text) {
  var code = text.charCodeAt(0)
  return text.slice(0, code >= 0xd800 && code <= 0xdbff ? 2 : 1).toUpperCase()
}

/**
 * @param {string} uid
 * @returns {string}
 */
function colour(uid) {
  var sum = 0
  for (var i = 0; i < uid.length; i++) sum = (sum * 31 + uid.charCodeAt(i)) % 65521
  return COLOURS[sum % COLOURS.length]
}

module.exports = { name: name, initial: initial, colour: colour, NOBODY: NOBODY }
