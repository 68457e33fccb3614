var test = require('node:test')
var assert = require('node:assert')
var stage = require('./stage')

var said = stage.said
var soon = stage.soon

/** @param {{kept?: any, query?: any, before?: (app: any) => void}} [options] */
function enter(options) {
  var given = options || {}
  var app = stage.createApp(given.kept)
  if (given.before) given.before(app)
  var opened = stage.open('pages/chat/chat', app)
  opened.page.onLoad(given.query || { room: 'lobby' })
  opened.page.onReady()
  opened.page.onShow()
  return { app: app, page: opened.page, wx: opened.wx, client: app.client }
}

/** @param {any} rig */
function texts(rig) {
  return rig.page.view.rows.map(function (/** @type {any} */ row) { return row.kind === 'message' ? row.text : row.kind })
}

/** @param {any} rig @param {string} text */
function rowOf(rig, text) {
  return rig.page.view.rows.find(function (/** @type {any} */ row) { return row.text === text })
}

/** @param {any} rig @param {string} name */
function called(rig, name) {
  return rig.wx.calls.filter(function (/** @type {any} */ call) { return call[0] === name })
}

/** @param {any} rig What is drawn is what the timeline says, however it came there. */
function assertDrawn(rig) {
  var rows = rig.app.desk.find('lobby').timeline.rows()
  assert.deepStrictEqual(rig.page.view.rows, JSON.parse(JSON.stringify(rows)))
}

/** @param {any} rig @param {number} from @param {number} to */
function hear(rig, from, to) {
  for (var i = from; i <= to; i++) rig.client.emit('message', said(rig.app, i))
}

test('messages__many_at_once__drawn_in_one_go_at_the_end', async function () {
  var rig = enter()
  await soon()
  var drawn = rig.page.drawn
  var into = rig.page.view.into
  hear(rig, 1, 30)
  await soon()
  assert.strictEqual(rig.page.drawn, drawn + 2)
  assert.notStrictEqual(rig.page.view.into, into)
  assert.strictEqual(texts(rig).pop(), 'm30')
  assertDrawn(rig)
  rig.page.onUnload()
})

test('messages__ten_thousand__a_window_of_them_and_small_steps', async function () {
  var rig = enter()
  hear(rig, 1, 9990)
  await soon()
  var sent = rig.page.sent
  for (var i = 9991; i <= 10000; i++) {
    hear(rig, i, i)
    rig.page.refresh()
  }
  assert.ok(rig.page.view.rows.length <= 125, String(rig.page.view.rows.length))
  assert.ok(rig.page.sent - sent < 10 * 1500, rig.page.sent - sent + ' characters')
  assertDrawn(rig)
  rig.page.onUnload()
})

test('text__said__at_once_on_the_page_and_in_the_library', async function () {
  var rig = enter()
  rig.page.sayText({ detail: { text: '你好' } })
  assert.deepStrictEqual(rig.client.last('say'), ['lobby', '你好'])
  rig.client.emit('outgoing', { ref: 'r1', room: 'lobby', draft: { type: 'text', content: '你好' }, status: 'sending' })
  await soon()
  assert.strictEqual(rowOf(rig, '你好').status, 'sending')
  assert.strictEqual(rowOf(rig, '你好').name, '小明')
  rig.page.onUnload()
})

;[
  { error: { code: 'ERR_BUSY', ref: 'r1' }, out: [], told: '还没发出的消息太多了，请等它们发出后再说' },
  { error: { code: 'ERR_BAD_MESSAGE', ref: 'r1' }, out: [], told: '内容太长，没有发出' },
  { error: { code: 'ERR_MUTED', ref: 'r1' }, out: [{ ref: 'r1' }], told: '' },
  { error: { code: 'ERR_ABORTED', ref: 'r1' }, out: [], told: '' }
].forEach(function (row) {
  test('text__' + row.error.code + '__' + (row.told ? 'back_in_the_input_and_told_why' : 'told_beside_it_if_at_all'), async function () {
    var rig = enter()
    rig.client.chat.out = row.out
    rig.page.sayText({ detail: { text: '长长的一段话' } })
    await rig.client.reject('say', row.error)
    var toasts = called(rig, 'showToast').map(function (/** @type {any} */ call) { return call[1].title })
    assert.deepStrictEqual([rig.page.view.draft, toasts], row.told ? ['长长的一段话', [row.told]] : ['', []])
    rig.page.onUnload()
  })
})

