var test = require('node:test')
var assert = require('node:assert')
var soon = require('./stage').soon
var createRecorder = require('../../components/composer/recorder').createRecorder

function make() {
  /** @type {any} */
  var heard = {}
  /** @type {any[]} */
  var log = []
  /** @type {any} */
  var manager = {
    start: function (/** @type {any} */ format) { log.push('start ' + format.format + ' ' + format.duration) },
    stop: function () { log.push('stop') }
  }
  ;['onStart', 'onStop', 'onError', 'onInterruptionBegin'].forEach(function (name) {
    manager[name] = function (/** @type {Function} */ listener) { heard[name] = listener }
  })
  var recorder = createRecorder({ getRecorderManager: function () { return manager } })
  recorder.listen({
    state: function (state) { log.push(state) },
    file: function (file) { log.push(file.path + ' ' + file.seconds) },
    nothing: function (why) { log.push('nothing ' + why) }
  })
  return { recorder: recorder, heard: heard, log: log }
}

test('recorder__held_and_let_go__a_file_with_its_length', function () {
  var rig = make()
  rig.recorder.on('press')
  rig.heard.onStart()
  rig.recorder.on('release')
  rig.heard.onStop({ tempFilePath: 'wxfile://v', duration: 3240 })
  assert.deepStrictEqual(rig.log, ['starting', 'start mp3 60000', 'talking', 'ending', 'stop', 'idle', 'wxfile://v 3.2'])
})

test('recorder__thrown_away__no_file', function () {
  var rig = make()
  rig.recorder.on('press')
  rig.heard.onStart()
  rig.recorder.on('up')
  rig.recorder.on('release')
  rig.heard.onStop({ tempFilePath: 'wxfile://v', duration: 3240 })
  assert.ok(!rig.log.some(function (line) { return line.includes('wxfile') }))
})

test('recorder__too_short__told', function () {
  var rig = make()
  rig.recorder.on('press')
  rig.heard.onStart()
  rig.recorder.on('release')
  rig.heard.onStop({ tempFilePath: 'wxfile://v', duration: 300 })
  assert.strictEqual(rig.log.pop(), 'nothing short')
})

test('recorder__not_allowed__told_so', function () {
  var rig = make()
  rig.recorder.on('press')
  rig.heard.onError({ errMsg: 'operateRecorder:fail auth deny' })
  assert.strictEqual(rig.log.pop(), 'nothing denied')
  rig.recorder.on('press')
  rig.heard.onError({ errMsg: 'broken' })
  assert.strictEqual(rig.log.pop(), 'nothing failed')
})

test('recorder__a_call_comes_in__what_was_said_is_sent', function () {
  var rig = make()
  rig.recorder.on('press')
  rig.heard.onStart()
  rig.heard.onInterruptionBegin()
  rig.heard.onStop({ tempFilePath: 'wxfile://v', duration: 5000 })
  assert.strictEqual(rig.log.pop(), 'wxfile://v 5')
})

test('recorder__listener_gone__no_harm', function () {
  var rig = make()
  rig.recorder.listen(null)
  rig.recorder.on('press')
  rig.heard.onStart()
  rig.recorder.on('release')
  rig.heard.onStop({ tempFilePath: 'wxfile://v', duration: 5000 })
  assert.deepStrictEqual(rig.log, ['start mp3 60000', 'stop'])
})

test('recorder__never_begins__told_and_ready_again', async function () {
  var rig = make()
  rig.recorder.on('press')
  await soon(3100)
  assert.deepStrictEqual(rig.log.slice(-2), ['idle', 'nothing failed'])
  rig.recorder.on('press')
  rig.heard.onStart()
  await soon(10000)
  assert.strictEqual(rig.log.pop(), 'talking')
})

test('recorder__let_go_and_never_begins__ready_again_and_stopped_when_it_begins_after_all', async function () {
  var rig = make()
  rig.recorder.on('press')
  rig.recorder.on('lost')
  await soon(3100)
  assert.strictEqual(rig.log.pop(), 'idle')
  rig.heard.onStart()
  rig.heard.onStop({ tempFilePath: 'wxfile://v', duration: 5000 })
  assert.strictEqual(rig.log.pop(), 'stop')
  rig.recorder.on('press')
  assert.strictEqual(rig.log.pop(), 'start mp3 60000')
})
