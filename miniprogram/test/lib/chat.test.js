'use strict'
const test = require('node:test')
const assert = require('node:assert')
const { bench, failure, m2, end, outcome, settle } = require('./bench')

const NOTICE = `user/${'u'.repeat(16)}/notice`
const texts = (b) => b.seen('message').map((m) => m.content)
const ids = (b) => b.mqtts.map((one) => one.options.clientId)

/** Back on a new connection, which the broker acknowledges. */
async function back(b) {
  await settle()
  b.mqtt.connack()
  await settle()
  b.mqtt.suback()
  await settle()
}

test('connects when somebody wants something, and not before', async () => {
  const b = bench()
  await b.clock.pass(60000)
  assert.strictEqual(b.requests.length + b.mqtts.length, 0)
  await b.enter()
  const { options } = b.mqtt
  assert.strictEqual(options.protocolVersion, 5)
  assert.match(options.clientId, /^u{16}-[a-z0-9]{8}$/)
  assert.deepStrictEqual([options.clean, options.keepalive, options.reconnectPeriod, options.username], [true, 30, 0, 'u'.repeat(16)])
  assert.deepStrictEqual(b.seen('state'), ['connecting', 'online'])
})

test('reconnects after longer and longer waits', async () => {
  const b = bench()
  await b.enter()
  await b.clock.pass(10000)
  const waits = []
  for (let turn = 0; turn < 10; turn++) {
    const before = b.mqtts.length
    const began = b.clock.time
    b.mqtt.close()
    while (b.mqtts.length === before) await b.clock.pass(10)
    waits.push(b.clock.time - began)
  }
  waits.forEach((wait, turn) => {
    const longest = Math.min(500 * 2 ** turn, 30000)
    assert.ok(wait >= longest / 2 && wait <= longest + 20, `${turn}: ${wait}`)
  })
  b.hooks.show()
  const before = b.mqtts.length
  b.mqtt.close()
  await b.clock.pass(600)
  assert.strictEqual(b.mqtts.length, before + 1, 'short again after the app came back')
})

test('a connection that is not acknowledged is given up', async () => {
  const b = bench()
  b.client.chat.join('r')
  await settle()
  const first = b.mqtt
  await b.clock.pass(11000)
  assert.strictEqual(first.ended, 'forced')
  assert.ok(b.mqtts.length >= 2)
})

test('back in front after more than 5 s: a new connection at once', async () => {
  for (const away of [5001, 3600000, -3600000]) {
    const b = bench()
    await b.enter()
    b.hooks.hide()
    if (away > 0) await b.clock.pass(away > 10000 ? 5001 : away)
    b.clock.set(away > 0 ? away - 5001 : away)
    const old = b.mqtt
    b.hooks.show()
    await settle()
    assert.strictEqual(old.ended, 'forced', String(away))
    assert.notStrictEqual(b.mqtt, old)
    await back(b)
    assert.strictEqual(b.mqtt.options.clean, false, 'private messages have waited')
    old.message('room/r', m2(1, 'late'))
    old.close()
    assert.deepStrictEqual(texts(b), [], 'nobody listens to the old one')
    assert.strictEqual(b.client.chat.state, 'online')
  }
})

test('back in front after a moment: a ping, and a new connection without an answer', async () => {
  for (const alive of [true, false]) {
    const b = bench()
    await b.enter()
    const old = b.mqtt
    b.hooks.hide()
    await b.clock.pass(2000)
    b.hooks.show()
    assert.strictEqual(old.pings, 1)
    if (alive) old.tell('pingresp')
    await b.clock.pass(2600)
    assert.strictEqual(b.mqtt === old, alive)
  }
})

test('without a network nobody tries hard; with it, at once', async () => {
  const b = bench()
  await b.enter()
  b.hooks.network({ isConnected: false, networkType: 'none' })
  assert.strictEqual(b.client.chat.state, 'offline')
  await b.clock.pass(14000)
  assert.strictEqual(b.mqtts.length, 1)
  await b.clock.pass(20000)
  assert.ok(b.mqtts.length >= 2, 'phones are wrong at times')
  const before = b.mqtts.length
  b.mqtt.close()
  b.hooks.network({ isConnected: true, networkType: '4g' })
  await settle()
  assert.strictEqual(b.mqtts.length, before + 1)
})

