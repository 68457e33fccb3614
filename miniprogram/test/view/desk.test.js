var test = require('node:test')
var assert = require('node:assert')
var desks = require('../../view/desk')
var createFiles = require('../../view/files').createFiles
var createFakeClient = require('./fake-client').createFakeClient

var MEDIA = 'https://chat.example.com/media/'
var NOW = new Date(2025, 10, 21, 14, 2, 0).getTime()

/** @param {any} [kept] */
function make(kept) {
  var client = createFakeClient()
  var stored = { value: kept }
  var time = { now: NOW }
  client.now = function () { return time.now }
  var desk = desks.createDesk({
    client: /** @type {any} */ (client),
    mediaUrl: MEDIA,
    rooms: [{ name: 'lobby', title: '大厅' }, { name: 'tea' }],
    store: {
      get: function () { return stored.value },
      set: function (value) { stored.value = value }
    }
  })
  var stop = desk.start()
  return { client: client, desk: desk, stored: stored, time: time, stop: stop }
}

/** @param {number} id @param {object} [more] @returns {any} */
function said(id, more) {
  var fixed = { id: String(id), time: NOW - 1000, room: 'lobby', from: { uid: 'u', nickName: '小红' }, type: 'text', content: 'm' + id, mine: false }
  return Object.assign(fixed, more)
}

/** @param {any} rig @param {string} [room] @returns {any} */
function room(rig, room) {
  return rig.desk.find(room || 'lobby')
}

;[
  ['lobby', true],
  ['大厅', true],
  ['~club', true],
  ['@tGdEb0', true],
  ['a'.repeat(64), true],
  ['a'.repeat(65), false],
  ['厅'.repeat(21), true],
  ['厅'.repeat(22), false],
  ['', false],
  ['a/b', false],
  ['+', false],
  ['#', false],
  ['$SYS', false],
  ['a\n', false],
  ['\ud83d', false]
].forEach(function (row, i) {
  test('isRoom__row_' + i + '__' + row[1], function () {
    assert.strictEqual(desks.isRoom(String(row[0])), row[1])
  })
})

test('start__rooms_of_the_configuration_and_remembered_ones__joined', function () {
  var rig = make({ added: [{ name: 'mine', title: '我的' }, { name: 'bad/name' }, null, { name: 'lobby' }, { name: 7 }], read: 'x' })
  var names = rig.desk.rooms().map(function (r) { return r.title })
  assert.deepStrictEqual(names, ['大厅', 'tea', '我的'])
  assert.deepStrictEqual(rig.client.calls.map(function (c) { return c[1] }), ['lobby', 'tea', 'mine'])
})
;[undefined, '', 7, 'text', { read: { lobby: { a: 1 } }, added: 3 }].forEach(function (kept, i) {
  test('start__storage_wiped_or_spoilt_' + i + '__as_new', function () {
    var rig = make(kept)
    assert.strictEqual(rig.desk.rooms().length, 2)
    assert.strictEqual(room(rig).read, '')
  })
})

test('message__in_another_room__unread_and_last_line', function () {
  var rig = make({ read: { lobby: '5' } })
  rig.client.emit('message', said(4, { history: true }))
  rig.client.emit('message', said(5, { history: true }))
  rig.client.emit('message', said(6, { history: true }))
  rig.client.emit('message', said(7))
  rig.client.emit('message', said(8, { mine: true }))
  rig.client.emit('message', said(9, { type: 'custom', data: {} }))
  rig.client.emit('message', said(10, { type: 'recall', of: '6' }))
  rig.client.emit('message', said(11, { room: 'elsewhere' }))
  assert.strictEqual(room(rig).unread, 2)
  assert.strictEqual(room(rig).last.text, '“小红”撤回了一条消息')
})

test('joined__first_time__nothing_unread', function () {
  var rig = make()
  rig.client.emit('state', 'online')
  rig.client.emit('joined', { room: 'lobby', gap: false })
  for (var i = 1; i <= 50; i++) rig.client.emit('message', said(i, { history: true }))
  assert.strictEqual(room(rig).unread, 0)
  rig.client.emit('message', said(51))
  assert.strictEqual(room(rig).unread, 1)
  assert.strictEqual(rig.stored.value.read.lobby, '50')
  rig.desk.open('lobby')
  var kinds = room(rig).timeline.rows().map(function (/** @type {any} */ row) { return row.kind })
  assert.deepStrictEqual(kinds.slice(-3), ['message', 'unread', 'message'])
})

