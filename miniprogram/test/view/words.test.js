var test = require('node:test')
var assert = require('node:assert')
var fs = require('node:fs')
var path = require('node:path')
var words = require('../../view/words')

var NOW = new Date(2025, 10, 21, 14, 2, 0).getTime()
var MINUTE = 60000

;[
  { e: { code: 'ERR_MUTED', until: NOW + 30 * MINUTE }, want: '你已被禁言，14:32 后可以发言' },
  { e: { error: 'ERR_MUTED', until: NOW + 1440 * MINUTE }, want: '你已被禁言，11月22日 14:02 后可以发言' },
  { e: { code: 'ERR_MUTED', until: NOW + 3650 * 1440 * MINUTE }, want: '你已被永久禁言' },
  { e: { code: 'ERR_MUTED', until: NOW - 1 }, want: '你已被禁言' },
  { e: { code: 'ERR_MUTED' }, want: '你已被禁言' },
  { e: { code: 'ERR_RATE_LIMITED', until: NOW + 1200 }, want: '说得太快了，2 秒后可以再发' },
  { e: { code: 'ERR_RATE_LIMITED' }, want: '说得太快了，请稍等一下' },
  { e: { code: 'ERR_RATE_LIMITED', until: NOW + 86400000 }, want: '说得太快了，请稍等一下' },
  { e: { code: 'ERR_FORBIDDEN_TOPIC' }, want: '你不能进入这个房间' },
  { e: { code: 'ERR_FORBIDDEN_TOPIC', until: NOW + MINUTE }, want: '你已被移出这个房间，14:03 后可以再进入' },
  { e: { error: 'ERR_INVALID_SESSION', reason: 'banned' }, want: '你的账号已被封禁' },
  { e: { error: 'ERR_INVALID_SESSION', reason: 'expired' }, want: '登录已过期，正在重新登录' },
  { e: { code: 'ERR_NETWORK' }, want: '网络不通，请检查网络' },
  { e: { code: 'ERR_SOMETHING_NEW', message: 'in English' }, want: '出错了，请稍后再试' },
  { e: { code: 'toString' }, want: '出错了，请稍后再试' },
  { e: { code: 'ERR_SOMETHING_NEW', statusCode: 503 }, want: '服务器很忙，请稍后再试' },
  { e: undefined, want: '出错了，请稍后再试' },
  { e: {}, want: '出错了，请稍后再试' }
].forEach(function (row, i) {
  test('error__row_' + i + '_' + ((row.e && (row.e.code || row.e.error)) || 'none') + '__in_words', function () {
    assert.strictEqual(words.error(/** @type {any} */ (row.e), NOW), row.want)
  })
})
;[
  { e: { code: 'ERR_TOO_BIG', statusCode: 413 }, want: '文件太大了' },
  { e: { code: 'ERR_UNSUPPORTED_MEDIA', statusCode: 415 }, want: '不支持这种文件' },
  { e: { code: 'ERR_QUOTA_EXCEEDED', statusCode: 429, until: NOW + 3600000 }, want: '今天发的文件太多了，请明天再试' },
  { e: { code: 'ERR_TOO_MANY_UPLOADS', statusCode: 429 }, want: '正在上传的文件太多了，请稍后再试' },
  { e: { code: 'ERR_STORAGE_FULL', statusCode: 507 }, want: '服务器空间不足，请稍后再试' },
  { e: { code: 'ERR_BAD_ANSWER', statusCode: 413 }, want: '文件太大了' },
  { e: { code: 'ERR_BAD_ANSWER', statusCode: 502 }, want: '服务暂时不可用，请稍后再试' },
  { e: { code: 'ERR_BAD_ANSWER', statusCode: 200 }, want: '服务的回应不对，请稍后再试' },
  { e: { statusCode: 507 }, want: '服务器空间不足，请稍后再试' },
  { e: { code: 'ERR_NETWORK' }, want: '网络不通，请检查网络' },
  { e: { code: 'ERR_ABORTED' }, want: '已取消' },
  { e: { statusCode: 418 }, want: '出错了，请稍后再试' },
  { e: null, want: '出错了，请稍后再试' }
].forEach(function (row, i) {
  test('upload__row_' + i + '__in_words', function () {
    assert.strictEqual(words.upload(row.e, NOW), row.want)
  })
})

test('error__every_code_of_the_documents__has_words', function () {
  var protocol = fs.readFileSync(path.join(__dirname, '../../../docs/protocol.md'), 'utf8')
  var types = fs.readFileSync(path.join(__dirname, '../../lib/types.d.ts'), 'utf8')
  var codes = (protocol + types).match(/ERR_[A-Z_]+[A-Z]/g) || []
  assert.ok(codes.length > 30)
  codes.forEach(function (code) {
    // No page makes the calls that they answer.
    if (code === 'ERR_UNAUTHORIZED' || code === 'ERR_BAD_RANGE') return
    assert.notStrictEqual(words.error({ code: code }, NOW), words.error({}, NOW), code)
  })
})

test('state_people_badge__what_there_is_to_tell', function () {
  assert.strictEqual(words.state('online'), '')
  assert.strictEqual(words.state('connecting'), '连接中…')
  assert.strictEqual(words.state('offline'), '未连接')
  assert.strictEqual(words.state('valueOf'), '')
  assert.strictEqual(words.people(0), '')
  assert.strictEqual(words.people(12), '12 人在线')
  assert.strictEqual(words.badge(0), '')
  assert.strictEqual(words.badge(99), '99')
  assert.strictEqual(words.badge(100), '99+')
})
