// wx.connectSocket over WebSocket: a SocketTask as MQTT.js and the client library use it.

export function connectSocket(window, { url, protocols, success, complete }) {
  const socket = new window.WebSocket(url, protocols)
  socket.binaryType = 'arraybuffer'
  const listeners = { open: new Set(), close: new Set(), error: new Set(), message: new Set() }
  const tell = (event, value) => [...listeners[event]].forEach((listener) => listener(value))
  socket.onopen = () => tell('open', { header: {} })
  socket.onclose = ({ code, reason }) => tell('close', { code, reason })
  socket.onerror = () => tell('error', { errMsg: 'connectSocket:fail' })
  socket.onmessage = ({ data }) => tell('message', { data })

  const task = {
    CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3,
    get readyState() { return socket.readyState },

    send({ data, success: sent, fail }) {
      if (socket.readyState !== task.OPEN) {
        if (fail) fail({ errMsg: 'sendSocketMessage:fail the socket is not open' })
        return
      }
      socket.send(data)
      if (sent) sent({ errMsg: 'sendSocketMessage:ok' })
    },

    // A browser lets pages close with 1000 and 3000 to 4999 only.
    /** @param {{ code?: number, reason?: string, success?: (result: object) => void }} [options] */
    close(options = {}) {
      const { code, reason, success: closed } = options
      const allowed = code === 1000 || (code >= 3000 && code <= 4999)
      if (allowed) socket.close(code, reason)
      else socket.close()
      if (closed) closed({ errMsg: 'closeSocket:ok' })
    },
  }
  for (const event of Object.keys(listeners)) {
    const name = event[0].toUpperCase() + event.slice(1)
    task[`on${name}`] = (listener) => { listeners[event].add(listener) }
    task[`off${name}`] = (listener) => { listener ? listeners[event].delete(listener) : listeners[event].clear() }
  }
  const answer = { errMsg: 'connectSocket:ok' }
  if (success) success(answer)
  if (complete) complete(answer)
  return task
}
