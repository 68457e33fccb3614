'use strict'
// The library in a bare realm with everything under it scripted: time, wx, and MQTT.js.
const { bareRealm } = require('../realm')

/** Lets promises come to rest. */
const settle = async () => { for (let i = 0; i < 20; i++) await null }

class FakeClock {
  constructor() {
    this.time = 1763800000000
    this.timers = []
    this.now = () => this.time
    this.setTimeout = (fn, ms) => {
      const timer = { fn, at: this.time + Math.max(ms, 0) }
      this.timers.push(timer)
      return timer
    }
    this.clearTimeout = (timer) => { this.timers = this.timers.filter((one) => one !== timer) }
  }

  /** Time goes by, timer after timer. */
  async pass(ms) {
    const end = this.time + ms
    await settle()
    for (;;) {
      const next = this.timers.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.clearTimeout(next)
      this.time = Math.max(this.time, next.at)
      next.fn()
      await settle()
    }
    this.time = end
  }

  /** Somebody sets it; timers do not care. */
  set(by) {
    this.time += by
    this.timers.forEach((one) => { one.at += by })
  }
}

class FakeMqttClient {
  constructor(builder, options) {
    Object.assign(this, { options, handlers: {}, published: [], subscribed: [], unsubscribed: [], ended: false, pings: 0 })
    FakeMqttClient.made.push(this)
  }

  on(event, fn) { this.handlers[event] = fn }
  end(force) { this.ended = force ? 'forced' : 'said good-bye' }
  sendPing() { this.pings += 1 }
  publish(topic, text, options, done) { this.published.push({ topic, body: JSON.parse(text), done, qos: options.qos }) }
  unsubscribe(topics) { this.unsubscribed.push(...topics) }
  subscribe(topics, done) { this.subscribed.push({ topics: Object.keys(topics), done }) }

  // ---- what the broker does ----

  tell(event, arg) {
    if (event !== 'close') this.handlers.packetreceive({ cmd: event })
    if (this.handlers[event]) this.handlers[event](arg)
  }
  connack() { this.tell('connect', {}) }
  refuse(code) { this.tell('error', Object.assign(new Error('refused'), { code })) }
  message(topic, body) {
    this.handlers.packetreceive({ cmd: 'publish' })
    this.handlers.message(topic, typeof body === 'string' ? body : JSON.stringify({ time: FakeMqttClient.now(), ...body }))
  }
  suback(code = 0) {
    const { topics, done } = this.subscribed.shift()
    done(null, [], { granted: topics.map(() => code) })
  }
  close() { this.handlers.close() }
  /** What was said in a room, taken off. */
  said(topic = 'room/r') {
    const found = this.published.filter((one) => one.topic === topic)
    this.published = this.published.filter((one) => one.topic !== topic)
    return found
  }
}

/** @param {{iat?: number, exp?: number, id?: string, skey?: string}} [of] in ms */
function sessionOf(now, of = {}) {
  const iat = of.iat || now
  const exp = of.exp || iat + 86400000
  const skey = `e30.${Buffer.from(JSON.stringify({ name: '名', iat: Math.floor(iat / 1000), exp: Math.floor(exp / 1000) })).toString('base64url')}.${of.mark || 'x'}`
  return { id: of.id || 'sid', skey, uid: 'u'.repeat(16), expiresAt: Math.floor(exp / 1000) * 1000,
    userInfo: {}, mqtt: { url: 'wss://x/mqtt', username: 'u'.repeat(16), clientId: 'u'.repeat(16) } }
}

const MARK = 'F2C224D4-2BCE-4C64-AF9F-A6D872000D1A'
const failure = (statusCode, error, header = {}) => ({ statusCode, header, data: { [MARK]: 1, error, message: 'because' } })

