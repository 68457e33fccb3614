/** A message in one line, for a list of rooms. */

var face = require('./face')

/** @type {{[type: string]: string}} */
var KINDS = { image: '[图片]', voice: '[语音]', video: '[视频]', file: '[文件]' }
var MAX = 60

/**
 * @param {{type: string, content?: unknown, name?: unknown}} said
 * @returns {string} '' when there is nothing to tell
 */
function what(said) {
  if (said.type === 'text') return typeof said.content === 'string' ? said.content.slice(0, MAX).replace(/\s+/g, ' ') : ''
  return Object.prototype.hasOwnProperty.call(KINDS, said.type) ? KINDS[said.type] : ''
}

/**
 * @param {{type: string, content?: unknown, mine?: boolean, from: {uid: string, nickName?: unknown}}} message
 * @returns {string}
 */
function line(message) {
  var who = message.mine ? '你' : face.name(message.from.nickName)
  if (message.type === 'recall') return (message.mine ? who : '“' + who + '”') + '撤回了一条消息'
  var text = what(message)
  return text && (message.mine ? text : who + '：' + text)
}

module.exports = { line: line, what: what }