test('joined__first_time__what_is_missed_later_is_unread', function () {
  var rig = make()
  rig.client.emit('state', 'online')
  rig.client.emit('joined', { room: 'lobby', gap: false })
  rig.client.emit('message', said(1, { history: true }))
  rig.client.emit('state', 'connecting')
  rig.client.emit('message', said(2, { history: true }))
  rig.client.emit('joined', { room: 'lobby', gap: false })
  assert.strictEqual(room(rig).unread, 1)
})

test('joined__not_for_the_first_time__greeting_counted_from_what_was_read', function () {
  var rig = make({ read: { lobby: '3' } })
  rig.client.emit('state', 'online')
  rig.client.emit('joined', { room: 'lobby', gap: false })
  for (var i = 1; i <= 5; i++) rig.client.emit('message', said(i, { history: true }))
  assert.strictEqual(room(rig).unread, 2)
})

test('joined__first_time_and_empty__what_comes_then_is_unread', function () {
  var rig = make()
  rig.client.emit('joined', { room: 'lobby', gap: false })
  rig.client.emit('message', said(5))
  rig.client.emit('joined', { room: 'lobby', gap: false })
  assert.strictEqual(room(rig).unread, 1)
  rig.desk.open('lobby')
  assert.ok(room(rig).timeline.rows().some(function (/** @type {any} */ row) { return row.kind === 'unread' }))
})

test('open__unread__line_above_and_read', function () {
  var rig = make({ read: { lobby: '5' } })
  rig.client.emit('message', said(5, { history: true }))
  rig.client.emit('message', said(6))
  rig.desk.open('lobby')
  var kinds = room(rig).timeline.rows().map(function (/** @type {any} */ row) { return row.kind })
  assert.deepStrictEqual(kinds, ['time', 'message', 'unread', 'message'])
  assert.strictEqual(room(rig).unread, 0)
  rig.client.emit('message', said(7))
  assert.strictEqual(room(rig).unread, 0)
  assert.strictEqual(rig.stored.value.read.lobby, '7')
  rig.desk.shut('lobby')
  rig.client.emit('message', said(8))
  assert.strictEqual(room(rig).unread, 1)
})

test('notice__muted__told_until_it_ends', function () {
  var rig = make()
  rig.client.emit('notice', { error: 'ERR_MUTED', topic: 'room/lobby', until: NOW + 30 * 60000, message: 'english' })
  assert.deepStrictEqual(rig.desk.hold('lobby'), { text: '你已被禁言，14:32 后可以发言', left: 30 * 60000, wait: 30 * 60000, brief: false })
  assert.strictEqual(rig.desk.hold('tea').text, '')
  rig.time.now += 30 * 60000
  assert.strictEqual(rig.desk.hold('lobby').text, '')
})

test('notice__muted_and_then_heard__told_no_more', function () {
  var rig = make()
  rig.client.emit('notice', { error: 'ERR_MUTED', topic: 'room/lobby', until: NOW + 30 * 60000, message: '' })
  rig.client.emit('message', said(1, { mine: true, ref: 'r' }))
  assert.strictEqual(rig.desk.hold('lobby').text, '')
})

;[
  { name: 'a_blink', until: NOW + 200, wait: 200, left: 3000, text: '说得太快了，1 秒后可以再发' },
  { name: 'over_by_this_clock', until: NOW - 500, wait: 0, left: 3000, text: '说得太快了，请稍等一下' },
  { name: 'long', until: NOW + 10000, wait: 10000, left: 10000, text: '说得太快了，10 秒后可以再发' }
].forEach(function (row) {
  test('notice__too_fast_for_' + row.name + '__told_as_long_as_it_takes_to_read', function () {
    var rig = make()
    rig.client.emit('notice', { error: 'ERR_RATE_LIMITED', topic: 'room/lobby', until: row.until, message: '' })
    rig.client.emit('message', said(1, { mine: true, ref: 'r' }))
    assert.deepStrictEqual(rig.desk.hold('lobby'), { text: row.text, left: row.left, wait: row.wait, brief: true })
    rig.time.now += row.left - 1
    assert.strictEqual(rig.desk.hold('lobby').left, 1)
    rig.time.now += 1
    assert.strictEqual(rig.desk.hold('lobby').text, '')
  })
})

