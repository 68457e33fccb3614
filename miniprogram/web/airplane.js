// Demo only: takes the network away from a `wx` and gives it back, as a phone in a tunnel would see it.

export function withAirplaneMode(wx) {
  const sockets = new Set()
  const requests = new Set()
  const listeners = new Set()
  let offline = false

  const refuse = (name) => (options) => {
    setTimeout(() => options.fail && options.fail({ errMsg: `${name}:fail the network is off` }))
    return { abort() {}, onProgressUpdate() {}, offProgressUpdate() {} }
  }
  const guarded = (name) => (options) => {
    if (offline) return refuse(name)(options)
    const task = wx[name]({ ...options, complete: (result) => { requests.delete(task); if (options.complete) options.complete(result) } })
    requests.add(task)
    return task
  }

  return {
    ...wx,
    request: guarded('request'),
    uploadFile: guarded('uploadFile'),
    connectSocket(options) {
      if (offline) return deadSocket()
      const task = wx.connectSocket(options)
      sockets.add(task)
      task.onClose(() => sockets.delete(task))
      return task
    },
    onNetworkStatusChange(listener) {
      listeners.add(listener)
      wx.onNetworkStatusChange(listener)
    },
    offNetworkStatusChange(listener) {
      listeners.delete(listener)
      wx.offNetworkStatusChange(listener)
    },
    airplane(on) {
      offline = on
      if (on) {
        sockets.forEach((task) => task.close({}))
        requests.forEach((task) => task.abort())
      }
      listeners.forEach((listener) => listener({ isConnected: !on, networkType: on ? 'none' : 'wifi' }))
    },
  }
}

/** It opens never, and fails at once. */
function deadSocket() {
  const ignore = () => {}
  const later = (listener, value) => { setTimeout(() => listener(value)) }
  return {
    CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3, readyState: 3,
    send: ({ fail }) => fail && fail({ errMsg: 'sendSocketMessage:fail' }),
    close: ignore, onOpen: ignore, offOpen: ignore, onMessage: ignore, offMessage: ignore, offClose: ignore, offError: ignore,
    onError: (listener) => later(listener, { errMsg: 'connectSocket:fail the network is off' }),
    onClose: (listener) => later(listener, { code: 1006, reason: '' }),
  }
}
