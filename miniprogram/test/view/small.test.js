var test = require('node:test')
var assert = require('node:assert')
var compare = require('../../view/ids').compare
var size = require('../../view/size')
var media = require('../../view/media')
var face = require('../../view/face')
var folding = require('../../view/fold')
var summary = require('../../view/summary')
var patch = require('../../view/patch').patch

var MEDIA = 'https://chat.example.com/media/'

;[
  ['9', '10', -1],
  ['10', '9', 1],
  ['211734112345677824', '211734112345677825', -1],
  ['5', '5', 0],
  ['', '1', -1]
].forEach(function (row) {
  test('ids__' + row[0] + '_and_' + row[1] + '__ordered', function () {
    assert.strictEqual(Math.sign(compare(String(row[0]), String(row[1]))), row[2])
  })
})
;[
  { of: [100, 80], want: [100, 80] },
  { of: [4000, 2000], want: [200, 100] },
  { of: [2000, 4000], want: [100, 200] },
  { of: [10, 10], want: [60, 60] },
  { of: [100000, 10], want: [200, 60] },
  { of: [undefined, undefined], want: [150, 150] },
  { of: [-5, 7], want: [150, 150] },
  { of: [Infinity, 100], want: [150, 150] },
  { of: ['640', '480'], want: [150, 150] }
].forEach(function (row) {
  test('picture__' + row.of.join('x') + '__shown_as_' + row.want.join('x'), function () {
    assert.deepStrictEqual(size.picture(row.of[0], row.of[1]), { width: row.want[0], height: row.want[1] })
  })
})

test('voice__longer__wider_up_to_the_end', function () {
  assert.strictEqual(size.voice(0), 0)
  assert.ok(size.voice(2) < size.voice(3))
  assert.strictEqual(size.voice(60), 100)
  assert.strictEqual(size.voice(6000), 100)
  assert.strictEqual(size.voice(NaN), 0)
})
;[
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KB'],
  [5 * 1024 * 1024, '5.0 MB'],
  ['x', '0 B'],
  [-1, '0 B']
].forEach(function (row) {
  test('bytes__' + row[0] + '__' + row[1], function () {
    assert.strictEqual(size.bytes(row[0]), row[1])
  })
})
;[
  { url: MEDIA + 'a'.repeat(64) + '.jpg', ours: true },
  { url: MEDIA + 'ab-c_1.m4a', ours: true },
  { url: 'https://chat.example.com/media/../auth.js', ours: false },
  { url: MEDIA + 'a.jpg?x=1', ours: false },
  { url: MEDIA + 'a.jpg#x', ours: false },
  { url: MEDIA + 'sub/a.jpg', ours: false },
  { url: MEDIA + 'a', ours: false },
  { url: MEDIA, ours: false },
  { url: 'https://chat.example.com.evil.example/media/a.jpg', ours: false },
  { url: 'https://evil.example/a.jpg', ours: false },
  { url: 'javascript:alert(1)', ours: false },
  { url: 'data:image/png;base64,AAAA', ours: false },
  { url: 'HTTPS://CHAT.EXAMPLE.COM/media/a.jpg', ours: false },
  { url: undefined, ours: false },
  { url: { toString: null }, ours: false }
].forEach(function (row, i) {
  test('media__row_' + i + '__' + (row.ours ? 'loaded' : 'ignored'), function () {
    assert.strictEqual(media.isOurs(row.url, MEDIA), row.ours)
  })
})
;[
  { url: MEDIA + 'a.png', kept: true },
  { url: 'https://thirdwx.qlogo.cn/mmopen/vi_32/x/132', kept: true },
  { url: 'https://wx.qlogo.cn/mmopen/vi_32/x/0', kept: true },
  { url: 'http://wx.qlogo.cn/mmopen/vi_32/x/0', kept: false },
  { url: 'https://wx.qlogo.cn.evil.example/x', kept: false },
  { url: 'https://tracker.example/me.gif', kept: false },
  { url: 'https://wx.qlogo.cn/a b', kept: false },
  { url: 7, kept: false }
].forEach(function (row, i) {
  test('avatar__row_' + i + '__' + (row.kept ? 'loaded' : 'ignored'), function () {
    assert.strictEqual(media.avatar(row.url, MEDIA), row.kept ? row.url : '')
  })
})

