var test = require('node:test')
var assert = require('node:assert')
var stage = require('./stage')

var said = stage.said
var soon = stage.soon

/** @param {any} [kept] */
function enter(kept) {
  var app = stage.createApp(kept)
  var opened = stage.open('pages/rooms/rooms', app)
  opened.page.onLoad({})
  opened.page.onShow()
  return { app: app, page: opened.page, wx: opened.wx, client: app.client }
}

/** @param {any} rig @param {string} name */
function called(rig, name) {
  return rig.wx.calls.filter(function (/** @type {any} */ call) { return call[0] === name }).map(function (/** @type {any} */ call) { return call[1] })
}

test('rooms__messages_and_people__shown_in_one_go', async function () {
  var rig = enter({ read: { lobby: '1' } })
  var drawn = rig.page.drawn
  rig.client.emit('message', said(rig.app, 2))
  rig.client.emit('message', said(rig.app, 3, { type: 'image', url: stage.MEDIA + 'a.jpg' }))
  rig.client.emit('presence', { room: 'tea', num: 7, time: 1 })
  await soon()
  assert.strictEqual(rig.page.drawn, drawn + 1)
  var rooms = rig.page.view.rooms
  assert.deepStrictEqual([rooms[0].title, rooms[0].badge, rooms[0].last], ['大厅', '2', '小红：[图片]'])
  assert.match(rooms[0].time, /^14:01$/)
  assert.deepStrictEqual([rooms[1].title, rooms[1].badge, rooms[1].people], ['茶馆', '', '7 人在线'])
})

test('rooms__not_looked_at__not_drawn', async function () {
  var rig = enter()
  rig.page.onHide()
  var drawn = rig.page.drawn
  rig.client.emit('message', said(rig.app, 2))
  await soon()
  assert.strictEqual(rig.page.drawn, drawn)
  rig.page.onShow()
  assert.strictEqual(rig.page.view.rooms[0].last, '小红：m2')
})

test('rooms__connection_and_log_in__told', async function () {
  var rig = enter()
  assert.strictEqual(rig.page.view.state, '未连接')
  rig.client.emit('state', 'connecting')
  await soon()
  assert.strictEqual(rig.page.view.state, '连接中…')
  rig.client.emit('state', 'online')
  rig.app.trouble = '微信登录没有成功，请重试'
  await soon()
  assert.deepStrictEqual([rig.page.view.state, rig.page.view.trouble], ['', '微信登录没有成功，请重试'])
})

test('rooms__me__name_and_whether_it_is_known', async function () {
  var rig = enter()
  assert.deepStrictEqual([rig.page.view.me.name, rig.page.view.me.known], ['小明', true])
  rig.client.known = null
  rig.page.refresh()
  assert.deepStrictEqual([rig.page.view.me.name, rig.page.view.me.known], ['微信用户', false])
})
;[
  { content: ' 读书会 ', goes: '读书会' },
  { content: 'a/b', goes: '', told: '房间名不能空着，也不能有 / + # $ 和换行' },
  { content: '厅'.repeat(22), goes: '', told: '房间名太长了，最多 21 个汉字或 64 个字母' },
  { content: '厅'.repeat(21), goes: '厅'.repeat(21) },
  { content: '', goes: '' },
  { content: 'x', confirm: false, goes: '' }
].forEach(function (row, i) {
  test('add__answer_' + i + '__' + (row.goes || 'nowhere'), async function () {
    var rig = enter()
    rig.wx.answers.showModal = function () { return { confirm: row.confirm !== false, content: row.content } }
    rig.page.addRoom()
    await soon()
    var went = called(rig, 'navigateTo').map(function (/** @type {any} */ o) { return o.url })
    assert.deepStrictEqual(went, row.goes ? ['/pages/chat/chat?room=' + encodeURIComponent(row.goes)] : [])
    assert.strictEqual(Boolean(rig.app.desk.find(row.goes)), Boolean(row.goes))
    var toasts = called(rig, 'showToast').map(function (/** @type {any} */ o) { return o.title })
    assert.deepStrictEqual(toasts, row.told ? [row.told] : [])
  })
})

test('menu__own_room__left_and_one_of_the_configuration_not', async function () {
  var rig = enter({ added: [{ name: 'club' }] })
  rig.wx.answers.showActionSheet = function () { return { tapIndex: 0 } }
  rig.page.menu({ currentTarget: { dataset: { name: 'lobby' } } })
  assert.deepStrictEqual(called(rig, 'showActionSheet'), [])
  rig.page.menu({ currentTarget: { dataset: { name: 'club' } } })
  await soon()
  assert.deepStrictEqual(rig.client.last('leave'), ['club'])
  assert.strictEqual(rig.page.view.rooms.length, 2)
})

test('share__withShareTicket__so_that_groups_find_their_room', function () {
  var rig = enter()
  assert.strictEqual(called(rig, 'showShareMenu')[0].withShareTicket, true)
  assert.strictEqual(rig.page.onShareAppMessage().path, '/pages/rooms/rooms')
})