/** Everything together. `server(request)` gives an answer, or throws, or 'silence'. */
function bench(options = {}) {
  FakeMqttClient.made = []
  const clock = new FakeClock()
  FakeMqttClient.now = () => clock.time + bench.serverOff
  const bench = {
    clock, settle, fakeMqtt: { MqttClient: FakeMqttClient }, storage: options.storage || {}, requests: [], logins: 0, events: [], hooks: {}, minted: 0, ttl: 86400000,
    serverOff: options.serverOff || 0,
    mqtts: FakeMqttClient.made,
    get mqtt() { return FakeMqttClient.made[FakeMqttClient.made.length - 1] },
    code: () => ({ code: 'code' }),
    fresh: (of) => {
      bench.minted += 1
      const now = clock.time + bench.serverOff
      return { statusCode: 200, header: {}, data: { [MARK]: 1, session: sessionOf(now, { mark: String(bench.minted), exp: now + bench.ttl, ...of }) } }
    },
    server: (request) => bench.fresh({ id: request.url.endsWith('/renew') ? request.header['X-WX-Id'] : 'sid' + bench.minted }),
    seen: (event) => bench.events.filter((one) => one[0] === event).map((one) => one[1]),
    ...options,
  }
  const answer = (o, found, fail) => {
    if (found === 'silence') return
    Promise.resolve(found).then((answer) => (answer instanceof Error ? fail({ errMsg: answer.message }) : o.success(answer)))
  }
  const ask = (api) => (o) => {
    bench.requests.push({ method: o.method || 'GET', url: o.url, header: o.header, data: o.data, path: o.url.replace(/^https:\/\/chat/, '') })
    let found
    try { found = bench.server(bench.requests[bench.requests.length - 1], api) } catch (error) { found = error }
    answer(o, found, o.fail)
    return { abort: () => o.fail({ errMsg: api + ':fail abort' }), onProgressUpdate: (fn) => { bench.progress = fn } }
  }
  const hook = (name) => (fn) => { bench.hooks[name] = fn }
  bench.wx = {
    getStorageSync: (key) => bench.storage[key] ?? '',
    setStorageSync: (key, value) => { bench.storage[key] = JSON.parse(JSON.stringify(value)) },
    removeStorageSync: (key) => { delete bench.storage[key] },
    login: (o) => {
      bench.logins += 1
      answer(o, bench.code(), o.fail)
    },
    request: ask('request'),
    uploadFile: ask('uploadFile'),
    connectSocket: () => { throw new Error('not here') },
    onAppShow: hook('show'), onAppHide: hook('hide'), onNetworkStatusChange: hook('network'),
  }
  bench.quiet = { errors: [], error: (error) => bench.quiet.errors.push(error) }
  bench.realm = bareRealm({ console: bench.quiet })
  bench.start = () => {
    bench.client = bench.realm.require('index').createClient({
      baseUrl: 'https://chat', wx: bench.wx, clock, mqtt: { MqttClient: FakeMqttClient }, ...bench.clientOptions })
    for (const event of ['message', 'presence', 'notice', 'state', 'joined', 'outgoing']) {
      bench.client.chat.on(event, (what) => bench.events.push([event, what]))
    }
    return bench.client
  }
  bench.start()
  /** In a room, all settled. */
  bench.enter = async (room = 'r') => {
    const joined = bench.client.chat.join(room)
    await settle()
    if (bench.mqtt.subscribed.length === 0) bench.mqtt.connack()
    await settle()
    bench.mqtt.suback()
    await joined
  }
  return bench
}

/** Stamped when it is handed out, unless `more` says otherwise. */
const m2 = (id, content, more = {}) => ({ id: String(id), room: 'r', from: { uid: 'o'.repeat(16) }, type: 'text', content, ...more })
const end = (more) => ({ type: 'system', history: 'end', room: 'r', more })
const outcome = (promise) => promise.then((value) => ({ value }), (error) => ({ code: error.code, error }))

module.exports = { bench, settle, sessionOf, failure, m2, end, outcome, MARK }