test('failed__tapped__sent_again', async function () {
  var rig = enter()
  var error = { code: 'ERR_BAD_MESSAGE' }
  rig.client.emit('outgoing', { ref: 'r1', room: 'lobby', draft: { type: 'text', content: '你好' }, status: 'failed', error: error })
  await soon()
  var row = rowOf(rig, '你好')
  assert.strictEqual(row.status, 'failed')
  assert.strictEqual(row.why, '这条消息的格式不对，没有发出')
  rig.page.again({ detail: { row: row } })
  assert.deepStrictEqual(rig.client.last('retry'), ['r1'])
  rig.page.act('forget', row)
  assert.deepStrictEqual(rig.client.last('forget'), ['r1'])
  await soon()
  assert.strictEqual(rowOf(rig, '你好'), undefined)
  rig.page.onUnload()
})

test('muted__told_with_a_count_down_until_it_is_over', async function () {
  var rig = enter()
  rig.client.emit('notice', { error: 'ERR_MUTED', topic: 'room/lobby', until: rig.app.time.now + 30 * 60000, message: 'x' })
  await soon()
  assert.strictEqual(rig.page.view.hold, '你已被禁言，14:32 后可以发言（还剩 30:00）')
  rig.app.time.now += 61000
  await soon(1100)
  assert.strictEqual(rig.page.view.hold, '你已被禁言，14:32 后可以发言（还剩 28:59）')
  rig.app.time.now += 30 * 60000
  await soon(1100)
  assert.strictEqual(rig.page.view.hold, '')
  assert.strictEqual(rig.page.ticker, null)
  rig.page.onUnload()
})

;[-25, -1, 1, 25].forEach(function (hours) {
  test('clock__wrong_by_' + hours + '_hours__recall_offered_and_the_mute_as_long_as_it_is', async function () {
    var rig = enter()
    rig.app.time.now = Date.now() - hours * 3600000 // what the library takes for the server's time
    rig.client.emit('message', said(rig.app, 1, { mine: true, from: { uid: 'me' }, time: rig.app.time.now - 60000 }))
    await soon()
    rig.page.menu({ detail: { row: rowOf(rig, 'm1') } })
    assert.deepStrictEqual(called(rig, 'showActionSheet')[0][1].itemList, ['复制', '撤回'])
    rig.client.emit('notice', { error: 'ERR_MUTED', topic: 'room/lobby', until: rig.app.time.now + 600000, message: 'x' })
    await soon()
    assert.match(rig.page.view.hold, /（还剩 10:00）$/)
    rig.page.onUnload()
  })
})

test('too_fast__told_and_the_keyboard_stays', async function () {
  var rig = enter()
  rig.client.emit('notice', { error: 'ERR_RATE_LIMITED', topic: 'room/lobby', until: rig.app.time.now + 1500, message: 'x' })
  await soon()
  assert.strictEqual(rig.page.view.hold, '')
  assert.strictEqual(rig.page.view.hint, '说得太快了，2 秒后可以再发')
  assert.strictEqual(rig.page.view.wait, 2)
  rig.page.onUnload()
})

test('scrolled_up__new_ones_come__counted_and_the_place_kept', async function () {
  var rig = enter()
  hear(rig, 1, 50)
  await soon()
  rig.page.scrolled({ detail: { scrollTop: 1200, scrollHeight: 2500 } })
  var into = rig.page.view.into
  hear(rig, 51, 53)
  await soon()
  assert.strictEqual(rig.page.view.jump, '3 条新消息')
  assert.strictEqual(rig.page.view.into, into)
  rig.page.toLatest()
  assert.strictEqual(rig.page.view.jump, '')
  assert.notStrictEqual(rig.page.view.into, into)
  rig.page.onUnload()
})

test('scrolled_a_little__still_at_the_end', async function () {
  var rig = enter()
  hear(rig, 1, 50)
  await soon()
  rig.page.scrolled({ detail: { scrollTop: 1950, scrollHeight: 2500 } })
  hear(rig, 51, 51)
  await soon()
  assert.strictEqual(rig.page.view.jump, '')
  rig.page.onUnload()
})