test('the broker refuses the session: log in, connect; again: not in a loop', async () => {
  for (const code of [4, 5, 134, 135]) {
    const b = bench()
    b.client.chat.join('r')
    await settle()
    b.mqtt.refuse(code)
    await settle()
    assert.deepStrictEqual([b.logins, b.mqtts.length], [2, 2])
    for (let i = 0; i < 20; i++) {
      b.mqtt.refuse(code)
      await b.clock.pass(3000)
    }
    assert.ok(b.logins < 10, `${b.logins} log-ins in a minute`)
  }
})

test('the broker is busy: that is no end of the session', async () => {
  const b = bench()
  b.client.chat.join('r')
  await settle()
  b.mqtt.refuse(136)
  await b.clock.pass(1000)
  assert.deepStrictEqual([b.logins, b.mqtts.length], [1, 2])
})

test('who says something does not wait for the next try', async () => {
  const b = bench()
  await b.enter()
  for (let i = 0; i < 8; i++) {
    b.mqtt.close()
    await b.clock.pass(40000)
  }
  // One that has just begun fails: the next is far away.
  for (const tries = b.mqtts.length; b.mqtts.length === tries;) await b.clock.pass(100)
  const before = b.mqtts.length
  b.mqtt.close()
  await b.clock.pass(1000)
  assert.strictEqual(b.mqtts.length, before)
  b.client.chat.say('r', 'x')
  await settle()
  assert.strictEqual(b.mqtts.length, before + 1)
})

test('sessions that end again and again: another phone is after the only one', async () => {
  const b = bench()
  await b.enter()
  const over = { error: 'ERR_INVALID_SESSION', message: 'over', reason: 'revoked' }
  for (let i = 0; i < 60; i++) {
    if (b.client.chat.state === 'online') b.mqtt.message(NOTICE, over)
    await b.clock.pass(10000)
    if (!b.mqtt.ended && b.client.chat.state !== 'online') b.mqtt.connack()
    await settle()
  }
  assert.ok(b.logins <= 8, `${b.logins} log-ins in ten minutes`)
  const before = b.logins
  b.client.chat.say('r', 'mine again')
  await settle()
  assert.strictEqual(b.logins, before + 1, 'who speaks has it')
})

test('sent out of a room, and nobody speaks there: back when it is over', async () => {
  const b = bench()
  await b.enter()
  b.mqtt.message('room/r', m2(1, 'a'))
  b.mqtt.message(NOTICE, { error: 'ERR_FORBIDDEN_TOPIC', message: 'banned', topic: 'room/r', until: b.clock.time + 60000 })
  await b.clock.pass(59000)
  b.mqtt.tell('pingresp')
  assert.strictEqual(b.mqtt.subscribed.length, 0)
  await b.clock.pass(3000)
  b.mqtt.suback()
  assert.deepStrictEqual(b.mqtt.said('room/r/history')[0].body, { after: '1' })
  b.mqtt.message('room/r', end())
  await settle()
  assert.strictEqual(b.seen('joined').length, 2)
})

test('sent out of a room for good', async () => {
  const b = bench()
  await b.enter()
  b.mqtt.message(NOTICE, { error: 'ERR_FORBIDDEN_TOPIC', message: 'no grant any more', topic: 'room/r' })
  assert.deepStrictEqual([...b.client.chat.rooms()], [])
})

test('sent out of a room while something is on its way: nothing more is said there', async () => {
  const b = bench()
  await b.enter()
  const said = ['a', 'b', 'c'].map((text) => outcome(b.client.chat.say('r', text)))
  await settle()
  b.mqtt.message(NOTICE, { error: 'ERR_FORBIDDEN_TOPIC', message: 'banned', topic: 'room/r', until: b.clock.time + 60000 })
  assert.deepStrictEqual((await Promise.all(said)).map((one) => one.code), Array(3).fill('ERR_FORBIDDEN_TOPIC'))
  assert.deepStrictEqual(b.mqtt.said().map((one) => one.body.content), ['a'])
  b.mqtt.message(NOTICE, { error: 'ERR_FORBIDDEN_TOPIC', message: 'told twice', topic: 'room/r', until: b.clock.time + 60000 })
  assert.deepStrictEqual([...b.client.chat.rooms()], ['r'], 'still to be back')
})

test('left while its return is awaited: it is not entered', async () => {
  const b = bench()
  await b.enter()
  b.mqtt.message(NOTICE, { error: 'ERR_FORBIDDEN_TOPIC', message: 'banned', topic: 'room/r', until: b.clock.time + 3000 })
  b.client.chat.leave('r')
  await b.clock.pass(6000)
  assert.strictEqual(b.mqtt.subscribed.length, 0)
})

