'use strict'
const test = require('node:test')
const assert = require('node:assert')
const { bench, failure, outcome, settle, MARK } = require('./bench')

const HOUR = 3600000
const paths = (b) => b.requests.map((one) => `${one.method} ${one.path}`)

test('logged in once, kept, and used on a cold start', async () => {
  const b = bench()
  const [one, two] = await Promise.all([b.client.session(), b.client.session()])
  assert.strictEqual(one, two)
  assert.deepStrictEqual(paths(b), ['POST /login'])
  assert.deepStrictEqual({ ...b.requests[0].data }, { code: 'code' })
  b.start()
  assert.strictEqual((await b.client.session()).skey, one.skey)
  assert.strictEqual(b.logins, 1)
})

test('renewed at 80 % of its life, by itself, and for good', async () => {
  const b = bench()
  const first = await b.client.session()
  await b.clock.pass(19 * HOUR)
  assert.deepStrictEqual(paths(b), ['POST /login'])
  await b.clock.pass(HOUR)
  assert.deepStrictEqual(paths(b), ['POST /login', 'POST /session/renew'])
  assert.strictEqual(b.requests[1].header['X-WX-Skey'], first.skey)
  assert.strictEqual(b.requests[1].header['X-WX-Id'], first.id)
  await b.clock.pass(100 * HOUR)
  assert.strictEqual(b.logins, 1)
  assert.ok(b.client.current())
})

test('a renewal that fails is tried again before the end', async () => {
  const b = bench()
  await b.client.session()
  let fails = 3
  b.server = () => { if (fails-- > 0) throw new Error('request:fail'); return b.fresh({ id: 'sid0' }) }
  await b.clock.pass(23.9 * HOUR)
  assert.strictEqual(b.logins, 1)
  assert.strictEqual(paths(b).filter((one) => one.endsWith('/renew')).length, 4)
  assert.ok(b.client.current())
})

test('a renewal that is refused drops the session; who needs one logs in', async () => {
  const b = bench()
  await b.client.session()
  b.server = (request) => (request.path === '/login' ? b.fresh() : failure(401, 'ERR_INVALID_SESSION'))
  await b.clock.pass(20 * HOUR)
  assert.strictEqual(b.client.current(), null)
  await b.client.session()
  assert.strictEqual(b.logins, 2)
})

for (const off of [-400 * 24 * HOUR, -25 * HOUR, 25 * HOUR, 400 * 24 * HOUR]) {
  test(`the phone's clock is ${-off / HOUR} h off`, async () => {
    const b = bench({ serverOff: off })
    await b.client.session()
    await b.clock.pass(10 * HOUR)
    await b.client.session()
    assert.deepStrictEqual(paths(b), ['POST /login'])
    await b.clock.pass(11 * HOUR)
    assert.deepStrictEqual(paths(b), ['POST /login', 'POST /session/renew'])
    assert.strictEqual(b.logins, 1)
  })
}

test('the clock is set while the app runs', async () => {
  const b = bench()
  await b.client.session()
  b.clock.set(48 * HOUR)
  await b.client.session()
  await b.client.session()
  assert.strictEqual(b.logins, 2) // one too many, and no more
  b.clock.set(-96 * HOUR)
  await b.client.session()
  assert.strictEqual(b.logins, 2)
})

test('an skey that does not tell when it was made', async () => {
  for (const expiresIn of [HOUR, -HOUR]) {
    const b = bench()
    b.server = () => {
      const answer = b.fresh()
      answer.data.session.skey = 'opaque'
      answer.data.session.expiresAt = b.clock.time + expiresIn
      return answer
    }
    await b.client.session()
    await b.client.session()
    assert.strictEqual(b.logins, 1)
  }
})

