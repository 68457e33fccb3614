var test = require('node:test')
var assert = require('node:assert')
var simulator = require('./simulator')
var stage = require('./stage-wx')

var render = simulator.render

/** @param {object} [more] */
function row(more) {
  var fixed = { key: 'm1', kind: 'message', type: 'text', text: '你好', name: '小红', initial: '小', colour: '#888888', avatar: '', mine: false, status: '', why: '', folded: false }
  return Object.assign(fixed, more)
}

test('message_row__text__shown_with_who_said_it', function () {
  var view = render('message-row', { row: row() })
  assert.strictEqual(view.text('.bubble .text'), '你好')
  assert.strictEqual(view.text('.name'), '小红')
  assert.ok(!view.find('.mine'))
})

test('message_row__own__on_the_right_without_a_name', function () {
  var view = render('message-row', { row: row({ mine: true }) })
  assert.ok(view.find('.mine'))
  assert.ok(!view.find('.name'))
})
;['<img src=x onerror=alert(1)>', '<script>alert(1)</script>', '&lt;b&gt;', '{{1+1}}', '<view bindtap="x">'].forEach(function (hostile, i) {
  test('message_row__hostile_' + i + '__shown_as_it_was_written', function () {
    var view = render('message-row', { row: row({ text: hostile, name: hostile }) })
    assert.strictEqual(view.text('.bubble .text'), hostile)
    assert.strictEqual(view.text('.name'), hostile)
    assert.doesNotMatch(view.html(), /<(img|script)/)
  })
})
;[
  { kind: 'time', text: '昨天 14:05' },
  { kind: 'recalled', text: '“小红”撤回了一条消息' },
  { kind: 'unread', text: '以下是新消息' },
  { kind: 'gap', text: '有一段消息没有收到' }
].forEach(function (line) {
  test('message_row__' + line.kind + '__a_line', function () {
    var view = render('message-row', { row: Object.assign({ key: 'k' }, line) })
    assert.strictEqual(view.all(), line.text)
    assert.ok(!view.find('.bubble'))
  })
})

test('message_row__own_recalled__edited_again_on_tap', async function () {
  var recalled = { key: 'k', kind: 'recalled', text: '你撤回了一条消息', again: '你好' }
  var view = render('message-row', { row: recalled })
  view.hear('edit')
  await view.fire('.link', 'tap')
  assert.deepStrictEqual(view.events, [['edit', { row: recalled }]])
})

test('message_row__failed__red_mark_words_and_again_on_tap', async function () {
  var view = render('message-row', { row: row({ mine: true, status: 'failed', why: '网络不通，请检查网络' }) })
  view.hear('again')
  assert.strictEqual(view.text('.why'), '网络不通，请检查网络')
  await view.fire('.failed', 'tap')
  assert.strictEqual(view.events[0][0], 'again')
})

test('message_row__on_its_way__told', function () {
  assert.ok(render('message-row', { row: row({ mine: true, status: 'sending' }) }).find('.sending'))
  assert.ok(!render('message-row', { row: row({ mine: true }) }).find('.sending'))
})

test('message_row__picture_uploading__its_size_and_progress', function () {
  var view = render('message-row', { row: row({ type: 'image', src: 'wxfile://a', width: 120, height: 80, status: 'uploading', progress: 40 }) })
  assert.match(view.find('.picture').dom.getAttribute('style'), /width: 120px; height: 80px/)
  assert.match(view.find('.done').dom.getAttribute('style'), /width: 40%/)
})

test('message_row__picture_that_cannot_be_loaded__told', async function () {
  var view = render('message-row', { row: row({ type: 'image', src: 'x', width: 120, height: 80 }) })
  await view.fire('.picture', 'error')
  assert.strictEqual(view.text('.broken'), '图片打不开')
})

test('message_row__folded__unfolded_on_tap', async function () {
  var view = render('message-row', { row: row({ folded: true }) })
  view.hear('unfold')
  await view.fire('.link', 'tap')
  assert.strictEqual(view.events[0][0], 'unfold')
})

test('message_row__bubble__opened_and_held', async function () {
  var view = render('message-row', { row: row() })
  view.hear('open')
  view.hear('menu')
  await view.fire('.bubble', 'tap')
  await view.fire('.bubble', 'longpress')
  assert.deepStrictEqual(view.events.map(function (e) { return e[0] }), ['open', 'menu'])
})
;[
  { type: 'voice', seconds: 7, stretch: 30, want: /7″/ },
  { type: 'file', text: '报告.pdf', size: '2.0 KB', want: /报告\.pdf.*2\.0 KB/s },
  { type: 'video', seconds: 9, width: 100, height: 100, want: /9″/ }
].forEach(function (more) {
  test('message_row__' + more.type + '__what_there_is_to_know', function () {
    assert.match(render('message-row', { row: row(Object.assign({ src: 'x' }, more)) }).all(), more.want)
  })
})

