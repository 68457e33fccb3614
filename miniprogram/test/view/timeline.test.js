var test = require('node:test')
var assert = require('node:assert')
var createTimeline = require('../../view/timeline').createTimeline
var patch = require('../../view/patch').patch

var MEDIA = 'https://chat.example.com/media/'
var NOW = new Date(2025, 10, 21, 15, 0).getTime()
var START = NOW - 60 * 60 * 1000

/** @param {object} [options] */
function make(options) {
  var fixed = { mediaUrl: MEDIA, now: function () { return NOW } }
  return createTimeline(Object.assign(fixed, options))
}

/** @param {number | string} id @param {object} [more] @returns {any} */
function said(id, more) {
  var time = START + Number(id) * 1000
  var from = { uid: 'other', nickName: '小红' }
  return Object.assign({ id: String(id), time: time, room: 'lobby', from: from, type: 'text', content: 'm' + id, mine: false }, more)
}

/** @param {number | string} id @param {string} ref */
function own(id, ref) {
  return said(id, { from: { uid: 'me', nickName: '我' }, mine: true, ref: ref })
}

/** @param {string} ref @param {string} status @returns {any} */
function sending(ref, status) {
  return { ref: ref, room: 'lobby', draft: { type: 'text', content: ref }, status: status }
}

/** @param {number} from @param {number} to */
function many(from, to) {
  var out = []
  for (var i = from; i <= to; i++) out.push(said(i))
  return out
}

/** The rows in short: texts of messages, and the other kinds by name. @param {any} timeline */
function shown(timeline) {
  return timeline.rows().map(function (row) {
    return row.kind === 'message' ? row.text + (row.status ? '!' + row.status : '') : row.kind === 'recalled' ? row.text : row.kind
  })
}

test('put__any_order_and_twice__sorted_once', function () {
  var t = make()
  t.put(said(10))
  t.put([said(9), said(100), said(10)])
  t.put(said(9))
  assert.deepStrictEqual(shown(t), ['time', 'm9', 'm10', 'm100'])
})

test('put__gap_of_more_than_five_minutes__time_between', function () {
  var t = make()
  t.put([said(1), said(301), said(602)])
  assert.deepStrictEqual(shown(t), ['time', 'm1', 'm301', 'time', 'm602'])
  assert.strictEqual(t.rows()[3].text, '14:10')
})

test('put__what_is_not_as_it_should_be__ignored', function () {
  var t = make()
  t.put([
    said(1, { type: 'custom', data: {} }),
    said(2, { type: 'hologram' }),
    said(3, { type: 'constructor' }),
    said(4, { type: 'text', content: { html: '<b>' } }),
    said(5, { type: 'text', content: '' }),
    said(6, { type: 'image', url: 'https://evil.example/a.jpg' }),
    said(7, { type: 'voice', duration: 3 }),
    said(8, { type: 'recall' }),
    said(9, { type: 'recall', of: { toString: 1 } })
  ])
  assert.deepStrictEqual(shown(t), [])
  // And yet the history is asked before the first of them, not for the same page for ever.
  assert.strictEqual(t.oldest(), '1')
})

test('put__hostile_text__stays_text', function () {
  var t = make()
  t.put(said(1, { content: '<script>alert(1)</script>', from: { uid: 'x', nickName: '<img src=x>', avatarUrl: 'javascript:1' } }))
  var row = t.rows()[1]
  assert.strictEqual(row.text, '<script>alert(1)</script>')
  assert.strictEqual(row.name, '<img src=x>')
  assert.strictEqual(row.avatar, '')
})

