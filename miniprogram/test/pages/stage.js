/** A page on a stage: WeChat's globals in the hands of a test. What is drawn is told apart from what the page keeps. */

var Module = require('node:module')
var path = require('node:path')
var createFakeClient = require('../view/fake-client').createFakeClient
var draw = require('./drawing').draw
var createDesk = require('../../view/desk').createDesk
var createFiles = require('../../view/files').createFiles

var ROOT = path.join(__dirname, '../..')
var MEDIA = 'https://chat.example.com/media/'

/** wx: remembers every call; what a test wants answered stands in `answers`. */
function createFakeWx() {
  /** @type {any[]} */
  var calls = []
  /** @type {{[name: string]: (options: any) => any}} */
  var answers = {}
  /** @type {any} */
  var fixed = { calls: calls, answers: answers, audio: null }

  fixed.createInnerAudioContext = function () {
    /** @type {any} */
    var audio = { src: '', heard: {}, log: [] }
    ;['onEnded', 'onStop', 'onError'].forEach(function (name) {
      audio[name] = function (/** @type {Function} */ listener) { audio.heard[name] = listener }
    })
    ;['play', 'stop', 'destroy'].forEach(function (name) {
      audio[name] = function () {
        audio.log.push(name + ' ' + audio.src)
        // As on a phone: the event comes later.
        if (name === 'stop' && audio.heard.onStop) setImmediate(audio.heard.onStop)
      }
    })
    fixed.audio = audio
    return audio
  }

  return new Proxy(fixed, {
    get: function (target, name) {
      if (name in target) return target[name]
      return function (/** @type {any} */ options) {
        calls.push([name, options])
        var answer = answers[String(name)]
        if (answer) Promise.resolve(answer(options || {})).then(options.success, options.fail)
      }
    }
  })
}

/**
 * @param {string} name pages/chat/chat
 * @param {any} app
 * @param {any} [fakeWx]
 */
function open(name, app, fakeWx) {
  var file = path.join(ROOT, name + '.js')
  /** @type {any} */
  var definition = null
  world.getApp = function () { return app }
  world.wx = fakeWx || createFakeWx()
  world.Page = function (/** @type {any} */ given) { definition = given }
  delete require.cache[file]
  Module.createRequire(file)(file)

  var page = draw(definition)
  return { page: page, wx: world.wx }
}

/** An app with a fake client. @param {{read?: any, added?: any[]}} [kept] */
function createApp(kept) {
  var client = createFakeClient()
  client.known = { uid: 'me', userInfo: { nickName: '小明' } }
  var time = { now: new Date(2025, 10, 21, 14, 2, 0).getTime() }
  client.now = function () { return time.now }
  /** @type {any} */
  var stored = kept
  var desk = createDesk({
    client: /** @type {any} */ (client),
    mediaUrl: MEDIA,
    rooms: [{ name: 'lobby', title: '大厅' }, { name: 'tea', title: '茶馆' }],
    store: { get: function () { return stored }, set: function (value) { stored = value } }
  })
  desk.start()
  var files = createFiles({ client: /** @type {any} */ (client), desk: desk })
  return { client: client, desk: desk, files: files, mediaUrl: MEDIA, trouble: '', time: time, signIn: function () {} }
}

/** @param {any} app @param {number} id @param {object} [more] @returns {any} */
function said(app, id, more) {
  var fixed = { id: String(id), time: app.time.now - 60000 + id, room: 'lobby', from: { uid: 'u', nickName: '小红' }, type: 'text', content: 'm' + id, mine: false }
  return Object.assign(fixed, more)
}

/** Timers that go when a test says so. */
var timers = /** @type {any[]} */ ([])
var clock = 0
var world = /** @type {any} */ (global)

/** @param {number | null} every @returns {(fn: () => void, ms: number) => any} */
function timer(every) {
  return function (fn, ms) {
    var made = { fn: fn, at: clock + ms, every: every === null ? null : ms }
    timers.push(made)
    return made
  }
}

/** @param {any} made */
function clear(made) {
  timers = timers.filter(function (other) { return other !== made })
}

world.setTimeout = timer(null)
world.setInterval = timer(0)
world.clearTimeout = world.clearInterval = clear

/** All that is under way without a timer: promises, and setData's callbacks. */
async function settle() {
  for (var i = 0; i < 12; i++) await new Promise(setImmediate)
}

/** Lets time pass: as long as a batch takes, if nothing is said. @param {number} [ms] */
async function soon(ms) {
  await settle()
  var until = clock + (ms || 50)
  for (;;) {
    var due = timers.filter(function (one) { return one.at <= until }).sort(function (a, b) { return a.at - b.at })[0]
    if (!due) break
    clock = due.at
    if (due.every === null) clear(due)
    else due.at += due.every
    due.fn()
    await settle()
  }
  clock = until
}

module.exports = { open: open, createApp: createApp, createFakeWx: createFakeWx, said: said, soon: soon, settle: settle, MEDIA: MEDIA }