test('refused, left, and wanted again at once: the old refusal does not reach the new entry', async () => {
  const b = bench()
  outcome(b.client.chat.join('r'))
  await settle()
  b.mqtt.connack()
  await settle()
  b.mqtt.suback(128)
  b.client.chat.leave('r')
  const again = outcome(b.client.chat.join('r'))
  await b.clock.pass(600)
  b.mqtt.suback()
  assert.deepStrictEqual(await again, { value: undefined })
  assert.deepStrictEqual([...b.client.chat.rooms()], ['r'])
})

test('somebody else has the client id: another one, and no fight', async () => {
  const b = bench()
  await b.enter()
  await b.clock.pass(60000)
  b.mqtt.tell('disconnect', { reasonCode: 142 })
  b.mqtt.close()
  await b.clock.pass(600)
  await back(b)
  const [one, two] = ids(b)
  assert.notStrictEqual(one, two)
  assert.match(two, /^u{16}-[a-z0-9]{8}$/)
  assert.strictEqual(b.mqtt.options.clean, true)
})

test('a fight that nobody explains ends too', async () => {
  const b = bench({ clientOptions: { protocolVersion: 4 } })
  await b.enter()
  for (let turn = 0; turn < 2; turn++) {
    b.mqtt.close()
    await b.clock.pass(5000)
    await back(b)
  }
  assert.strictEqual(new Set(ids(b)).size, 2)
  await b.clock.pass(10000)
  b.mqtt.close()
  await b.clock.pass(5000)
  assert.strictEqual(new Set(ids(b)).size, 2, 'kept when it was not to blame')
})

test('banned at the log-in: stops, says so, fails what waits', async () => {
  const b = bench()
  b.server = () => failure(403, 'ERR_BANNED')
  const joined = outcome(b.client.chat.join('r'))
  const said = outcome(b.client.chat.say('r', 'x'))
  assert.deepStrictEqual([(await joined).code, (await said).code], ['ERR_BANNED', 'ERR_BANNED'])
  assert.deepStrictEqual(b.seen('notice').map((n) => n.error), ['ERR_BANNED'])
  await b.clock.pass(3600000)
  assert.strictEqual(b.requests.length, 1)
  assert.strictEqual(b.client.chat.outgoing()[0].status, 'failed')
  b.server = () => b.fresh()
  const again = b.client.chat.retry(b.client.chat.outgoing()[0].ref)
  await settle()
  assert.strictEqual(b.mqtts.length, 1)
  again.then(null, () => {})
})

test('the service has no time: waits as long as it says', async () => {
  const b = bench()
  b.server = () => failure(503, 'ERR_BUSY', { 'retry-after': '20' })
  b.client.chat.join('r')
  await b.clock.pass(19000)
  assert.strictEqual(b.requests.length, 1)
  await b.clock.pass(8000)
  assert.strictEqual(b.requests.length, 2)
})

test('the service tells many when to come back: not all come at once, and never too soon', async () => {
  const waits = []
  for (let i = 0; i < 20; i++) {
    const b = bench()
    b.server = () => failure(503, 'ERR_BUSY', { 'retry-after': '40' })
    b.client.chat.join('r')
    await settle()
    waits.push(b.clock.timers[0].at - b.clock.time)
  }
  assert.ok(Math.min(...waits) >= 40000 && Math.max(...waits) <= 50000, String(waits))
  assert.ok(new Set(waits).size > 10, String(waits))
  const b = bench()
  b.server = () => failure(503, 'ERR_BUSY', { 'retry-after': '99999999999' })
  b.client.chat.join('r')
  await settle()
  assert.ok(b.clock.timers[0].at - b.clock.time <= 0x7fffffff, 'longer ones fire at once')
})

test('each session that ends after a good while is replaced at once', async () => {
  const b = bench()
  await b.enter()
  for (let day = 0; day < 5; day++) {
    for (let i = 0; i < 60; i++) {
      await b.clock.pass(20000)
      b.mqtt.tell('pingresp')
    }
    b.mqtt.message(NOTICE, { error: 'ERR_INVALID_SESSION', message: 'over', reason: 'revoked' })
    await settle()
    assert.strictEqual(b.mqtts.length, day + 2)
    await back(b)
    b.mqtt.message('room/r', end())
  }
})

