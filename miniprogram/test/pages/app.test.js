var test = require('node:test')
var assert = require('node:assert')
var group = require('../../app/group')
var baseUrl = require('../../app/base-url').baseUrl
var createKept = require('../../app/kept').createKept
var stage = require('./stage')
var createFakeClient = require('../view/fake-client').createFakeClient

;[
  ['chat.example.com', 'https://chat.example.com'],
  ['chat.example.com/', 'https://chat.example.com'],
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
  ['https://chat.example.com//', 'https://chat.example.com']
].forEach(function (row) {
  test('baseUrl__' + row[0] + '__' + row[1], function () {
    assert.strictEqual(baseUrl(row[0]), row[1])
  })
})
;[
  { options: { scene: 1044, shareTicket: 't' }, want: true },
  { options: { scene: 1044 }, want: false },
  { options: { scene: 1007, shareTicket: 't' }, want: false },
  { options: undefined, want: false }
].forEach(function (row, i) {
  test('isFromGroup__' + i + '__' + row.want, function () {
    assert.strictEqual(group.isFromGroup(row.options), row.want)
  })
})

var INFO = { encryptedData: 'data', iv: 'iv', errMsg: 'ok' }

/** @param {{[name: string]: (options: any) => any}} answers */
function make(answers) {
  var client = createFakeClient()
  var wx = stage.createFakeWx()
  Object.assign(wx.answers, answers)
  var left = { times: 0 }
  /** @type {any} */
  var ended = { room: '', code: '' }
  var options = { wx: wx, client: /** @type {any} */ (client), shareTicket: 'ticket', loggedOut: function () { left.times++ } }
  group.enterGroup(options).then(
    function (room) { ended.room = room },
    function (err) { ended.code = err.code }
  )
  return { client: client, wx: wx, left: left, ended: ended }
}

test('enterGroup__card__logged_in_first_then_proved', async function () {
  var rig = make({ getGroupEnterInfo: function () { return INFO } })
  assert.deepStrictEqual(rig.wx.calls, [])
  await rig.client.resolve('session', {})
  await stage.settle()
  assert.deepStrictEqual(rig.client.last('enterGroup'), [{ encryptedData: 'data', iv: 'iv' }])
  await rig.client.resolve('enterGroup', { room: '@g' })
  assert.strictEqual(rig.ended.room, '@g')
  assert.strictEqual(rig.left.times, 0)
})

test('enterGroup__old_base_library__getShareInfo', async function () {
  var rig = make({
    getGroupEnterInfo: function () { throw new Error('not for this scene') },
    getShareInfo: function (options) { return options.shareTicket === 'ticket' ? INFO : null }
  })
  await rig.client.resolve('session', {})
  await stage.settle()
  assert.deepStrictEqual(rig.client.last('enterGroup'), [{ encryptedData: 'data', iv: 'iv' }])
})

test('enterGroup__key_of_another_log_in__once_more_with_a_new_session', async function () {
  var rig = make({ getGroupEnterInfo: function () { return INFO } })
  await rig.client.resolve('session', {})
  await stage.settle()
  await rig.client.reject('enterGroup', { code: 'ERR_BAD_ENCRYPTED_DATA' })
  await rig.client.resolve('logout')
  await rig.client.resolve('session', {})
  await stage.settle()
  await rig.client.resolve('enterGroup', { room: '@g' })
  await stage.settle()
  assert.deepStrictEqual([rig.ended.room, rig.left.times], ['@g', 1])
})

test('enterGroup__refused_again__told_and_the_rooms_entered_again', async function () {
  var rig = make({ getGroupEnterInfo: function () { return INFO } })
  await rig.client.resolve('session', {})
  await stage.settle()
  await rig.client.reject('enterGroup', { code: 'ERR_BAD_ENCRYPTED_DATA' })
  await rig.client.resolve('logout')
  await rig.client.resolve('session', {})
  await stage.settle()
  await rig.client.reject('enterGroup', { code: 'ERR_BAD_ENCRYPTED_DATA' })
  await stage.settle()
  assert.deepStrictEqual([rig.ended.code, rig.left.times], ['ERR_BAD_ENCRYPTED_DATA', 1])
})


test('kept__changed_often__written_now_and_then_and_when_it_goes_to_the_back', async function () {
  var wx = stage.createFakeWx()
  wx.getStorageSync = function () { return 'stored' }
  var store = createKept(wx, 'k')
  assert.strictEqual(store.get(), 'stored')
  for (var i = 1; i <= 100; i++) store.set({ read: i })
  assert.deepStrictEqual(store.get(), { read: 100 })
  assert.strictEqual(wx.calls.length, 0)
  await stage.soon(1000)
  assert.deepStrictEqual(wx.calls.map(function (/** @type {any} */ c) { return [c[0], c[1].key, c[1].data] }), [['setStorage', 'k', { read: 100 }]])
  store.set({ read: 101 })
  store.flush()
  assert.deepStrictEqual(wx.calls[1][1].data, { read: 101 })
  store.flush()
  await stage.soon(2000)
  assert.strictEqual(wx.calls.length, 2)
})

test('kept__storage_cannot_be_read__as_new', function () {
  var wx = stage.createFakeWx()
  wx.getStorageSync = function () { throw new Error('broken') }
  assert.strictEqual(createKept(wx, 'k').get(), null)
})

/** @param {string[]} refusals one for each try; then it is let in */
function makeDesk(refusals) {
  var tries = { count: 0 }
  return {
    tries: tries,
    add: function () {
      var code = refusals[tries.count++]
      return code ? Promise.reject(Object.assign(new Error(code), { code: code })) : Promise.resolve()
    }
  }
}
;[
  { refusals: [], tries: 1, in: true },
  { refusals: ['ERR_FORBIDDEN_TOPIC', 'ERR_FORBIDDEN_TOPIC'], tries: 3, in: true },
  { refusals: ['ERR_FORBIDDEN_TOPIC', 'ERR_FORBIDDEN_TOPIC', 'ERR_FORBIDDEN_TOPIC', 'ERR_FORBIDDEN_TOPIC'], tries: 4, in: false },
  { refusals: ['ERR_BANNED'], tries: 1, in: false }
].forEach(function (row, i) {
  test('join__grant_on_its_way_' + i + '__' + row.tries + '_tries', async function () {
    var desk = makeDesk(row.refusals)
    var ended = ''
    group.join(desk, '@g').then(function () { ended = 'in' }, function () { ended = 'out' })
    await stage.soon(5000)
    assert.deepStrictEqual([desk.tries.count, ended], [row.tries, row.in ? 'in' : 'out'])
  })
})

test('enterGroup__no_network__told_at_once', async function () {
  var rig = make({})
  await rig.client.reject('session', { code: 'ERR_NETWORK' })
  await stage.settle()
  assert.deepStrictEqual([rig.ended.code, rig.left.times], ['ERR_NETWORK', 0])
})