const BROKEN = {
  'a page of HTML': { statusCode: 200, header: {}, data: '<html>log in to the hotel</html>' },
  'nothing': { statusCode: 200, header: {}, data: '' },
  'cut JSON': { statusCode: 200, header: {}, data: '{"session":{"id":"x"' },
  'no session in it': { statusCode: 200, header: {}, data: {} },
  'a session without skey': { statusCode: 200, header: {}, data: { session: { id: 'x', uid: 'y', expiresAt: 1, mqtt: {} } } },
  'a session that names no broker': { statusCode: 200, header: {}, data: { session: { id: 'x', uid: 'y', skey: 'z', expiresAt: 9e12,
    userInfo: {}, mqtt: { url: 'unset', username: 'y', clientId: 'y' } } } },
  'null': { statusCode: 200, header: {}, data: null },
  'an error of the proxy': { statusCode: 502, header: {}, data: '<html>Bad Gateway</html>' },
  'an error of somebody else': { statusCode: 400, header: {}, data: { error: 'x' } },
  'no headers': { statusCode: 200, data: undefined },
}
for (const [name, answer] of Object.entries(BROKEN)) {
  test('the service answers with ' + name, async () => {
    const b = bench()
    b.server = () => answer
    assert.strictEqual((await outcome(b.client.session())).code, 'ERR_BAD_ANSWER')
    assert.strictEqual((await outcome(b.client.setProfile({ nickName: 'x' }))).code, 'ERR_BAD_ANSWER')
    b.server = () => b.fresh()
    assert.ok((await b.client.session()).skey)
    b.server = () => answer
    assert.strictEqual((await outcome(b.client.setProfile({ nickName: 'x' }))).code, 'ERR_BAD_ANSWER')
    assert.strictEqual((await outcome(b.client.enterGroup({ encryptedData: 'x', iv: 'x' }))).code, 'ERR_BAD_ANSWER')
    assert.ok(b.client.current(), 'the session is not lost by it')
  })
}

test('errors of the service carry what it said', async () => {
  const b = bench()
  b.server = () => failure(429, 'ERR_RATE_LIMITED', { 'Retry-After': '7' })
  const { error } = await outcome(b.client.session())
  assert.deepStrictEqual([error.code, error.statusCode, error.until, error.message], ['ERR_RATE_LIMITED', 429, b.clock.time + 7000, 'because'])
})

test('a stale code is replaced, once', async () => {
  const b = bench()
  let bad = 1
  b.server = () => (bad-- > 0 ? failure(401, 'ERR_INVALID_CODE') : b.fresh())
  await b.client.session()
  assert.strictEqual(b.logins, 2)
})

test('wx.login fails, gives nothing, or never answers', async () => {
  const b = bench()
  b.code = () => new Error('login:fail network')
  assert.strictEqual((await outcome(b.client.session())).code, 'ERR_NETWORK')
  b.code = () => ({ errMsg: 'login:ok' })
  assert.strictEqual((await outcome(b.client.session())).code, 'ERR_BAD_ANSWER')
  b.code = () => 'silence'
  const waiting = outcome(b.client.session())
  await b.clock.pass(60000)
  assert.strictEqual((await waiting).code, 'ERR_TIMEOUT')
  b.code = () => ({ code: 'x' })
  assert.ok(await b.client.session())
})

test('what an old skey is refused for does not end the new session', async () => {
  const b = bench()
  await b.client.session()
  const answers = []
  b.server = (request) => {
    if (request.path === '/login') return b.fresh({ id: 'second' })
    return request.header['X-WX-Id'] === 'second' ? { statusCode: 200, header: {}, data: 'fine' } : failure(401, 'ERR_INVALID_SESSION')
  }
  for (let i = 0; i < 5; i++) answers.push(b.client.request({ url: '/api/x' }))
  for (const answer of await Promise.all(answers)) assert.strictEqual(answer.data, 'fine')
  assert.strictEqual(b.logins, 2)
})

test('a refusal that comes after the next log-in', async () => {
  const b = bench()
  await b.client.session()
  let late
  b.server = (request) => {
    if (request.path === '/login') return b.fresh({ id: 'second' })
    if (request.header['X-WX-Id'] === 'second') return { statusCode: 200, header: {}, data: 'fine' }
    return request.path === '/slow' ? new Promise((resolve) => { late = resolve }) : failure(401, 'ERR_INVALID_SESSION')
  }
  const slow = b.client.request({ url: '/slow' })
  await b.client.request({ url: '/fast' })
  late(failure(401, 'ERR_INVALID_SESSION'))
  assert.strictEqual((await slow).data, 'fine')
  assert.strictEqual(b.logins, 2)
})

test('a request is asked again once only', async () => {
  const b = bench()
  b.server = (request) => (request.path === '/login' ? b.fresh() : failure(401, 'ERR_INVALID_SESSION'))
  assert.strictEqual((await outcome(b.client.request({ url: '/x' }))).code, 'ERR_INVALID_SESSION')
  assert.strictEqual(b.logins, 2)
})

test('answers of one\'s own back end are handed on as they are', async () => {
  const b = bench()
  const own = { statusCode: 401, header: {}, data: { error: 'ERR_INVALID_SESSION' } }
  b.server = (request) => (request.path === '/login' ? b.fresh() : own)
  assert.strictEqual((await b.client.request({ url: '/api/x' })).statusCode, 401)
  assert.strictEqual(b.logins, 1)
})

