'use strict'
const test = require('node:test')
const assert = require('node:assert')
const { bareRealm } = require('../realm')

const { read, compareIds, isId } = bareRealm().require('message')
const ME = 'm'.repeat(16)
const good = { id: '211734112345677824', time: 1763800000123, room: 'lobby', from: { uid: 'o'.repeat(16) }, type: 'text', content: '你好' }
const plain = (value) => JSON.parse(JSON.stringify(value))
const of = (changes, topic = 'room/lobby') => {
  const found = read(topic, JSON.stringify({ ...good, ...changes }), ME)
  return found && plain(found.message)
}

test('a message as it should be', () => {
  assert.deepStrictEqual(of({}), { id: good.id, time: good.time, from: good.from, type: 'text', content: '你好', mine: false, room: 'lobby' })
  assert.strictEqual(of({ from: { uid: ME } }).mine, true)
  assert.strictEqual(of({ history: true }).history, true)
})

const DROPPED = {
  'no id': { id: undefined }, 'id is a number': { id: 7 }, 'id of no digits': { id: 'x7' }, 'id with a path': { id: '../7' },
  'id of 0': { id: '0' }, 'id with zeros before': { id: '007' }, 'id over 63 bits': { id: '9223372036854775808' }, 'long id': { id: '1'.repeat(20) },
  'no time': { time: undefined }, 'time in a string': { time: '7' }, 'time below 0': { time: -1 }, 'no date at all': { time: 1e300 },
  'no from': { from: undefined }, 'from is text': { from: 'me' }, 'from is a list': { from: [{ uid: 'a' }] }, 'from nobody': { from: {} },
  'uid is a number': { from: { uid: 7 } }, 'uid too long': { from: { uid: 'x'.repeat(65) } }, 'empty uid': { from: { uid: '' } },
  'no type': { type: undefined }, 'unknown type': { type: 'dance' }, 'a name that every object has': { type: 'constructor' },
  '__proto__ for a type': { type: '__proto__' }, 'type is a list': { type: ['text'] },
  'text without content': { content: undefined }, 'content is an object': { content: { toString: 'x' } },
  'image without url': { type: 'image' }, 'script for a url': { type: 'image', url: 'javascript:alert(1)' },
  'data for a url': { type: 'image', url: 'data:text/html,<script>' }, 'url with a quote': { type: 'image', url: 'https://x/"onerror=' },
  'url is a list': { type: 'image', url: ['https://x/'] }, 'endless url': { type: 'image', url: 'https://x/' + 'a'.repeat(3000) },
  'custom without data': { type: 'custom' }, 'data is a list': { type: 'custom', data: [] }, 'recall of nothing': { type: 'recall' },
  'recall of no id': { type: 'recall', of: 'x' },
}
for (const [name, changes] of Object.entries(DROPPED)) {
  test('dropped: ' + name, () => assert.strictEqual(of(changes), null))
}

test('members of the wrong kind are left out', () => {
  const found = of({ ref: 7, replyTo: 'x', ext: [], from: { uid: 'a', nickName: { x: 1 }, avatarUrl: 'javascript:x' }, data: { x: 1 }, onclick: 'x', mine: true, history: 1 })
  assert.deepStrictEqual(found, { id: good.id, time: good.time, from: { uid: 'a' }, type: 'text', content: '你好', mine: false, room: 'lobby' })
  assert.deepStrictEqual(of({ type: 'image', url: 'https://x/1.jpg', width: -1, height: 'x' }).height, undefined)
  assert.strictEqual(of({ type: 'voice', url: 'https://x/1.aac', duration: 3.2 }).duration, 3.2)
  assert.strictEqual(of({ type: 'file', url: 'https://x/1.pdf', name: '', size: 12 }).size, 12)
})

test('huge text is cut, markup stays text', () => {
  assert.strictEqual(of({ content: 'x'.repeat(100000) }).content.length, 8192)
  assert.strictEqual(of({ content: '<script>alert(1)</script>' }).content, '<script>alert(1)</script>')
})

test('the topic says where it is, whatever the message says', () => {
  assert.strictEqual(of({ room: 'elsewhere' }).room, 'lobby')
  const direct = of({ to: 'x' }, 'user/' + ME)
  assert.strictEqual(direct.to, ME)
  assert.strictEqual(direct.room, undefined)
  for (const topic of ['user/' + 'x'.repeat(16), 'user/' + ME + '/more', 'lobby', 'room/lobby/history', 'room/lobby/a/b', '', '$SYS/x', 'other/lobby']) {
    assert.strictEqual(of({}, topic), null, topic)
  }
  assert.strictEqual(of({ type: 'recall', of: '7' }, 'user/' + ME), null)
})

test('what is no JSON object at all', () => {
  for (const payload of ['', 'x', '7', 'null', '[]', '"x"', '{', '{"id":', '['.repeat(100000), '\ufffd', 'undefined']) {
    for (const topic of ['room/lobby', 'room/lobby/online', 'user/' + ME, `user/${ME}/notice`]) {
      assert.strictEqual(read(topic, payload, ME), null)
    }
  }
  assert.strictEqual(read(undefined, undefined, ME), null)
})

test('__proto__ in a message reaches nothing', () => {
  const found = read('room/lobby', JSON.stringify(good).replace('{', '{"__proto__":{"mine":true,"polluted":1},'), ME)
  assert.strictEqual(found.message.mine, false)
  assert.strictEqual({}.polluted, undefined)
  assert.strictEqual(found.message.polluted, undefined)
})

test('presence, end marks and notices', () => {
  const of = (topic, body) => plain(read(topic, JSON.stringify(body), ME))
  assert.deepStrictEqual(of('room/r/online', { type: 'system', num: 3, time: 7 }), { kind: 'presence', presence: { room: 'r', num: 3, time: 7 } })
  for (const body of [{ num: 3 }, { type: 'system' }, { type: 'system', num: '3' }, { type: 'system', num: -1 }]) {
    assert.strictEqual(of('room/r/online', body), null)
  }
  assert.deepStrictEqual(of('room/r', { type: 'system', history: 'end', room: 'x', more: 1 }), { kind: 'end', room: 'r', more: false })
  assert.strictEqual(of('room/r', { type: 'system' }), null)
  assert.deepStrictEqual(of(`user/${ME}/notice`, { error: 'E', message: 7, ref: 7, until: 'x', topic: 't', more: 1 }),
    { kind: 'notice', notice: { error: 'E', message: 'E', topic: 't' } })
  assert.strictEqual(of(`user/${ME}/notice`, { message: 'x' }), null)
})

test('ids: by length first, then as text', () => {
  assert.ok(compareIds('9', '10') < 0)
  assert.ok(compareIds('211734112345677825', '211734112345677824') > 0)
  assert.strictEqual(compareIds('7', '7'), 0)
  assert.ok(isId('9223372036854775807'))
})