test('scrolled_to_the_top__history_above_and_the_place_kept', async function () {
  var rig = enter()
  hear(rig, 101, 200)
  await soon()
  rig.page.scrolled({ detail: { scrollTop: 100, scrollHeight: 5000 } })
  rig.page.at = 100
  rig.page.upper()
  await soon()
  if (!rig.client.calls.some(function (/** @type {any} */ c) { return c[0] === 'history' })) rig.page.upper()
  assert.strictEqual(rig.page.view.loading, true)
  rig.page.upper()
  assert.strictEqual(rig.client.calls.filter(function (/** @type {any} */ c) { return c[0] === 'history' }).length, 1)
  var first = texts(rig)[1]
  var page = []
  for (var i = 61; i <= 100; i++) page.push(said(rig.app, i))
  await rig.client.resolve('history', { messages: page, more: true })
  await soon()
  assert.strictEqual(texts(rig)[1], 'm61')
  // What stood first stands as far from the top of the screen as before.
  var moved = rig.page.view.rows.findIndex(function (/** @type {any} */ row) { return row.text === first }) - 1
  assert.ok(moved > 0)
  assert.strictEqual(rig.page.view.scrollTop, 100 + moved * 50)
  assertDrawn(rig)
  rig.page.onUnload()
})

test('scrolled_to_the_top__nothing_older__told', async function () {
  var rig = enter()
  hear(rig, 1, 30)
  await soon()
  rig.page.upper()
  await rig.client.resolve('history', { messages: [], more: false })
  await soon()
  assert.strictEqual(rig.page.view.above, '没有更早的消息了')
  rig.page.onUnload()
})

test('scrolled_to_the_top__no_network__told', async function () {
  var rig = enter()
  hear(rig, 1, 30)
  await soon()
  rig.page.upper()
  await rig.client.reject('history', { code: 'ERR_NETWORK' })
  assert.strictEqual(rig.page.view.above, '网络不通，请检查网络')
  assert.strictEqual(rig.page.view.loading, false)
  rig.page.onUnload()
})

test('scrolled_to_the_top__a_page_of_events_only__on_to_the_one_before', async function () {
  var rig = enter()
  hear(rig, 50, 60)
  await soon()
  rig.page.upper()
  await rig.client.resolve('history', { messages: [said(rig.app, 40, { type: 'custom', data: {} })], more: true })
  assert.strictEqual(rig.client.last('history')[1].before, '40')
  rig.page.onUnload()
})

test('scrolled_up_and_down_again__from_memory__follows_again', async function () {
  var rig = enter()
  hear(rig, 1, 400)
  await soon()
  for (var i = 0; i < 10; i++) {
    rig.page.upper()
    await soon(15)
  }
  assertDrawn(rig)
  assert.strictEqual(rig.page.view.jump, '回到最新')
  for (i = 0; i < 20; i++) {
    rig.page.lower()
    await soon(15)
  }
  await soon()
  assert.strictEqual(texts(rig).pop(), 'm400')
  assert.strictEqual(rig.page.view.jump, '')
  assertDrawn(rig)
  rig.page.onUnload()
})