test('put__media__fields_of_their_rows', function () {
  var t = make()
  t.put([
    said(1, { type: 'image', url: MEDIA + 'a.jpg', width: 400, height: 200 }),
    said(2, { type: 'voice', url: MEDIA + 'a.mp3', duration: 3.4 }),
    said(3, { type: 'file', url: MEDIA + 'a.pdf', name: '报告.pdf', size: 2048 })
  ])
  var rows = t.rows()
  assert.strictEqual(rows[1].src, MEDIA + 'a.jpg')
  assert.strictEqual(rows[1].width, 200)
  assert.strictEqual(rows[2].seconds, 3)
  assert.strictEqual(rows[3].text, '报告.pdf')
  assert.strictEqual(rows[3].size, '2.0 KB')
})

test('outgoing__until_the_server_has_it__one_row_with_one_key', function () {
  var t = make()
  t.put(said(1))
  t.outgoing(sending('r1', 'sending'))
  var before = t.rows()
  assert.deepStrictEqual(shown(t), ['time', 'm1', 'time', 'r1!sending'])
  t.put(own(2, 'r1'))
  t.outgoing(sending('r1', 'sent'))
  var after = t.rows()
  assert.deepStrictEqual(shown(t), ['time', 'm1', 'm2'])
  assert.strictEqual(after[2].key, before[3].key)
})

test('outgoing__after_its_message__changes_nothing', function () {
  var t = make()
  t.put(own(2, 'r1'))
  t.outgoing(sending('r1', 'sending'))
  t.outgoing(sending('r1', 'failed'))
  assert.deepStrictEqual(shown(t), ['time', 'm2'])
})

test('outgoing__others_speak_meanwhile__below_them_until_stamped', function () {
  var t = make()
  t.outgoing(sending('r1', 'sending'))
  t.outgoing(sending('r2', 'sending'))
  t.put(said(1))
  assert.deepStrictEqual(shown(t).filter(notTime), ['m1', 'r1!sending', 'r2!sending'])
  t.put(own(3, 'r1'))
  t.put(said(2))
  assert.deepStrictEqual(shown(t).filter(notTime), ['m1', 'm2', 'm3', 'r2!sending'])
})

test('outgoing__failed__stays_where_it_failed_and_goes_down_when_sent_again', function () {
  var t = make()
  t.put(said(1))
  t.outgoing(sending('r1', 'sending'))
  t.outgoing(sending('r1', 'failed'))
  t.put(said(2))
  assert.deepStrictEqual(shown(t).filter(notTime), ['m1', 'r1!failed', 'm2'])
  t.outgoing(sending('r1', 'sending'))
  assert.deepStrictEqual(shown(t).filter(notTime), ['m1', 'm2', 'r1!sending'])
  t.put(own(3, 'r1'))
  assert.deepStrictEqual(shown(t).filter(notTime), ['m1', 'm2', 'm3'])
})

test('outgoing__recalls_and_events__no_row', function () {
  var t = make()
  t.outgoing({ ref: 'a', draft: { type: 'recall', of: '1' }, status: 'sending' })
  t.outgoing({ ref: 'b', draft: { type: 'custom', data: {} }, status: 'sending' })
  assert.deepStrictEqual(shown(t), [])
})

test('outgoing__picture_on_its_way__own_file_to_the_end', function () {
  var t = make()
  var entry = { ref: 'r1', draft: { type: 'image', width: 10, height: 10 }, status: 'uploading', preview: 'wxfile://1', progress: 10 }
  t.outgoing(entry)
  var before = t.rows()
  t.outgoing(Object.assign({}, entry, { progress: 60 }))
  assert.deepStrictEqual(patch(before, t.rows(), 'rows'), { 'rows[1].progress': 60 })
  t.outgoing({ ref: 'r1', draft: { type: 'image', url: MEDIA + 'a.jpg', width: 10, height: 10 }, status: 'sending' })
  t.put(Object.assign(own(1, 'r1'), { type: 'image', url: MEDIA + 'a.jpg' }))
  assert.strictEqual(t.rows()[1].src, 'wxfile://1')
  assert.strictEqual(t.rows()[1].url, MEDIA + 'a.jpg')
  assert.strictEqual(t.rows()[1].status, '')
})