test('notice__may_not_enter__told_until_joined', function () {
  var rig = make()
  rig.client.emit('notice', { error: 'ERR_FORBIDDEN_TOPIC', topic: 'room/lobby', message: '' })
  assert.strictEqual(rig.desk.hold('lobby').text, '你不能进入这个房间')
  rig.client.emit('joined', { room: 'lobby', gap: false })
  assert.strictEqual(rig.desk.hold('lobby').text, '')
})

test('notice__banned__told_in_all_rooms', function () {
  var rig = make()
  rig.client.emit('notice', { error: 'ERR_INVALID_SESSION', reason: 'banned', message: '' })
  assert.strictEqual(rig.desk.hold('lobby').text, '你的账号已被封禁')
  assert.strictEqual(rig.desk.hold('tea').text, '你的账号已被封禁')
})

test('notice__hostile__no_room_no_harm', function () {
  var rig = make()
  rig.client.emit('notice', { error: 'ERR_MUTED', topic: { a: 1 }, until: 'x', message: {} })
  rig.client.emit('notice', { error: 'ERR_MUTED', topic: 'room/nowhere', until: NOW, message: '' })
  assert.strictEqual(typeof rig.desk.hold('lobby').text, 'string')
})

test('joined__gap__told_where_the_connection_was_lost', function () {
  var rig = make()
  rig.client.emit('state', 'online')
  rig.client.emit('message', said(3))
  rig.client.emit('state', 'connecting')
  rig.client.emit('message', said(900))
  rig.client.emit('joined', { room: 'lobby', gap: true })
  var kinds = room(rig).timeline.rows().map(function (/** @type {any} */ row) { return row.kind })
  assert.deepStrictEqual(kinds, ['time', 'message', 'gap', 'message'])
})

test('add_and_remove__remembered', function () {
  var rig = make()
  rig.desk.add('club', '俱乐部').catch(function () {})
  assert.deepStrictEqual(rig.stored.value.added, [{ name: 'club', title: '俱乐部' }])
  rig.desk.remove('club')
  rig.desk.remove('lobby')
  assert.deepStrictEqual(rig.stored.value.added, [])
  assert.deepStrictEqual(rig.client.last('leave'), ['club'])
  assert.strictEqual(rig.desk.rooms().length, 2)
})

test('add__no_name_of_a_room__refused', async function () {
  var rig = make()
  await assert.rejects(rig.desk.add('a/b'), { code: 'ERR_ROOM_NAME' })
  await assert.rejects(rig.desk.add('厅'.repeat(22)), { code: 'ERR_ROOM_LENGTH' })
  assert.strictEqual(rig.desk.rooms().length, 2)
})

test('add__group__title_and_group', function () {
  var rig = make()
  rig.desk.add('@tGdEb0')
  assert.strictEqual(room(rig, '@tGdEb0').group, 'tGdEb0')
  assert.strictEqual(room(rig, '@tGdEb0').title, '微信群')
})

test('join__refused__told', async function () {
  var rig = make()
  await rig.client.reject('join', { code: 'ERR_FORBIDDEN_TOPIC' })
  assert.strictEqual(rig.desk.hold('lobby').text, '你不能进入这个房间')
})

test('join__refused_by_a_groups_room__told_what_to_do', async function () {
  var rig = make({ added: [{ name: '@g' }] })
  await rig.client.resolve('join')
  await rig.client.resolve('join')
  await rig.client.reject('join', { code: 'ERR_FORBIDDEN_TOPIC' })
  assert.match(rig.desk.hold('@g').text, /群里点开小程序卡片/)
  rig.client.emit('notice', { error: 'ERR_FORBIDDEN_TOPIC', topic: 'room/@g', until: NOW + 60000, message: '' })
  assert.strictEqual(rig.desk.hold('@g').text, '你已被移出这个房间，14:03 后可以再进入')
})

test('older__until_there_are_no_more__asked_before_the_first', async function () {
  var rig = make()
  rig.client.emit('message', said(50))
  var page = rig.desk.older('lobby')
  assert.deepStrictEqual(rig.client.last('history'), ['lobby', { before: '50', limit: 40 }])
  await rig.client.resolve('history', { messages: [said(48), said(49)], more: true })
  assert.strictEqual(await page, true)
  page = rig.desk.older('lobby')
  assert.strictEqual(rig.client.last('history')[1].before, '48')
  await rig.client.resolve('history', { messages: [], more: false })
  assert.strictEqual(await page, false)
  var calls = rig.client.calls.length
  assert.strictEqual(await rig.desk.older('lobby'), false)
  assert.strictEqual(rig.client.calls.length, calls)
})

