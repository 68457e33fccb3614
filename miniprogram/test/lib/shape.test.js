'use strict'
// What the library is, whatever it does: small, ES5 in its syntax, checked in its types, at home in a bare realm.
const test = require('node:test')
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { execFileSync } = require('node:child_process')
const { parse } = require('acorn')
const { transformSync } = require('esbuild')
const { bareRealm, LIB } = require('../realm')

const ROOT = path.join(__dirname, '..', '..')
const own = fs.readdirSync(LIB).filter((name) => name.endsWith('.js') && name !== 'mqtt.js')
const sourceOf = (name) => fs.readFileSync(path.join(LIB, name), 'utf8')

for (const name of own) {
  test(`${name} is ES5`, () => { parse(sourceOf(name), { ecmaVersion: 5, sourceType: 'script' }) })
}

test('types fit: tsc --checkJs --strict', () => {
  execFileSync(process.execPath, [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', ROOT], { stdio: 'pipe', encoding: 'utf8' })
})

// WeChat's tools put each file into a function and minify it.
const asUploaded = (source) => Buffer.byteLength(transformSync(`define(function(require,module,exports){${source}\n})`, { minify: true }).code)

test('under 30 KB as it is uploaded', () => {
  const bytes = own.reduce((sum, name) => sum + asUploaded(sourceOf(name)), 0)
  assert.ok(bytes < 30000, `${bytes} bytes`)
})

/** All that the tools upload, with the bytes of each as it lies there: everything but what project.config.json leaves out, and node_modules. */
function uploaded(folder = ROOT, out = []) {
  const { ignore } = JSON.parse(fs.readFileSync(path.join(ROOT, 'project.config.json'), 'utf8')).packOptions
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name)
    const name = path.relative(ROOT, file)
    if (entry.name.startsWith('.') || entry.name === 'node_modules' || name === 'project.config.json') continue
    if (ignore.some((rule) => (rule.type === 'suffix' ? name.endsWith(rule.value) : name === rule.value))) continue
    if (entry.isDirectory()) uploaded(file, out)
    else out.push([name, fs.statSync(file).size])
  }
  return out
}

test('the whole upload under 400 KB, with MQTT.js in it, even if nothing is minified', () => {
  const files = uploaded()
  assert.ok(files.some(([name]) => name === path.join('lib', 'mqtt.js')))
  assert.ok(!files.some(([name]) => /^(test|web|scripts)\b|\.md$|\.d\.ts$/.test(name)), String(files))
  const bytes = files.reduce((sum, [, size]) => sum + size, 0)
  assert.ok(bytes < 400000, `${bytes} bytes`)
})

test('needs nothing that a bare realm has not', () => {
  const { context } = bareRealm()
  const names = ['window', 'self', 'navigator', 'process', 'Buffer', 'URL', 'TextEncoder', 'TextDecoder', 'AbortController', 'setImmediate', 'queueMicrotask', 'global', 'require', 'WebSocket', 'fetch', 'atob', 'btoa']
  for (const name of names) assert.strictEqual(context[name], undefined, name)
  const realm = bareRealm()
  assert.strictEqual(typeof realm.require('index').createClient, 'function')
  assert.strictEqual(typeof realm.require('mqtt').MqttClient, 'function')
  assert.deepStrictEqual(Object.keys(realm.context).filter((name) => !['console', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'].includes(name)), [], 'and leaves nothing there')
})

test('without globalThis too', () => {
  const realm = bareRealm()
  require('node:vm').runInContext('delete globalThis.globalThis', realm.context)
  assert.strictEqual(typeof realm.require('mqtt').MqttClient, 'function')
})
