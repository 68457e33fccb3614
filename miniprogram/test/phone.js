'use strict'
// A phone: the part of `wx` that the library uses, over real sockets, and the hand that hides the app, takes the network
// away or lets sockets die without a word.
const fs = require('node:fs')
const http = require('node:http')
const WebSocket = require('ws')

class Phone {
  /** @param {{standin: string, person: string}} options */
  constructor(options) {
    Object.assign(this, options)
    this.storage = {}
    this.storageBroken = false
    this.network = true
    this.sockets = new Set()
    this.turns = [] // 'out' and 'in', as they came
    this.counts = { login: 0, requests: [], sockets: 0, frames: 0 }
    this.listeners = { show: [], hide: [], network: [] }
    this.wx = this.makeWx()
  }

  makeWx() {
    const phone = this
    const on = (what) => (fn) => { phone.listeners[what].push(fn) }
    const off = (what) => (fn) => { phone.listeners[what] = phone.listeners[what].filter((one) => one !== fn) }
    const guard = () => { if (phone.storageBroken) throw new Error('setStorage:fail exceed storage max size 10Mb') }
    return {
      getStorageSync: (key) => (key in phone.storage ? JSON.parse(phone.storage[key]) : ''),
      setStorageSync: (key, value) => { guard(); phone.storage[key] = JSON.stringify(value) },
      removeStorageSync: (key) => { guard(); delete phone.storage[key] },
      login: (o) => {
        phone.counts.login += 1
        if (!phone.network) return void setTimeout(() => o.fail({ errMsg: 'login:fail' }))
        phone.door('code', { ttl: phone.codeTtl }).then((answer) => o.success({ code: answer.code, errMsg: 'login:ok' }), () => o.fail({ errMsg: 'login:fail' }))
      },
      request: (o) => phone.request(o),
      uploadFile: (o) => phone.upload(o),
      connectSocket: (o) => phone.connectSocket(o),
      onAppShow: on('show'),
      onAppHide: on('hide'),
      onNetworkStatusChange: on('network'),
      offAppShow: off('show'),
      offAppHide: off('hide'),
      offNetworkStatusChange: off('network'),
    }
  }

  /** How often something went out and its answer was waited for. */
  roundTrips() {
    return this.turns.filter((turn, at) => turn === 'in' && this.turns[at - 1] === 'out').length
  }

  // ---- what the hand does ----

  hide() { this.listeners.hide.forEach((fn) => fn({})) }
  show() { this.listeners.show.forEach((fn) => fn({})) }

  /** Takes the network away, or gives it back; the app is told, as WeChat does. */
  setNetwork(there, { tell = true } = {}) {
    this.network = there
    if (!there) this.kill()
    if (tell) this.listeners.network.forEach((fn) => fn({ isConnected: there, networkType: there ? 'wifi' : 'none' }))
  }

  /** What is open dies, and nobody is told: no event, and nothing goes through any more. */
  kill() {
    for (const socket of this.sockets) socket.kill()
    this.sockets.clear()
  }

  /** From now on nothing that is sent to it arrives, while what it says still goes out. */
  deafen() {
    for (const socket of this.sockets) socket.deaf = true
  }

  /** As after a broker's or proxy's death: closed, with an event. */
  cut() {
    for (const socket of this.sockets) socket.ws.terminate()
  }

  // ---- wx ----

  /** One of the stand-in's doors. */
  door(path, members) {
    return new Promise((resolve, reject) => {
      send(`${this.standin}/standin/${path}`, 'POST', { 'content-type': 'application/json' },
        JSON.stringify({ person: this.person, ...members }), (answer) => resolve(JSON.parse(answer.text)), reject)
    })
  }

  request(o) {
    const body = o.data === undefined ? undefined : typeof o.data === 'string' ? o.data : JSON.stringify(o.data)
    const header = { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...o.header }
    this.counts.requests.push(`${o.method || 'GET'} ${new URL(o.url).pathname}`)
    this.turns.push('out')
    if (!this.network) return void setTimeout(() => o.fail({ errMsg: 'request:fail' }))
    const request = send(o.url, o.method || 'GET', header, body, (answer) => {
      let data = answer.text
      this.turns.push('in')
      try { data = JSON.parse(answer.text) } catch (error) { /* stays text */ }
      o.success({ statusCode: answer.status, header: answer.header, data })
    }, (error) => o.fail({ errMsg: 'request:fail ' + error.message }))
    return { abort: () => { request.destroy(new Error('abort')) } }
  }