test('put__same_mark_from_another_device__two_rows_with_two_keys', function () {
  var t = make()
  t.put([own(1, 'r1'), own(2, 'r1')])
  var keys = t.rows().map(function (row) { return row.key })
  assert.deepStrictEqual(shown(t), ['time', 'm1', 'm2'])
  assert.strictEqual(new Set(keys).size, 3)
})

test('put__mark_of_ones_own_used_by_another__not_taken_for_ones_own', function () {
  var t = make()
  t.outgoing(sending('r1', 'sending'))
  t.put(said(1, { ref: 'r1' }))
  assert.deepStrictEqual(shown(t).filter(notTime), ['m1', 'r1!sending'])
})

test('forget__unsent__gone', function () {
  var t = make()
  t.put(own(1, 'r0'))
  t.outgoing(sending('r1', 'failed'))
  t.forget('r1')
  t.forget('r0')
  t.forget('none')
  assert.deepStrictEqual(shown(t).filter(notTime), ['m1'])
})
;[
  { what: 'other', of: said(1), by: { uid: 'other', nickName: '小红' }, want: '“小红”撤回了一条消息' },
  { what: 'own', of: own(1, 'r'), by: { uid: 'me' }, want: '你撤回了一条消息' },
  { what: 'admin', of: said(1), by: { uid: 'boss' }, want: '管理员撤回了“小红”的一条消息' },
  { what: 'admin_own', of: own(1, 'r'), by: { uid: 'boss' }, want: '管理员撤回了你的一条消息' }
].forEach(function (row) {
  test('recall__' + row.what + '__a_line_in_its_place', function () {
    var t = make()
    t.put([row.of, said(2)])
    var key = t.rows()[1].key
    t.put(said(3, { type: 'recall', of: '1', from: row.by }))
    assert.deepStrictEqual(shown(t), ['time', row.want, 'm2'])
    assert.strictEqual(t.rows()[1].key, key)
    assert.strictEqual(t.rows()[1].name, undefined)
  })
})

test('recall__own_text__can_be_edited_again', function () {
  var t = make()
  t.put(own(1, 'r'))
  t.put(said(2, { type: 'recall', of: '1', from: { uid: 'me' }, mine: true }))
  assert.strictEqual(t.rows()[1].again, 'm1')
})

test('recall__before_the_message__never_shown', function () {
  var t = make()
  t.put(said(3, { type: 'recall', of: '1' }))
  t.put(said(1))
  assert.deepStrictEqual(shown(t), [])
})

test('divide__unread__line_above_the_first', function () {
  var t = make()
  t.put(many(1, 4))
  t.divide('2')
  assert.deepStrictEqual(shown(t), ['time', 'm1', 'm2', 'unread', 'm3', 'm4'])
  t.divide('')
  assert.deepStrictEqual(shown(t), ['time', 'm1', 'm2', 'm3', 'm4'])
})

test('missing__a_gap__told_where_it_is', function () {
  var t = make()
  t.put(many(1, 3))
  t.put(many(2000, 2001))
  t.missing('3')
  assert.deepStrictEqual(shown(t).filter(notTime), ['m1', 'm2', 'm3', 'gap', 'm2000', 'm2001'])
})

test('put__mark_that_is_no_id_of_an_element__not_in_the_key', function () {
  var t = make()
  t.put(own(1, '"><b> x'))
  assert.strictEqual(t.rows()[1].key, 'm1')
})

test('unfold__long_text__whole', function () {
  var t = make()
  t.put(said(1, { content: 'x'.repeat(1999) }))
  var row = t.rows()[1]
  assert.strictEqual(row.folded, true)
  assert.strictEqual(t.text(row.key).length, 1999)
  t.unfold(row.key)
  assert.strictEqual((t.rows()[1].text || '').length, 1999)
})

test('window__following__old_ones_leave', function () {
  var t = make({ window: 20 })
  t.put(many(1, 500))
  var rows = t.rows()
  assert.ok(rows.length <= 31, String(rows.length))
  assert.strictEqual(rows[rows.length - 1].text, 'm500')
})