test('away_in_the_background__unread_line_and_place_kept_for_who_read_further_up', async function () {
  var rig = enter()
  hear(rig, 1, 50)
  await soon()
  rig.page.onHide()
  hear(rig, 51, 52)
  rig.page.onShow()
  assert.ok(texts(rig).includes('unread'))
  rig.page.scrolled({ detail: { scrollTop: 0, scrollHeight: 2600 } })
  rig.page.onHide()
  hear(rig, 53, 53)
  var into = rig.page.view.into
  rig.page.onShow()
  assert.strictEqual(rig.page.view.into, into)
  assert.strictEqual(rig.page.view.jump, '1 条新消息')
  rig.page.onUnload()
})
;[
  { what: 'own and fresh', row: { kind: 'message', type: 'text', mine: true, id: '1', time: 1000 }, now: 1000 + 119000, want: ['复制', '撤回'] },
  { what: 'own and old', row: { kind: 'message', type: 'text', mine: true, id: '1', time: 1000 }, now: 1000 + 120000, want: ['复制'] },
  { what: 'other', row: { kind: 'message', type: 'text', mine: false, id: '1', time: 1000 }, now: 1000, want: ['复制'] },
  { what: 'own picture', row: { kind: 'message', type: 'image', mine: true, id: '1', time: 1000 }, now: 1000, want: ['撤回'] },
  { what: 'picture of another', row: { kind: 'message', type: 'image', mine: false, id: '1', time: 1000 }, now: 1000, want: [] },
  { what: 'unsent', row: { kind: 'message', type: 'text', mine: true, time: 1000, status: 'failed' }, now: 1000, want: ['重发', '复制', '删除'] },
  { what: 'uploading', row: { kind: 'message', type: 'image', mine: true, time: 1000, status: 'uploading' }, now: 1000, want: ['取消发送'] },
  { what: 'recalled', row: { kind: 'recalled', mine: true, id: '1', time: 1000, text: 'x' }, now: 1000, want: [] }
].forEach(function (row) {
  test('menu__' + row.what.replace(/ /g, '_') + '__' + (row.want.join('_') || 'none'), function () {
    var rig = enter()
    rig.app.time.now = row.now
    rig.page.menu({ detail: { row: row.row } })
    var sheets = called(rig, 'showActionSheet')
    assert.deepStrictEqual(sheets.length ? sheets[0][1].itemList : [], row.want)
    rig.page.onUnload()
  })
})

test('menu__chosen__copied_whole_or_recalled', async function () {
  var rig = enter()
  rig.client.emit('message', said(rig.app, 1, { mine: true, from: { uid: 'me' }, content: 'x'.repeat(1999), time: rig.app.time.now }))
  await soon()
  var row = rig.page.view.rows[1]
  assert.strictEqual(row.folded, true)
  rig.wx.answers.showActionSheet = function () { return { tapIndex: 0 } }
  rig.page.menu({ detail: { row: row } })
  await soon()
  assert.strictEqual(called(rig, 'setClipboardData')[0][1].data.length, 1999)
  rig.wx.answers.showActionSheet = function () { return { tapIndex: 1 } }
  rig.page.menu({ detail: { row: row } })
  await soon()
  assert.deepStrictEqual(rig.client.last('recall'), ['lobby', '1'])
  await rig.client.reject('recall', { code: 'ERR_BAD_MESSAGE' })
  assert.strictEqual(called(rig, 'showToast')[0][1].title, '超过两分钟的消息不能撤回')
  rig.page.onUnload()
})

test('recalled__edited_again__text_back_in_the_input', async function () {
  var rig = enter()
  rig.client.emit('message', said(rig.app, 1, { mine: true, from: { uid: 'me' } }))
  rig.client.emit('message', said(rig.app, 2, { mine: true, from: { uid: 'me' }, type: 'recall', of: '1' }))
  await soon()
  rig.page.edit({ detail: { row: rig.page.view.rows[1] } })
  assert.strictEqual(rig.page.view.draft, 'm1')
  rig.page.onUnload()
})

test('pictures__chosen__made_small_shown_and_uploaded', async function () {
  var rig = enter()
  rig.wx.answers.chooseMedia = function () {
    return { tempFiles: [{ tempFilePath: 'wxfile://big', size: 5e6 }, { tempFilePath: 'wxfile://gif', size: 5e6 }, { tempFilePath: 'wxfile://odd', size: 5e6 }] }
  }
  rig.wx.answers.getImageInfo = function (options) {
    if (options.src === 'wxfile://odd') throw new Error('no picture')
    return { width: 400, height: 200, type: options.src === 'wxfile://gif' ? 'gif' : 'jpeg' }
  }
  rig.wx.answers.compressImage = function () { return { tempFilePath: 'wxfile://small' } }
  rig.page.choosePictures()
  await soon(80)
  var paths = rig.client.calls.filter(function (/** @type {any} */ c) { return c[0] === 'upload' }).map(function (/** @type {any} */ c) { return c[1] })
  assert.deepStrictEqual(paths, ['wxfile://small', 'wxfile://gif', 'wxfile://odd'])
  var rows = rig.page.view.rows.filter(function (/** @type {any} */ row) { return row.type === 'image' })
  assert.deepStrictEqual(rows.map(function (/** @type {any} */ row) { return row.src }), paths)
  assert.deepStrictEqual([rows[0].width, rows[0].height, rows[0].status], [200, 100, 'uploading'])
  rig.page.onUnload()
})