const HOMES = {
  '/x': true, 'https://chat/x': true, 'https://chat': true, 'https://chat?x': true,
  'https://chat.evil/x': false, 'https://chat@evil/x': false, 'https://chats/x': false, 'https://other/x': false,
  'http://chat/x': false, 'https://chat:8443/x': false,
}
for (const [url, ours] of Object.entries(HOMES)) {
  test(`the session ${ours ? 'goes' : 'does not go'} to ${url}`, async () => {
    const b = bench()
    await b.client.session()
    await b.client.request({ url, header: { 'X-Own': '1', 'X-WX-Id': 'forged' } })
    const sent = b.requests.pop().header
    assert.strictEqual('X-WX-Skey' in sent, ours)
    assert.strictEqual(sent['X-Own'], '1')
    assert.strictEqual(sent['X-WX-Id'], ours ? 'sid0' : 'forged')
  })
}

test('upload: the answer is a string, and may be broken', async () => {
  const b = bench()
  await b.client.session()
  const progress = []
  b.server = () => 'silence'
  const waiting = outcome(b.client.upload('tmp/x.jpg', (percent) => { progress.push(percent); throw new Error('mine') }))
  await settle()
  b.progress({ progress: 50 })
  await b.clock.pass(200000)
  assert.strictEqual((await waiting).code, 'ERR_TIMEOUT')
  assert.deepStrictEqual(progress, [50])
  for (const data of ['', '<html>', '{"url":', 'null', '7', '{}', '{"url":7}']) {
    b.server = () => ({ statusCode: 200, header: {}, data })
    assert.strictEqual((await outcome(b.client.upload('tmp/x.jpg'))).code, 'ERR_BAD_ANSWER', data)
  }
  b.server = () => ({ statusCode: 413, header: {}, data: JSON.stringify({ [MARK]: 1, error: 'ERR_TOO_BIG', message: 'too big' }) })
  assert.strictEqual((await outcome(b.client.upload('tmp/x.jpg'))).code, 'ERR_TOO_BIG')
  b.server = () => ({ statusCode: 200, header: {}, data: '{"url":"https://x/1.jpg","type":"image/jpeg","size":3}' })
  assert.strictEqual((await b.client.upload('tmp/x.jpg')).url, 'https://x/1.jpg')
})

test('upload: stopped, before it began and after', async () => {
  const b = bench()
  const early = b.client.upload('tmp/x.jpg')
  early.abort()
  assert.strictEqual((await outcome(early)).code, 'ERR_ABORTED')
  b.server = () => 'silence'
  const late = b.client.upload('tmp/x.jpg')
  await settle()
  late.abort()
  assert.strictEqual((await outcome(late)).code, 'ERR_ABORTED')
})

test('a connection that the phone aborts is no wish of the user', async () => {
  const b = bench()
  await b.client.session()
  b.server = () => { throw new Error('uploadFile:fail Software caused connection abort') }
  assert.strictEqual((await outcome(b.client.upload('tmp/x.jpg'))).code, 'ERR_NETWORK')
})

test('a wx that throws', async () => {
  const b = bench()
  await b.client.session()
  const timers = b.clock.timers.length
  b.wx.request = () => { throw new TypeError('parameter error') }
  assert.strictEqual((await outcome(b.client.request({ url: '/x' }))).code, 'ERR_NETWORK')
  assert.strictEqual(b.clock.timers.length, timers)
})

test('a session that has ended when it comes: nobody asks without a pause', async () => {
  const b = bench()
  b.server = () => b.fresh({ id: 'sid', exp: 1000 })
  await b.client.session()
  await b.clock.pass(10000)
  assert.ok(b.requests.length <= 12, String(b.requests.length))
})

test('log-out while the network is away', async () => {
  const b = bench()
  await b.client.session()
  b.server = () => { throw new Error('request:fail') }
  await b.client.logout()
  assert.strictEqual(b.client.current(), null)
  assert.deepStrictEqual(Object.keys(b.storage).filter((key) => JSON.stringify(b.storage[key]).includes('skey')), [])
})

test('log-out while a log-in is under way', async () => {
  const b = bench()
  const waiting = outcome(b.client.session())
  await b.client.logout()
  await waiting
  await settle()
  assert.strictEqual(b.client.current(), null)
})
