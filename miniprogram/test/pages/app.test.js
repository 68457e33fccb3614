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
  { options: { scene: 1008 }, want: true },
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
  /** @type {any} */
  var ended = { room: '', code: '' }
  var options = { wx: wx, client: /** @type {any} */ (client), shareTicket: 'ticket' }
  group.enterGroup(options).then(
    function (room) { ended.room = room },
    function (err) { ended.code = err.code }
  )
  return { client: client, wx: wx, ended: ended }
}

test('enterGroup__card__logged_in_first_then_proved', async function () {
  var rig = make({ getGroupEnterInfo: function () { return INFO } })
  assert.deepStrictEqual(rig.wx.calls, [])
  await rig.client.resolve('session', {})
  await stage.settle()
  assert.deepStrictEqual(rig.client.last('enterGroup'), [{ encryptedData: 'data', iv: 'iv' }])
  await rig.client.resolve('enterGroup', { room: '@g' })
  assert.strictEqual(rig.ended.room, '@g')
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
  await rig.client.resolve('login', {})
  await stage.settle()
  await rig.client.resolve('enterGroup', { room: '@g' })
  await stage.settle()
  assert.strictEqual(rig.ended.room, '@g')
  assert.ok(!rig.client.calls.some(function (call) { return call[0] === 'logout' }), 'what waits to be sent is kept')
})

test('enterGroup__refused_again__told', async function () {
  var rig = make({ getGroupEnterInfo: function () { return INFO } })
  await rig.client.resolve('session', {})
  await stage.settle()
  await rig.client.reject('enterGroup', { code: 'ERR_BAD_ENCRYPTED_DATA' })
  await rig.client.resolve('login', {})
  await stage.settle()
  await rig.client.reject('enterGroup', { code: 'ERR_BAD_ENCRYPTED_DATA' })
  await stage.settle()
  assert.strictEqual(rig.ended.code, 'ERR_BAD_ENCRYPTED_DATA')
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
  assert.strictEqual(rig.ended.code, 'ERR_NETWORK')
})

/** The whole way from a card to the room, with a desk. @param {{[name: string]: (options: any) => any}} [answers] */
function makeDoor(answers) {
  var app = stage.createApp()
  var wx = stage.createFakeWx()
  Object.assign(wx.answers, answers || { getGroupEnterInfo: function () { return INFO } })
  /** @type {any[]} */
  var told = []
  /** @type {any[]} */
  var pages = [{}]
  var follow = group.createDoor({
    wx: wx,
    client: /** @type {any} */ (app.client),
    desk: app.desk,
    pages: function () { return pages },
    tell: function (err) { told.push(err.code) }
  })

  /** @param {string} name */
  function count(name) {
    return app.client.calls.filter(function (call) { return call[0] === name }).length
  }

  return {
    app: app,
    pages: pages,
    told: told,
    follow: follow,
    count: count,
    /** Where the user was led. */
    went: function () {
      return wx.calls.filter(function (call) { return call[0] === 'navigateTo' }).map(function (call) { return call[1].url })
    },
    /** The app comes to the front with a card; the service lets in. @param {any} launch */
    show: async function (launch) {
      var asked = count('enterGroup')
      var logged = count('session')
      follow(Object.assign({ scene: 1044, shareTicket: 'ticket', path: 'pages/rooms/rooms' }, launch))
      if (count('session') > logged) await app.client.resolve('session', {})
      await stage.settle()
      if (count('enterGroup') > asked) await app.client.resolve('enterGroup', { room: '@g' })
      await stage.settle()
    }
  }
}

test('card__back_to_the_front_three_times__followed_once', async function () {
  var rig = makeDoor()
  for (var i = 0; i < 3; i++) await rig.show({})
  assert.deepStrictEqual([rig.went(), rig.count('enterGroup')], [['/pages/chat/chat?room=%40g'], 1])
  await rig.show({ shareTicket: 'another' })
  assert.deepStrictEqual([rig.went().length, rig.count('enterGroup')], [2, 2])
})

test('card__its_room_is_looked_at__not_opened_on_top_of_itself', async function () {
  var rig = makeDoor()
  rig.pages.push({ room: '@g' })
  await rig.show({})
  assert.deepStrictEqual([rig.went(), rig.count('enterGroup')], [[], 1])
})

test('card__the_grant_has_ended_meanwhile__proved_again_where_one_is', async function () {
  var rig = makeDoor()
  await rig.show({})
  rig.app.desk.find('@g').refusal = 'x'
  await rig.show({})
  assert.deepStrictEqual([rig.went().length, rig.count('enterGroup')], [1, 2])
})

test('card__without_a_ticket__leads_there_too', async function () {
  var rig = makeDoor()
  await rig.show({ scene: 1008, shareTicket: undefined })
  await rig.show({ scene: 1008, shareTicket: undefined })
  assert.deepStrictEqual([rig.went().length, rig.count('enterGroup')], [1, 1])
})

test('card__without_a_ticket_and_from_no_group__nothing_is_told', async function () {
  var rig = makeDoor({ getGroupEnterInfo: function () { throw new Error('getGroupEnterInfo:fail not from a group') } })
  await rig.show({ scene: 1008, shareTicket: undefined })
  assert.deepStrictEqual([rig.went(), rig.told, rig.count('enterGroup')], [[], [], 0])
})

;[
  { code: 'ERR_NETWORK', asked: 2, told: ['ERR_NETWORK'] },
  { code: 'ERR_FORBIDDEN', asked: 1, told: ['ERR_FORBIDDEN'] }
].forEach(function (row) {
  test('card__' + row.code + '__told_once_and_tried_' + row.asked, async function () {
    var rig = makeDoor()
    rig.app.client.enterGroup = function () {
      rig.app.client.calls.push(['enterGroup'])
      return Promise.reject(Object.assign(new Error(row.code), { code: row.code }))
    }
    rig.app.client.session = function () { return Promise.resolve({}) }
    for (var i = 0; i < 2; i++) {
      rig.follow({ scene: 1044, shareTicket: 'ticket', path: 'pages/rooms/rooms' })
      await stage.settle()
    }
    assert.deepStrictEqual([rig.count('enterGroup'), rig.told], [row.asked, row.told])
  })
})