;[
  { errMsg: 'chooseMedia:fail cancel', told: [] },
  { errMsg: 'chooseMedia:fail api scope is not declared in the privacy agreement', told: ['还没有同意隐私说明，不能选图片'] },
  { errMsg: 'chooseMedia:fail privacy permission is not authorized', told: ['还没有同意隐私说明，不能选图片'] },
  { errMsg: 'chooseMedia:fail auth deny', told: ['请在设置里允许使用相册和相机'] },
  { errMsg: 'chooseMedia:fail system error', told: ['没有打开相册，请重试'] }
].forEach(function (row) {
  test('pictures__' + row.errMsg.replace(/ /g, '_') + '__' + (row.told[0] || 'nothing'), async function () {
    var rig = enter()
    rig.wx.answers.chooseMedia = function () { return Promise.reject({ errMsg: row.errMsg }) }
    rig.page.choosePictures()
    await soon()
    assert.ok(!rig.client.calls.some(function (/** @type {any} */ c) { return c[0] === 'upload' }))
    assert.deepStrictEqual(called(rig, 'showToast').map(function (/** @type {any} */ c) { return c[1].title }), row.told)
    rig.page.onUnload()
  })
})

test('copy__refused__told', async function () {
  var rig = enter()
  rig.wx.answers.setClipboardData = function () { return Promise.reject({ errMsg: 'setClipboardData:fail' }) }
  rig.page.act('copy', { key: 'm1' })
  await soon()
  assert.strictEqual(called(rig, 'showToast')[0][1].title, '没有复制成功，请重试')
  rig.page.onUnload()
})

test('picture__tapped__all_of_the_room_to_leaf_through', async function () {
  var rig = enter()
  rig.client.emit('message', said(rig.app, 1, { type: 'image', url: stage.MEDIA + 'a.jpg' }))
  rig.client.emit('message', said(rig.app, 2, { type: 'image', url: 'https://evil.example/b.jpg' }))
  rig.client.emit('message', said(rig.app, 3, { type: 'image', url: stage.MEDIA + 'c.jpg' }))
  rig.client.emit('message', said(rig.app, 4))
  await soon()
  rig.page.open({ detail: { row: rig.page.view.rows[2] } })
  var preview = called(rig, 'previewImage')[0][1]
  assert.deepStrictEqual(preview, { urls: [stage.MEDIA + 'a.jpg', stage.MEDIA + 'c.jpg'], current: stage.MEDIA + 'c.jpg' })
  rig.page.onUnload()
})

test('voice__tapped__one_at_a_time', async function () {
  var rig = enter()
  rig.client.emit('message', said(rig.app, 1, { type: 'voice', url: stage.MEDIA + 'a.mp3', duration: 3 }))
  rig.client.emit('message', said(rig.app, 2, { type: 'voice', url: stage.MEDIA + 'b.mp3', duration: 3 }))
  await soon()
  var a = rig.page.view.rows[1]
  var b = rig.page.view.rows[2]
  rig.page.open({ detail: { row: a } })
  assert.strictEqual(rig.page.view.playing, a.key)
  rig.page.open({ detail: { row: b } })
  assert.strictEqual(rig.page.view.playing, b.key)
  assert.deepStrictEqual(rig.wx.audio.log, ['play ' + a.src, 'stop ' + a.src, 'play ' + b.src])
  await soon()
  assert.strictEqual(rig.page.view.playing, b.key, 'what was stopped tells of it later')
  rig.wx.audio.heard.onEnded()
  assert.strictEqual(rig.page.view.playing, '')
  rig.page.open({ detail: { row: b } })
  rig.page.open({ detail: { row: b } })
  assert.strictEqual(rig.page.view.playing, '')
  rig.page.open({ detail: { row: a } })
  rig.page.onHide()
  assert.strictEqual(rig.page.view.playing, '')
  rig.page.onUnload()
  assert.strictEqual(rig.wx.audio.log.pop(), 'destroy ' + a.src)
})

test('voice__recorded__uploaded_with_its_length', async function () {
  var rig = enter()
  rig.page.sayVoice({ detail: { path: 'wxfile://v', seconds: 3.2 } })
  assert.strictEqual(rig.client.last('upload')[0], 'wxfile://v')
  await rig.client.resolve('upload', { url: stage.MEDIA + 'v.mp3', type: 'audio/mpeg', size: 1, sha256: '' })
  var draft = rig.client.last('say')[1]
  assert.deepStrictEqual([draft.type, draft.duration, draft.url], ['voice', 3.2, stage.MEDIA + 'v.mp3'])
  rig.page.onUnload()
})

