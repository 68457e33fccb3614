/** Long text is shown in part until somebody asks for the rest: one message never pushes all others off the screen. */

var MAX_CHARACTERS = 300
var MAX_LINES = 12

/**
 * @param {string} text
 * @returns {{text: string, folded: boolean}}
 */
function fold(text) {
  var end = text.length
  var line = 0
  for (var i = 0; i < text.length; i++) {
    if (i >= MAX_CHARACTERS || (text.charCodeAt(i) === 10 && ++line >= MAX_LINES)) {
      end = i
      break
    }
  }
  if (end === text.length) return { text: text, folded: false }
  // Not between the two halves of a character outside the basic plane.
  var last = text.charCodeAt(end - 1)
  if (last >= 0xd800 && last <= 0xdbff) end--
  return { text: text.slice(0, end) + '…', folded: true }
}

module.exports = { fold: fold, MAX_CHARACTERS: MAX_CHARACTERS, MAX_LINES: MAX_LINES }