test('what is no name of a room is refused', async () => {
  const b = bench()
  for (const name of [undefined, null, 0, 5, '', {}, 'a/b', '#', 'x'.repeat(65)]) {
    for (const method of ['join', 'say', 'history', 'recall']) {
      assert.strictEqual((await outcome(b.client.chat[method](name, 'x'))).code, 'ERR_FORBIDDEN_TOPIC', `${method} ${name}`)
    }
  }
  assert.strictEqual(b.client.chat.outgoing().length, 0)
})

test('missed messages: asked for from the last one on, shown in order before new ones, each once', async () => {
  const b = bench()
  await b.enter()
  b.mqtt.message('room/r', m2(10, 'a'))
  b.mqtt.message('room/r', m2(10, 'a'))
  b.hooks.hide()
  await b.clock.pass(6000)
  b.hooks.show()
  await back(b)
  assert.deepStrictEqual(b.mqtt.said('room/r/history').map((one) => one.body), [{ after: '10' }])
  b.mqtt.message('room/r', m2(13, 'd'))
  b.mqtt.message('room/r', m2(11, 'b', { history: true }))
  b.mqtt.message('room/r', m2(9, 'too old', { history: true }))
  b.mqtt.message('room/r', m2(12, 'c', { history: true }))
  assert.deepStrictEqual(texts(b), ['a'])
  b.mqtt.message('room/r', end(true))
  await settle()
  assert.deepStrictEqual(b.mqtt.said('room/r/history').map((one) => one.body), [{ after: '12' }])
  b.mqtt.message('room/r', m2(13, 'd', { history: true }))
  b.mqtt.message('room/r', end())
  await settle()
  b.mqtt.message('room/r', m2(14, 'e'))
  assert.deepStrictEqual(texts(b), ['a', 'b', 'c', 'd', 'e'])
  assert.deepStrictEqual(b.seen('joined').map((one) => one.gap), [false, false])
})

test('more was missed than anybody wants to read', async () => {
  const b = bench()
  await b.enter()
  b.mqtt.message('room/r', m2(1, 'a'))
  b.mqtt.close()
  await b.clock.pass(600)
  await back(b)
  for (let round = 0; round < 10; round++) {
    const [asked] = b.mqtt.said('room/r/history')
    if (!asked) break
    b.mqtt.message('room/r', m2(Number(asked.body.after) + 1, 'x', { history: true }))
    b.mqtt.message('room/r', end(true))
    await settle()
  }
  assert.strictEqual(texts(b).length, 6)
  assert.strictEqual(b.seen('joined')[1].gap, true)
})

test('the history never answers: goes on without', async () => {
  const b = bench()
  await b.enter()
  b.mqtt.message('room/r', m2(1, 'a'))
  b.mqtt.close()
  for (let i = 0; i < 6; i++) {
    await b.clock.pass(5000)
    if (b.mqtt.subscribed.length === 0 && !b.mqtt.published.length) b.mqtt.connack()
    await settle()
    if (b.mqtt.subscribed.length) b.mqtt.suback()
    b.mqtt.message('room/r', m2(2, 'held'))
  }
  assert.deepStrictEqual(texts(b), ['a', 'held'])
  assert.strictEqual(b.seen('joined').pop().gap, true)
  assert.strictEqual(b.client.chat.state, 'online')
})

/** In many rooms, in each of which something was heard. */
async function inMany(b, names) {
  names.forEach((name) => b.client.chat.join(name))
  await back(b)
  names.forEach((name) => b.mqtt.message('room/' + name, m2(1, 'a')))
}

const MANY = Array.from({ length: 30 }, (_, i) => 'r' + i)
const asked = (b) => MANY.filter((name) => b.mqtt.said(`room/${name}/history`).length)

test('back in many rooms: not all are asked at once, as that would be refused', async () => {
  const b = bench()
  await inMany(b, MANY)
  b.mqtt.close()
  await b.clock.pass(600)
  await back(b)
  let now = asked(b)
  for (let round = 0; now.length && round < 100; round++) {
    assert.ok(now.length <= 4, String(now))
    const until = b.clock.time + b.serverOff + 200
    for (const name of now) {
      if (round % 3 === 2) b.mqtt.message(NOTICE, { error: 'ERR_RATE_LIMITED', message: 'wait', topic: `room/${name}/history`, until })
      else {
        b.mqtt.message('room/' + name, m2(2, name, { history: true }))
        b.mqtt.message('room/' + name, end())
      }
    }
    await b.clock.pass(round % 3 === 2 ? 600 : 1)
    now = asked(b)
  }
  assert.deepStrictEqual(texts(b).slice(30).sort(), [...MANY].sort())
  assert.strictEqual(b.mqtts.length, 2)
})