test('avatar__none_or_broken__first_character_on_a_colour', async function () {
  var view = render('avatar', { src: '', name: '小红', initial: '小', colour: '#c2554d', size: 40 })
  assert.strictEqual(view.all(), '小')
  view = render('avatar', { src: 'https://x/a.png', name: '小红', initial: '小', colour: '#c2554d' })
  assert.ok(view.find('.picture'))
  await view.fire('.picture', 'error')
  assert.strictEqual(view.all(), '小')
  view.component.setData({ src: 'https://x/b.png' })
  assert.ok(view.find('.picture'))
})

test('voice_bubble__playing__moves', function () {
  assert.ok(!render('voice-bubble', { seconds: 3 }).find('.playing'))
  assert.ok(render('voice-bubble', { seconds: 3, playing: true }).find('.playing'))
})

test('composer__written_and_sent__told_and_emptied', async function () {
  var view = render('composer', {})
  view.hear('text')
  assert.ok(!view.find('.send'))
  await view.fire('.input', 'input', { detail: { value: ' 你好 ' } })
  assert.ok(view.find('.send'))
  await view.fire('.send', 'tap')
  assert.deepStrictEqual(view.events, [['text', { text: ' 你好 ' }]])
  assert.strictEqual(view.component.data.text, '')
})

test('composer__nothing_but_spaces__not_sent', async function () {
  var view = render('composer', {})
  view.hear('text')
  await view.fire('.input', 'input', { detail: { value: ' \n ' } })
  await view.fire('.input', 'confirm')
  assert.deepStrictEqual(view.events, [])
})

test('composer__held_back__words_in_place_of_the_input', function () {
  var view = render('composer', { hold: '你已被禁言，14:32 后可以发言' })
  assert.strictEqual(view.all(), '你已被禁言，14:32 后可以发言')
  assert.ok(!view.find('.input'))
})

test('composer__too_fast__written_on_and_not_sent', async function () {
  var view = render('composer', { hint: '说得太快了，2 秒后可以再发', wait: 2 })
  view.hear('text')
  await view.fire('.input', 'input', { detail: { value: '你好' } })
  assert.strictEqual(view.text('.hint'), '说得太快了，2 秒后可以再发')
  assert.strictEqual(view.text('.send'), '2 秒')
  await view.fire('.send', 'tap')
  assert.deepStrictEqual(view.events, [])
  assert.strictEqual(view.component.data.text, '你好')
})

test('composer__recalled_text__back_in_the_input', function () {
  var view = render('composer', {})
  view.component.setData({ draft: '再说一次' })
  assert.strictEqual(view.component.data.text, '再说一次')
})

test('composer__pictures_and_keyboard__told', async function () {
  var view = render('composer', {})
  view.hear('pictures')
  view.hear('keyboard')
  await view.fire('.plus', 'tap')
  await view.fire('.input', 'keyboardheightchange', { detail: { height: 300 } })
  await view.fire('.input', 'blur')
  assert.deepStrictEqual(view.events.slice(-2), [['keyboard', { height: 300 }], ['keyboard', { height: 0 }]])
})

test('composer__input_goes_away__the_keyboard_with_it', async function () {
  var view = render('composer', {})
  view.hear('keyboard')
  await view.fire('.microphone', 'tap')
  assert.deepStrictEqual(view.events, [['keyboard', { height: 0 }]])
  await view.fire('.keyboard', 'tap')
  assert.strictEqual(view.events.length, 1)
  view.component.setData({ hold: '你已被禁言' })
  assert.deepStrictEqual(view.events[1], ['keyboard', { height: 0 }])
})

test('composer__held_to_talk__a_voice_message', async function () {
  var phone = stage.recorder()
  var view = render('composer', {})
  view.hear('voice')
  await view.fire('.microphone', 'tap')
  assert.strictEqual(view.text('.press'), '按住 说话')
  // The simulator's touches need a browser: the finger calls the handlers.
  var finger = view.component.instance
  finger.press({ touches: [{ clientY: 600 }] })
  phone.start()
  assert.strictEqual(view.text('.press'), '松开 发送')
  assert.ok(view.find('.overlay'))
  finger.move({ touches: [{ clientY: 500 }] })
  assert.strictEqual(view.text('.press'), '松开 取消')
  finger.move({ touches: [{ clientY: 590 }] })
  finger.release()
  phone.stop({ tempFilePath: 'wxfile://v', duration: 2100 })
  assert.deepStrictEqual(view.events, [['voice', { path: 'wxfile://v', seconds: 2.1 }]])
  assert.ok(!view.find('.overlay'))
  view.remove()
})