test('outgoing__failed__why_in_words', function () {
  var rig = make()
  var error = { code: 'ERR_BAD_MESSAGE', message: 'content must be 1 to 2000 characters' }
  rig.client.emit('outgoing', { ref: 'r', room: 'lobby', draft: { type: 'text', content: 'x' }, status: 'failed', error: error })
  assert.strictEqual(room(rig).timeline.rows()[1].why, '这条消息的格式不对，没有发出')
})

test('outgoing__of_ones_own__own_name_from_the_start', function () {
  var rig = make()
  rig.client.known = { uid: 'me', userInfo: { nickName: '小明', avatarUrl: MEDIA + 'a.png' } }
  rig.client.emit('outgoing', { ref: 'r', room: 'lobby', draft: { type: 'text', content: 'x' }, status: 'sending' })
  var before = room(rig).timeline.rows()[1]
  rig.client.emit('message', said(9, { mine: true, ref: 'r', from: { uid: 'me', nickName: '小明', avatarUrl: MEDIA + 'a.png' } }))
  var after = room(rig).timeline.rows()[1]
  assert.deepStrictEqual([after.name, after.avatar, after.key], [before.name, before.avatar, before.key])
  assert.strictEqual(after.name, '小明')
})

test('watch__until_off__told_which_room', function () {
  var rig = make()
  /** @type {string[]} */
  var told = []
  var off = rig.desk.watch(function (name) { told.push(name) })
  rig.client.emit('presence', { room: 'tea', num: 3, time: NOW })
  off()
  rig.client.emit('presence', { room: 'tea', num: 4, time: NOW })
  assert.deepStrictEqual(told, ['tea'])
  assert.strictEqual(room(rig, 'tea').num, 4)
  rig.stop()
  rig.client.emit('presence', { room: 'tea', num: 5, time: NOW })
  assert.strictEqual(room(rig, 'tea').num, 4)
})

var PICTURE = { path: 'wxfile://a', draft: { type: /** @type {'image'} */ ('image'), width: 10, height: 20 } }

/** @param {any} rig */
function picture(rig) {
  return room(rig).timeline.rows().filter(function (/** @type {any} */ row) { return row.kind === 'message' })[0]
}

test('files__picture__shown_uploaded_said', async function () {
  var rig = make()
  var files = createFiles({ client: /** @type {any} */ (rig.client), desk: rig.desk })
  files.send('lobby', PICTURE)
  assert.strictEqual(picture(rig).status, 'uploading')
  assert.strictEqual(picture(rig).src, 'wxfile://a')
  rig.client.last('upload')[1](40)
  assert.strictEqual(picture(rig).progress, 40)
  await rig.client.resolve('upload', { url: MEDIA + 'a.jpg', type: 'image/jpeg', size: 1, sha256: '', width: 30, height: 40 })
  var said = rig.client.last('say')
  assert.deepStrictEqual(said, ['lobby', { type: 'image', width: 30, height: 40, url: MEDIA + 'a.jpg', ref: picture(rig).ref }])
})

test('files__refused__marked_and_sent_again', async function () {
  var rig = make()
  var files = createFiles({ client: /** @type {any} */ (rig.client), desk: rig.desk })
  files.send('lobby', PICTURE)
  await rig.client.reject('upload', { code: 'ERR_TOO_BIG', statusCode: 413 })
  assert.strictEqual(picture(rig).status, 'failed')
  assert.strictEqual(picture(rig).why, '文件太大了')
  assert.strictEqual(files.retry(picture(rig).ref), true)
  assert.strictEqual(files.retry(picture(rig).ref), true)
  assert.strictEqual(picture(rig).status, 'uploading')
  assert.strictEqual(rig.client.calls.filter(function (c) { return c[0] === 'upload' }).length, 2)
  assert.strictEqual(files.retry('another'), false)
})