test('the history is away: soon on without it in all rooms, and asked again on the next connection', async () => {
  const b = bench()
  await inMany(b, MANY)
  b.mqtt.close()
  await b.clock.pass(600)
  for (let i = 0; i < 3; i++) {
    await back(b)
    for (let second = 0; second < 5; second++) {
      b.mqtt.tell('puback')
      await b.clock.pass(1001)
    }
  }
  assert.strictEqual(b.seen('joined').slice(30).filter((one) => one.gap).length, 30)
  assert.strictEqual(b.mqtts.length, 4)
  b.mqtt.close()
  await b.clock.pass(600)
  await back(b)
  assert.strictEqual(asked(b).length, 4)
})

test('a second greeting shows nothing again', async () => {
  const b = bench()
  await b.enter()
  for (const id of [5, 6, 7]) b.mqtt.message('room/r', m2(id, String(id), { history: true }))
  b.mqtt.message('room/r', m2(8, '8'))
  for (const id of [3, 5, 6, 7, 8]) b.mqtt.message('room/r', m2(id, String(id), { history: true }))
  assert.deepStrictEqual(texts(b), ['5', '6', '7', '8'])
})

test('said: acknowledged by what comes back, one at a time', async () => {
  const b = bench()
  await b.enter()
  const one = b.client.chat.say('r', 'one')
  const two = b.client.chat.say('r', { type: 'text', content: 'two', ref: 'mine' })
  const [sent, ...others] = b.mqtt.said()
  assert.deepStrictEqual([sent.body.content, sent.qos, others.length], ['one', 1, 0])
  sent.done(null)
  assert.strictEqual(b.mqtt.said().length, 0)
  b.mqtt.message('room/r', m2(1, 'one', { ref: sent.body.ref, from: { uid: 'u'.repeat(16) } }))
  assert.strictEqual((await one).id, '1')
  b.mqtt.message('room/r', m2(2, 'two', { ref: 'mine' }))
  assert.strictEqual(b.client.chat.outgoing().length, 1, 'with the ref of ours, and not from us')
  b.mqtt.message('room/r', m2(3, 'two', { ref: 'mine', from: { uid: 'u'.repeat(16) } }))
  assert.strictEqual((await two).id, '3')
  assert.deepStrictEqual(b.seen('outgoing').map((o) => o.status), ['sending', 'sending', 'sent', 'sent'])
})

test('no acknowledgement: looks for it, says it again, and gives up at last', async () => {
  const b = bench()
  await b.enter()
  const said = outcome(b.client.chat.say('r', 'x'))
  let sent = 0
  for (let i = 0; i < 60 && b.client.chat.outgoing()[0].status === 'sending'; i++) {
    await b.clock.pass(1000)
    b.mqtt.tell('pingresp')
    if (!b.mqtt.greeted) {
      b.mqtt.greeted = true
      b.mqtt.connack()
      await settle()
    }
    if (b.mqtt.subscribed.length) b.mqtt.suback()
    if (b.mqtt.said('room/r/history').length) b.mqtt.message('room/r', end())
    sent += b.mqtt.said().length
  }
  assert.strictEqual((await said).code, 'ERR_TIMEOUT')
  assert.strictEqual(sent, 4)
})

test('nothing is heard after something was said: the connection is dead', async () => {
  const b = bench()
  await b.enter()
  b.client.chat.say('r', 'x')
  const old = b.mqtt
  await b.clock.pass(4100)
  assert.notStrictEqual(b.mqtt, old)
})

test('refused without a reason, as when there are too many notices', async () => {
  const b = bench()
  await b.enter()
  const said = outcome(b.client.chat.say('r', 'x'))
  for (let i = 0; i < 10; i++) {
    b.mqtt.said().forEach((one) => one.done({ code: 135 }))
    b.mqtt.tell('pingresp')
    await b.clock.pass(1000)
  }
  assert.strictEqual((await said).code, 'ERR_FORBIDDEN_TOPIC')
})

