var ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** @param {string} text base64url; gives its bytes as characters, which leaves ASCII as it is */
function decode(text) {
  var bits = 0
  var held = 0
  var out = ''
  for (var i = 0; i < text.length; i++) {
    held = (held << 6 | ALPHABET.indexOf(text.charAt(i))) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      out += String.fromCharCode(held >> bits & 255)
    }
  }
  return out
}

/**
 * When the server made this skey, by its own clock, in ms; null when it does not say. The phone's clock may be wrong.
 * @param {string} skey a JWT
 * @returns {number | null}
 */
function mintedAt(skey) {
  try {
    var iat = JSON.parse(decode(skey.split('.')[1])).iat
    return typeof iat === 'number' && isFinite(iat) ? iat * 1000 : null
  } catch (error) {
    return null
  }
}

module.exports = { mintedAt: mintedAt }