;[true, false].forEach(function (confirm) {
  test('microphone__not_allowed__settings_' + (confirm ? 'after_a_tap' : 'not_opened'), async function () {
    var rig = enter()
    rig.wx.answers.showModal = function () { return { confirm: confirm } }
    rig.page.askMicrophone()
    assert.strictEqual(called(rig, 'openSetting').length, 0)
    await soon()
    assert.strictEqual(called(rig, 'openSetting').length, confirm ? 1 : 0)
    rig.page.onUnload()
  })
})

test('keyboard__rises__page_above_it_and_at_the_end', async function () {
  var rig = enter()
  hear(rig, 1, 50)
  await soon()
  var into = rig.page.view.into
  rig.page.moveKeyboard({ detail: { height: 300 } })
  await soon()
  assert.strictEqual(rig.page.view.keyboard, 300)
  assert.notStrictEqual(rig.page.view.into, into)
  rig.page.leaveKeyboard()
  assert.strictEqual(called(rig, 'hideKeyboard').length, 1)
  rig.page.onUnload()
})

test('keyboard__falls__a_scroll_that_no_finger_made_changes_nothing', async function () {
  var rig = enter()
  hear(rig, 1, 50)
  rig.page.viewHeight = 200
  rig.page.moveKeyboard({ detail: { height: 300 } })
  await soon()
  assert.strictEqual(rig.page.height, 200)
  rig.page.viewHeight = 500
  rig.page.moveKeyboard({ detail: { height: 0 } })
  rig.page.scrolled({ detail: { scrollTop: 2000, scrollHeight: 2500 } })
  assert.strictEqual(rig.app.desk.find('lobby').timeline.following(), true)
  await soon()
  assert.strictEqual(rig.page.height, 500)
  rig.page.scrolled({ detail: { scrollTop: 1800, scrollHeight: 2500 } })
  assert.strictEqual(rig.app.desk.find('lobby').timeline.following(), false)
  rig.page.onUnload()
})

test('hold__takes_the_place_of_the_input__still_at_the_end', async function () {
  var rig = enter()
  hear(rig, 1, 50)
  await soon()
  rig.client.emit('notice', { error: 'ERR_RATE_LIMITED', topic: 'room/lobby', until: rig.app.time.now + 1500, message: 'x' })
  rig.page.refresh()
  rig.page.scrolled({ detail: { scrollTop: 1800, scrollHeight: 2500 } })
  assert.strictEqual(rig.app.desk.find('lobby').timeline.following(), true)
  rig.page.onUnload()
})
;[
  { query: { room: encodeURIComponent('大厅/../x') }, want: 'lobby' },
  { query: { room: '%ZZ' }, want: 'lobby' },
  { query: {}, want: 'lobby' },
  { query: { room: encodeURIComponent('读书会') }, want: '读书会' }
].forEach(function (row, i) {
  test('link__of_anybody_' + i + '__to_' + row.want, function () {
    var rig = enter({ query: row.query })
    assert.strictEqual(rig.page.room, row.want)
    assert.strictEqual(rig.page.view.title, row.want === 'lobby' ? '大厅' : row.want)
    rig.page.onUnload()
  })
})

test('share__of_a_room_and_of_a_groups__paths', function () {
  var rig = enter()
  assert.deepStrictEqual(rig.page.onShareAppMessage(), { title: '大厅', path: '/pages/chat/chat?room=lobby' })
  rig.page.onUnload()
  rig = enter({ query: { room: encodeURIComponent('@tGdEb0') } })
  assert.strictEqual(rig.page.onShareAppMessage().path, '/pages/rooms/rooms')
  assert.strictEqual(rig.page.view.group, 'tGdEb0')
  rig.page.onUnload()
})

test('left__nothing_is_drawn_any_more', async function () {
  var rig = enter()
  rig.page.onUnload()
  await soon()
  var drawn = rig.page.drawn
  hear(rig, 1, 5)
  await soon()
  assert.strictEqual(rig.page.drawn, drawn)
})