test('face__names_of_all_kinds__a_name_and_its_first_character', function () {
  assert.strictEqual(face.name(undefined), '微信用户')
  assert.strictEqual(face.name('  '), '微信用户')
  assert.strictEqual(face.name({}), '微信用户')
  assert.strictEqual(face.name(' 小红 '), '小红')
  // They would turn the rest of a sentence around.
  assert.strictEqual(face.name('live\u202e名字'), 'live名字')
  assert.strictEqual(face.name('\u2067abc\u2069'), 'abc')
  assert.strictEqual(face.name(' \u202e '), '微信用户')
  assert.strictEqual(face.name('\u200b\u200c\u200d\u2060\ufeff'), '微信用户')
  assert.strictEqual(face.name('\u3164\u2800\ufe0f\u00ad'), '微信用户')
  assert.strictEqual(face.name('\u200b小红\u200d'), '小红')
  assert.strictEqual(face.name('👨‍👩‍👧❤️'), '👨‍👩‍👧❤️')
  assert.strictEqual(face.initial('小红'), '小')
  assert.strictEqual(face.initial('bob'), 'B')
  assert.strictEqual(face.initial('😀x'), '😀')
  assert.strictEqual(face.colour('abcdefghabcdefgh'), face.colour('abcdefghabcdefgh'))
  assert.match(face.colour(''), /^#[0-9a-f]{6}$/)
})
;[
  { what: 'short', text: '你好', want: '你好', folded: false },
  { what: 'empty', text: '', want: '', folded: false },
  { what: 'just fits', text: 'a'.repeat(folding.MAX_CHARACTERS), want: 'a'.repeat(folding.MAX_CHARACTERS), folded: false },
  { what: 'long', text: 'a'.repeat(2000), want: 'a'.repeat(folding.MAX_CHARACTERS) + '…', folded: true },
  { what: 'lines', text: 'a\n'.repeat(50), want: 'a\n'.repeat(folding.MAX_LINES - 1) + 'a…', folded: true },
  { what: 'cut in an emoji', text: 'a' + '😀'.repeat(400), want: 'a' + '😀'.repeat(folding.MAX_CHARACTERS / 2 - 1) + '…', folded: true }
].forEach(function (row) {
  test('fold__' + row.what.replace(/ /g, '_') + '__' + (row.folded ? 'folded' : 'whole'), function () {
    assert.deepStrictEqual(folding.fold(row.text), { text: row.want, folded: row.folded })
  })
})

var XIAOHONG = { uid: 'u', nickName: '小红' }
;[
  { m: { type: 'text', content: '你\n好', from: XIAOHONG }, want: '小红：你 好' },
  { m: { type: 'text', content: '你好', from: XIAOHONG, mine: true }, want: '你好' },
  { m: { type: 'image', from: XIAOHONG }, want: '小红：[图片]' },
  { m: { type: 'voice', from: { uid: 'u' } }, want: '微信用户：[语音]' },
  { m: { type: 'recall', from: XIAOHONG }, want: '“小红”撤回了一条消息' },
  { m: { type: 'recall', from: XIAOHONG, mine: true }, want: '你撤回了一条消息' },
  { m: { type: 'text', content: { evil: 1 }, from: XIAOHONG }, want: '' },
  { m: { type: 'custom', from: XIAOHONG }, want: '' },
  { m: { type: 'toString', from: XIAOHONG }, want: '' }
].forEach(function (row, i) {
  test('summary__row_' + i + '__one_line', function () {
    assert.strictEqual(summary.line(row.m), row.want)
  })
})

var A = { key: 'a', text: '1' }
var B = { key: 'b', text: '2' }
;[
  { what: 'nothing new', before: [A, B], after: [A, { key: 'b', text: '2' }], want: null },
  { what: 'first rows', before: [], after: [A], want: { 'rows[0]': A } },
  { what: 'one more', before: [A], after: [A, B], want: { 'rows[1]': B } },
  { what: 'a field', before: [A, B], after: [{ key: 'a', text: '9' }, B], want: { 'rows[0].text': '9' } },
  {
    what: 'a field less',
    before: [{ key: 'a', text: '1', url: 'x' }],
    after: [{ key: 'a', text: '9' }],
    want: { 'rows[0]': { key: 'a', text: '9' } }
  },
  { what: 'one less', before: [A, B], after: [A], want: { rows: [A] } },
  { what: 'one above', before: [B], after: [A, B], want: { rows: [A, B] } },
  { what: 'all gone', before: [A], after: [], want: { rows: [] } }
].forEach(function (row) {
  test('patch__' + row.what.replace(/ /g, '_') + '__smallest', function () {
    assert.deepStrictEqual(patch(row.before, row.after, 'rows'), row.want)
  })
})