test('rate limited: waits, and says it again in its turn', async () => {
  const b = bench()
  await b.enter()
  b.client.chat.say('r', 'x')
  const [sent] = b.mqtt.said()
  sent.done({ code: 135 })
  b.mqtt.message(NOTICE, { error: 'ERR_RATE_LIMITED', message: 'wait', ref: sent.body.ref, topic: 'room/r', until: b.clock.time + 2000 })
  await b.clock.pass(1900)
  assert.strictEqual(b.mqtt.said().length, 0)
  await b.clock.pass(1200)
  assert.strictEqual(b.mqtt.said()[0].body.ref, sent.body.ref)
})

test('a room in which something was said before it was joined', async () => {
  const b = bench()
  b.client.chat.say('r', { type: 'text', content: 'first', ref: 'x' })
  await back(b)
  b.mqtt.message('room/r', m2(1, 'greeting', { history: true }))
  assert.deepStrictEqual(texts(b), [])
  const joined = b.client.chat.join('r')
  assert.deepStrictEqual(b.mqtt.unsubscribed, ['room/r', 'room/r/online'])
  b.mqtt.suback()
  await joined
  assert.deepStrictEqual(b.mqtt.said('room/r/history')[0].body, { after: '0' }, 'what was said is looked for')
  b.mqtt.message('room/r', m2(1, 'greeting', { history: true }))
  b.mqtt.message('room/r', m2(2, 'first', { history: true, ref: 'x', from: { uid: 'u'.repeat(16) } }))
  b.mqtt.message('room/r', end())
  await settle()
  assert.deepStrictEqual(texts(b), ['greeting', 'first'])
  assert.strictEqual(b.client.chat.outgoing().length, 0)
})

test('said before the app was ended: looked for from there on, and not said again when it is there', async () => {
  for (const arrived of [true, false]) {
    const b = bench()
    await b.enter()
    b.mqtt.message('room/r', m2(40, 'a'))
    b.client.chat.say('r', { type: 'text', content: 'last words', ref: 'x' })
    b.start()
    await back(b)
    assert.deepStrictEqual(b.mqtt.said('room/r/history')[0].body, { after: '40' })
    assert.strictEqual(b.mqtt.said().length, 0)
    if (arrived) b.mqtt.message('room/r', m2(41, 'last words', { history: true, ref: 'x', from: { uid: 'u'.repeat(16) } }))
    b.mqtt.message('room/r', end())
    await settle()
    assert.strictEqual(b.mqtt.said().length, arrived ? 0 : 1)
    assert.strictEqual(b.client.chat.outgoing().length, arrived ? 0 : 1)
    assert.deepStrictEqual(texts(b), ['a'], 'a room that nobody has joined shows nothing')
  }
})

test('an answer of the history that does not come: no late one is taken for another', async () => {
  const b = bench()
  await b.enter()
  const old = b.mqtt
  const page = b.client.chat.history('r')
  await b.clock.pass(3000)
  old.tell('pingresp')
  await b.clock.pass(2100)
  assert.notStrictEqual(b.mqtt, old)
  await back(b)
  old.message('room/r', end())
  b.mqtt.message('room/r', m2(7, 'x', { history: true }))
  b.mqtt.message('room/r', end(true))
  const { messages, more } = await page
  assert.deepStrictEqual([[...messages].map((m) => m.content), more], [['x'], true])
})

test('too much waits', async () => {
  const b = bench()
  b.server = () => { throw new Error('request:fail') }
  for (let i = 0; i < 200; i++) b.client.chat.say('r', 'x')
  assert.strictEqual((await outcome(b.client.chat.say('r', 'x'))).code, 'ERR_BUSY')
  assert.strictEqual(b.client.chat.outgoing().length, 200)
})

test('too much waits: fewer when they are long, so that all fit into the storage', async () => {
  const b = bench()
  b.server = () => { throw new Error('request:fail') }
  let last
  for (let i = 0; i < 200; i++) last = outcome(b.client.chat.say('r', '长'.repeat(2600)))
  assert.strictEqual((await last).code, 'ERR_BUSY')
  const kept = b.storage['mosquitto-wechat.outbox']
  assert.ok(kept.entries.length > 50 && kept.entries.length === b.client.chat.outgoing().length)
  const bytes = Buffer.byteLength(JSON.stringify(kept))
  assert.ok(bytes > 450000 && bytes < 600000, String(bytes))
})