test('files__many_at_once__three_at_a_time_in_order', async function () {
  var rig = make()
  var files = createFiles({ client: /** @type {any} */ (rig.client), desk: rig.desk })
  var settled = 0
  for (var i = 0; i < 9; i++) {
    files.send('lobby', { path: 'wxfile://' + i, draft: { type: 'image' } }).then(function () { settled++ })
  }
  function uploads() {
    return rig.client.calls.filter(function (c) { return c[0] === 'upload' }).map(function (c) { return c[1].slice(-1) }).join('')
  }
  assert.strictEqual(uploads(), '012')
  var rows = room(rig).timeline.rows().filter(function (/** @type {any} */ row) { return row.status === 'uploading' })
  assert.strictEqual(rows.length, 9)
  files.forget(rows[4].ref)
  await rig.client.resolve('upload', { url: MEDIA + 'a.jpg' })
  assert.strictEqual(uploads(), '0123')
  await rig.client.reject('upload', { code: 'ERR_NETWORK' })
  assert.strictEqual(uploads(), '01235')
  assert.strictEqual(settled, 3)
})

test('files__thrown_away_while_uploading__stopped_and_never_said', async function () {
  var rig = make()
  var files = createFiles({ client: /** @type {any} */ (rig.client), desk: rig.desk })
  files.send('lobby', PICTURE)
  assert.strictEqual(files.forget(picture(rig).ref), true)
  assert.deepStrictEqual(rig.client.calls.pop(), ['abort'])
  await rig.client.resolve('upload', { url: MEDIA + 'a.jpg' })
  assert.strictEqual(picture(rig), undefined)
  assert.ok(!rig.client.calls.some(function (c) { return c[0] === 'say' }))
  assert.strictEqual(files.forget('another'), false)
})
;['ERR_NETWORK', 'ERR_TIMEOUT'].forEach(function (code) {
  test('files__' + code + '__sent_again_when_the_network_is_back', async function () {
    var rig = make()
    var files = createFiles({ client: /** @type {any} */ (rig.client), desk: rig.desk })
    files.send('lobby', PICTURE)
    files.send('lobby', { path: 'wxfile://b', draft: { type: 'image' } })
    await rig.client.reject('upload', { code: code })
    await rig.client.reject('upload', { code: 'ERR_TOO_BIG' })
    var row = picture(rig)
    assert.strictEqual(row.status, 'failed')
    rig.client.emit('state', 'connecting')
    assert.strictEqual(uploads(rig).length, 2)
    rig.client.emit('state', 'online')
    assert.deepStrictEqual(uploads(rig), ['wxfile://a', 'wxfile://b', 'wxfile://a'])
    var now = room(rig).timeline.rows().filter(function (/** @type {any} */ other) { return other.ref === row.ref })
    assert.deepStrictEqual([now.length, now[0].status], [1, 'uploading'])
    rig.client.emit('state', 'online')
    await rig.client.resolve('upload', { url: MEDIA + 'a.jpg' })
    assert.strictEqual(rig.client.last('say')[1].ref, row.ref)
    rig.client.emit('state', 'online')
    assert.strictEqual(uploads(rig).length, 3)
  })
})

/** @param {any} rig @returns {string[]} */
function uploads(rig) {
  return rig.client.calls.filter(function (/** @type {any} */ c) { return c[0] === 'upload' }).map(function (/** @type {any} */ c) { return c[1] })
}

test('files__uploaded_and_not_taken_by_the_library__kept_and_said_without_another_upload', async function () {
  var rig = make()
  var files = createFiles({ client: /** @type {any} */ (rig.client), desk: rig.desk })
  files.send('lobby', PICTURE)
  await rig.client.resolve('upload', { url: MEDIA + 'a.jpg' })
  var ref = rig.client.last('say')[1].ref
  await rig.client.reject('say', { code: 'ERR_BUSY', ref: ref })
  assert.deepStrictEqual([picture(rig).status, picture(rig).why], ['failed', '还没发出的消息太多了，请等它们发出后再说'])
  assert.strictEqual(files.retry(ref), true)
  assert.deepStrictEqual([uploads(rig).length, rig.client.last('say')[1].url, files.retry(ref)], [1, MEDIA + 'a.jpg', false])
})

test('files__said_and_refused__the_librarys_own', async function () {
  var rig = make()
  var files = createFiles({ client: /** @type {any} */ (rig.client), desk: rig.desk })
  files.send('lobby', PICTURE)
  await rig.client.resolve('upload', { url: MEDIA + 'a.jpg' })
  var ref = rig.client.last('say')[1].ref
  rig.client.chat.out = [{ ref: ref }]
  await rig.client.reject('say', { code: 'ERR_MUTED', ref: ref })
  assert.strictEqual(files.retry(ref), false)
})
