/**
 * A stream of bytes over wx.connectSocket, for MQTT.js. Its own keeps the socket in a variable of the module, so that the
 * end of an old connection closes the new one.
 * @param {any} mqtt
 * @param {WechatMiniprogram.Wx} wx
 * @param {string} url
 */
function openSocket(mqtt, wx, url) {
  var open = false
  var over = false
  /** @type {(() => void)[]} */
  var waiting = []

  /** @param {any} [error] */
  function end(error) {
    over = true
    stream.destroy(error)
  }

  /** @param {any} bytes @param {(error?: Error) => void} done */
  function send(bytes, done) {
    if (over) return done()
    if (!open) return void waiting.push(function () { send(bytes, done) })
    task.send({
      // MQTT.js cuts small packets out of one large buffer.
      data: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
      success: function () { done() },
      fail: function () { done(new Error('the socket is closed')) }
    })
  }

  var stream = new mqtt.Duplex({
    read: function () {},
    write: function (/** @type {any} */ chunk, /** @type {any} */ encoding, /** @type {any} */ done) {
      send(chunk, done)
    },
    writev: function (/** @type {any[]} */ chunks, /** @type {any} */ done) {
      send(mqtt.Buffer.concat(chunks.map(function (one) { return one.chunk })), done)
    },
    final: function (/** @type {any} */ done) {
      done()
      end()
    },
    destroy: function (/** @type {any} */ error, /** @type {any} */ done) {
      over = true
      try {
        task.close({ fail: function () {} })
      } catch (closed) { /* it was closed already */ }
      done(error)
    }
  })

  /** @type {any} */
  var task = wx.connectSocket({
    url: url,
    protocols: ['mqtt'],
    tcpNoDelay: true,
    timeout: 10000,
    fail: function () { end(new Error('no connection')) }
  })
  task.onOpen(function () {
    open = true
    waiting.splice(0).forEach(function (write) { write() })
  })
  task.onMessage(function (/** @type {any} */ message) {
    if (over) return
    var data = message.data
    stream.push(typeof data === 'string' ? mqtt.Buffer.from(data) : mqtt.Buffer.from(new Uint8Array(data)))
  })
  task.onClose(function () { end() })
  task.onError(function () { end(new Error('the connection broke')) })
  return stream
}

module.exports = openSocket