test('the same ref twice', async () => {
  const b = bench()
  b.client.chat.say('r', { type: 'text', content: 'x', ref: 'a' })
  assert.strictEqual((await outcome(b.client.chat.say('r', { type: 'text', content: 'x', ref: 'a' }))).code, 'ERR_BUSY')
})

test('another user logs in: says nothing for the one before', async () => {
  const b = bench()
  await b.enter()
  b.mqtt.close()
  b.client.chat.say('r', 'mine')
  assert.strictEqual(b.storage['mosquitto-wechat.outbox'].entries.length, 1)
  delete b.storage['mosquitto-wechat']
  b.server = () => {
    const answer = b.fresh({ id: 'other' })
    answer.data.session.uid = answer.data.session.mqtt.username = answer.data.session.mqtt.clientId = 'v'.repeat(16)
    return answer
  }
  b.start()
  await settle()
  b.mqtt.connack()
  await settle()
  assert.strictEqual(b.client.chat.outgoing().length, 0)
  assert.strictEqual(b.storage['mosquitto-wechat.outbox'], undefined)
})

test('another user logs in while one speaks: told that it was not said', async () => {
  const b = bench()
  await b.enter()
  b.mqtt.close()
  const said = outcome(b.client.chat.say('r', 'mine'))
  const told = []
  b.client.chat.on('outgoing', (entry) => told.push([entry.status, entry.error && entry.error.code]))
  b.server = () => {
    const answer = b.fresh({ id: 'other' })
    answer.data.session.uid = answer.data.session.mqtt.username = answer.data.session.mqtt.clientId = 'v'.repeat(16)
    return answer
  }
  await b.client.login()
  b.mqtt.close()
  await b.clock.pass(2000)
  b.mqtt.connack()
  await settle()
  assert.strictEqual((await said).code, 'ERR_CLOSED')
  assert.deepStrictEqual(told, [['failed', 'ERR_CLOSED']])
  assert.strictEqual(b.client.chat.outgoing().length, 0)
})

test('logged in anew: rooms, connection and what waits to be sent stay', async () => {
  const b = bench()
  await b.enter()
  b.mqtt.close()
  const said = outcome(b.client.chat.say('r', 'in a tunnel'))
  const session = await b.client.login()
  assert.deepStrictEqual([b.logins, b.client.current().skey], [2, session.skey])
  await back(b)
  b.mqtt.message('room/r', end())
  await settle()
  const [sent] = b.mqtt.said()
  b.mqtt.message('room/r', m2(1, 'in a tunnel', { ref: sent.body.ref, from: { uid: 'u'.repeat(16) } }))
  assert.strictEqual((await said).value.id, '1')
  b.mqtt.close()
  await b.clock.pass(2000)
  assert.strictEqual(b.mqtt.options.password, session.skey)
  b.server = () => { throw new Error('request:fail') }
  assert.strictEqual((await outcome(b.client.login())).code, 'ERR_NETWORK')
  assert.strictEqual(b.client.current().skey, session.skey)
})

for (const off of [-90000000, -3600000, 0, 3600000, 90000000]) {
  test(`the phone's clock is wrong by ${-off / 1000} s, from the start or all at once: now() is the server's`, async () => {
    const b = bench({ serverOff: off })
    await b.enter()
    assert.ok(Math.abs(b.client.now() - b.clock.time - off) <= 1000)
    b.mqtt.message('room/r', m2(1, 'a'))
    assert.strictEqual(b.client.now(), b.clock.time + off)
    b.clock.set(-off)
    b.serverOff += off
    b.mqtt.message('room/r', m2(2, 'said long ago', { history: true, time: 5 }))
    b.mqtt.message('user/' + 'u'.repeat(16), m2(3, 'kept for the one who was away', { to: 'u'.repeat(16), time: 5 }))
    b.mqtt.message('room/r', m2(4, 'b'))
    assert.strictEqual(b.client.now(), b.clock.time + b.serverOff)
    await b.clock.pass(3000)
    b.mqtt.message('room/r', m2(5, 'c', { time: b.clock.time + b.serverOff - 3000 }))
    assert.strictEqual(b.client.now(), b.clock.time + b.serverOff, 'on its way for a moment')
  })
}