  upload(o) {
    const edge = '----phone' + Math.random().toString(36).slice(2)
    const file = fs.readFileSync(o.filePath)
    const body = Buffer.concat([
      Buffer.from(`--${edge}\r\nContent-Disposition: form-data; name="${o.name}"; filename="tmp_1.jpg"\r\nContent-Type: image/jpeg\r\n\r\n`),
      file, Buffer.from(`\r\n--${edge}--\r\n`)])
    const progress = []
    const header = { ...o.header, 'content-type': `multipart/form-data; boundary=${edge}` }
    this.counts.requests.push(`POST ${new URL(o.url).pathname}`)
    if (!this.network) return void setTimeout(() => o.fail({ errMsg: 'uploadFile:fail' }))
    const request = send(o.url, 'POST', header, null, (answer) => {
      progress.forEach((fn) => fn({ progress: 100, totalBytesSent: body.length, totalBytesExpectedToSend: body.length }))
      o.success({ statusCode: answer.status, header: answer.header, data: answer.text })
    }, (error) => o.fail({ errMsg: 'uploadFile:fail ' + error.message }), body.length)
    const half = body.length >> 1
    request.write(body.subarray(0, half), () => {
      progress.forEach((fn) => fn({ progress: 50, totalBytesSent: half, totalBytesExpectedToSend: body.length }))
      setTimeout(() => { if (!request.destroyed) request.end(body.subarray(half)) }, this.uploadPause || 0)
    })
    return { onProgressUpdate: (fn) => progress.push(fn), abort: () => request.destroy(new Error('abort')) }
  }

  connectSocket(o) {
    const phone = this
    const handlers = { open: [], message: [], close: [], error: [] }
    const emit = (what, arg) => { if (!task.dead && !task.deaf) handlers[what].forEach((fn) => fn(arg)) }
    phone.counts.sockets += 1
    if (phone.sockets.size >= 5) throw new Error('connectSocket:fail exceed max task count')
    const task = {
      dead: false,
      deaf: false,
      ws: phone.network ? new WebSocket(o.url, o.protocols, { perMessageDeflate: false }) : null,
      kill() {
        task.dead = true
        // The broker does not know either: the connection stays open, and nobody reads it.
        if (task.ws && task.ws._socket) task.ws._socket.pause()
      },
    }
    if (!task.ws) {
      setTimeout(() => { emit('error', { errMsg: 'connectSocket:fail' }); emit('close', { code: 1006 }) })
    } else {
      phone.sockets.add(task)
      task.ws.binaryType = 'arraybuffer'
      task.ws.on('open', () => emit('open', {}))
      task.ws.on('message', (data) => { phone.turns.push('in'); emit('message', { data }) })
      task.ws.on('error', (error) => emit('error', { errMsg: error.message }))
      task.ws.on('close', (code) => { phone.sockets.delete(task); emit('close', { code }) })
    }
    return {
      onOpen: (fn) => handlers.open.push(fn),
      onMessage: (fn) => handlers.message.push(fn),
      onClose: (fn) => handlers.close.push(fn),
      onError: (fn) => handlers.error.push(fn),
      send: (s) => {
        phone.counts.frames += 1
        phone.turns.push('out')
        // The framework takes it, whatever becomes of it.
        if (task.dead) return void setTimeout(() => s.success && s.success({}))
        if (!task.ws || task.ws.readyState !== WebSocket.OPEN) return void setTimeout(() => s.fail && s.fail({ errMsg: 'sendSocketMessage:fail' }))
        task.ws.send(typeof s.data === 'string' ? s.data : Buffer.from(new Uint8Array(s.data)), (error) => {
          if (error) s.fail && s.fail({ errMsg: String(error) })
          else s.success && s.success({})
        })
      },
      close: () => {
        phone.sockets.delete(task)
        // A dead one's end does not reach the broker.
        if (!task.dead && task.ws) task.ws.close()
      },
    }
  }
}

function send(url, method, headers, body, success, fail, length) {
  const size = length || (body ? Buffer.byteLength(body) : 0)
  const request = http.request(url, { method, headers: { ...headers, ...(size || method !== 'GET' ? { 'content-length': size } : {}) }, agent: false }, (response) => {
    const parts = []
    response.on('data', (part) => parts.push(part))
    response.on('end', () => success({ status: response.statusCode, header: response.headers, text: Buffer.concat(parts).toString() }))
    response.on('error', fail)
  })
  request.on('error', fail)
  if (body !== null) request.end(body)
  return request
}

module.exports = { Phone }