test('window__who_scrolls_up__sees_every_message_and_comes_back', function () {
  var t = make({ window: 20 })
  t.put(many(1, 300))
  t.rows()
  var met = Object.create(null)
  do {
    t.rows().forEach(function (row) { met[row.key] = true })
    assert.ok(t.rows().length <= 32)
  } while (t.older())
  for (var i = 1; i <= 300; i++) assert.ok(met['m' + i], 'm' + i)
  assert.strictEqual(t.atEnd(), false)
  var moves = 0
  while (t.newer()) moves++
  assert.ok(moves > 5)
  assert.strictEqual(t.atEnd(), true)
  assert.strictEqual(shown(t).pop(), 'm300')
})

test('window__new_ones_while_scrolled_up__stays_and_counts', function () {
  var t = make({ window: 20 })
  t.put(many(1, 100))
  t.rows()
  t.older(50)
  var before = shown(t)
  t.put(many(101, 140))
  t.put(own(141, 'r'))
  assert.deepStrictEqual(shown(t), before)
  assert.strictEqual(t.fresh(), 40)
  t.latest()
  assert.strictEqual(t.fresh(), 0)
  assert.strictEqual(shown(t).pop(), 'm141')
})

test('window__history_above__held_in_place_until_moved', function () {
  var t = make({ window: 20 })
  t.put(many(101, 200))
  t.rows()
  while (t.older());
  var before = shown(t)
  assert.strictEqual(before[1], 'm101')
  t.put(many(51, 100))
  assert.strictEqual(t.oldest(), '51')
  assert.strictEqual(t.fresh(), 0)
  assert.strictEqual(shown(t)[0], 'm101')
  assert.strictEqual(t.older(), true)
  assert.strictEqual(shown(t)[0], 'm91')
})

test('keep__long_conversation__bounded_and_asked_for_again', function () {
  var t = make({ window: 20, keep: 100 })
  for (var i = 1; i <= 1000; i++) t.put(said(i))
  assert.ok(t.size() <= 110)
  assert.ok(Number(t.oldest()) >= 890)
  assert.strictEqual(shown(t).pop(), 'm1000')
  t.follow(false)
  t.put(many(Number(t.oldest()) - 20, Number(t.oldest()) - 1))
  while (t.older());
  assert.ok(Number((t.rows()[1].text || '').slice(1)) < 890)
})

test('patch__one_message_at_a_time__one_path_each_but_when_the_window_moves', function () {
  var t = make({ window: 80 })
  /** @type {any[]} */
  var before = []
  var whole = 0
  for (var i = 1; i <= 1000; i++) {
    t.put(said(i))
    var after = t.rows()
    assert.strictEqual(after[after.length - 1].text, 'm' + i)
    var out = patch(before, after, 'rows') || {}
    if (out.rows) whole++
    else assert.ok(Object.keys(out).length <= 2)
    before = after
  }
  assert.ok(whole <= 1000 / 40, String(whole))
})
;['forwards', 'backwards', 'pages'].forEach(function (order) {
  test('cost__ten_thousand_messages_' + order + '__cheap', function () {
    var t = make({ keep: 20000 })
    var all = many(1, 10000)
    if (order === 'backwards') all.reverse()
    var began = process.cpuUsage()
    if (order === 'pages') for (var i = 10000; i > 0; i -= 200) t.put(all.slice(i - 200, i))
    else
      all.forEach(function (message, n) {
        t.put(message)
        if (n % 10 === 0) t.rows()
      })
    var used = process.cpuUsage(began)
    assert.strictEqual(t.size(), 10000)
    // Some ten times what it takes; a quadratic one takes many times more.
    assert.ok(used.user + used.system < 3e6, used.user + ' us')
  })
})

/** @param {string} text */
function notTime(text) {
  return text !== 'time'
}