test('the history is to be asked later, by a clock that was set: in a minute or two at most', async () => {
  const b = bench()
  await b.enter()
  outcome(b.client.chat.history('r'))
  assert.strictEqual(b.mqtt.said('room/r/history').length, 1)
  b.clock.set(-86400000)
  b.mqtt.message(NOTICE, { error: 'ERR_RATE_LIMITED', message: 'wait', topic: 'room/r/history', until: b.clock.time + 86400000 })
  const began = b.clock.time
  while (b.mqtt.said('room/r/history').length === 0 && b.clock.time - began < 200000) await b.clock.pass(1000)
  assert.ok(b.clock.time - began >= 60000 && b.clock.time - began <= 121000, String(b.clock.time - began))
})

test('a room is refused: the reason comes after', async () => {
  const b = bench()
  const joined = outcome(b.client.chat.join('~club'))
  await settle()
  b.mqtt.connack()
  await settle()
  b.mqtt.suback(135)
  b.mqtt.message(NOTICE, { error: 'ERR_FORBIDDEN_TOPIC', message: 'banned here', topic: 'room/~club', until: 77 })
  const { error } = await joined
  assert.deepStrictEqual([error.code, error.until, error.message], ['ERR_FORBIDDEN_TOPIC', 77, 'banned here'])
  assert.deepStrictEqual([...b.client.chat.rooms()], [])
})

test('a private message that was sent twice is shown once', async () => {
  const b = bench()
  await b.enter()
  const me = 'user/' + 'u'.repeat(16)
  b.mqtt.message(me, m2(1, 'x', { ref: 'a' }))
  b.mqtt.message(me, m2(2, 'x', { ref: 'a' }))
  b.mqtt.message(me, m2(2, 'x', { ref: 'a' }))
  b.mqtt.message(me, m2(3, 'another', { ref: 'a' }))
  b.mqtt.message(me, m2(4, 'x'))
  assert.deepStrictEqual(texts(b), ['x', 'another', 'x'])
})

test('a room that was left without a connection', async () => {
  const b = bench()
  await b.enter()
  await b.enter('other')
  b.mqtt.close()
  b.client.chat.leave('other')
  b.client.chat.leave('r')
  b.client.chat.join('r')
  await b.clock.pass(1000)
  await back(b)
  assert.deepStrictEqual(b.mqtt.unsubscribed, ['room/other', 'room/other/online'])
  assert.deepStrictEqual([...b.client.chat.rooms()], ['r'])
})

test('messages of rooms that were not joined', async () => {
  const b = bench()
  await b.enter()
  b.mqtt.message('room/other', m2(1, 'x'))
  b.mqtt.message('room/other/online', { type: 'system', num: 1, time: 1 })
  b.mqtt.message('room/constructor', m2(1, 'x'))
  assert.deepStrictEqual(b.seen('message').length + b.seen('presence').length, 0)
})

test('listeners that throw', async () => {
  const b = bench()
  for (const event of ['message', 'state', 'joined', 'outgoing', 'notice', 'presence']) {
    b.client.chat.on(event, () => { throw new Error('mine') })
  }
  const off = b.client.chat.on('message', () => b.events.push(['taken off', 1]))
  off()
  await b.enter()
  b.mqtt.message('room/r', m2(1, 'a'))
  b.client.chat.on('message', () => b.events.push(['later', 1]))
  b.mqtt.message('room/r', m2(2, 'b'))
  assert.deepStrictEqual(texts(b), ['a', 'b'])
  assert.deepStrictEqual([b.seen('later').length, b.seen('taken off').length], [1, 0])
  assert.ok(b.quiet.errors.length > 0)
})

test('closed: says good-bye, and leaves nothing behind', async () => {
  const b = bench()
  await b.enter()
  b.client.close()
  assert.strictEqual(b.mqtt.ended, 'said good-bye')
  await b.clock.pass(2000)
  assert.strictEqual(b.clock.timers.length, 0)
  assert.strictEqual(b.client.chat.state, 'offline')
})

test('closed in the middle of everything', async () => {
  for (const turns of [0, 1, 3, 5, 8]) {
    const b = bench()
    const joined = outcome(b.client.chat.join('r'))
    const said = outcome(b.client.chat.say('r', 'x'))
    for (let i = 0; i < turns; i++) await null
    b.client.close()
    assert.deepStrictEqual([(await joined).code, (await said).code], ['ERR_CLOSED', 'ERR_CLOSED'])
    await b.clock.pass(200000)
    assert.strictEqual(b.client.chat.state, 'offline')
    assert.strictEqual(b.clock.timers.length, 0, String(turns))
    assert.strictEqual(b.storage['mosquitto-wechat.outbox'].entries.length, 1, 'said at the next start')
  }
})
