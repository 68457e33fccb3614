'use strict'
// What the README tells people to put into their mini-program works.
const test = require('node:test')
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const vm = require('node:vm')
const { bench, settle } = require('./bench')

const readme = fs.readFileSync(path.join(__dirname, '..', '..', 'README.md'), 'utf8')
const [five, more] = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map((found) => found[1])

test('the five lines', async () => {
  const b = bench()
  const lines = []
  const mini = { './lib/index': b.realm.require('index') }
  const given = { createClient: (options) => mini['./lib/index'].createClient({ ...options, wx: b.wx, clock: b.clock, mqtt: b.fakeMqtt }) }
  assert.strictEqual(five.trim().split('\n').length, 5)
  vm.runInNewContext(five, { require: () => given, console: { log: (...words) => lines.push(words) } })
  await settle()
  assert.strictEqual(b.requests[0].url, 'https://chat.example.com/login')
  b.mqtt.connack()
  await settle()
  b.mqtt.suback()
  await settle()
  const [sent] = b.mqtt.said('room/lobby')
  assert.strictEqual(sent.body.content, '你好')
  b.mqtt.message('room/lobby', { ...sent.body, id: '7', time: 7, from: { uid: 'u'.repeat(16), nickName: '小明' } })
  assert.deepStrictEqual(lines, [['小明', '你好']])
})

test('the examples name nothing that is not there', () => {
  const { client } = bench()
  for (const [, owner, name] of more.matchAll(/\b(client(?:\.chat)?)\.(\w+)\(/g)) {
    const object = owner === 'client' ? client : client.chat
    assert.strictEqual(typeof object[name], 'function', `${owner}.${name}`)
  }
})
