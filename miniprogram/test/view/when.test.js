var test = require('node:test')
var assert = require('node:assert')
var when = require('../../view/when')

/** @param {...number} p */
function at() {
  var p = arguments
  return new Date(p[0], p[1] - 1, p[2], p[3] || 0, p[4] || 0, p[5] || 0).getTime()
}

// A Friday.
var NOW = at(2025, 11, 21, 15, 0)

;[
  { time: at(2025, 11, 21, 14, 5), moment: '14:05', brief: '14:05' },
  { time: at(2025, 11, 21, 0, 0), moment: '00:00', brief: '00:00' },
  { time: at(2025, 11, 20, 23, 59), moment: '昨天 23:59', brief: '昨天' },
  { time: at(2025, 11, 20, 0, 0), moment: '昨天 00:00', brief: '昨天' },
  { time: at(2025, 11, 19, 14, 5), moment: '星期三 14:05', brief: '星期三' },
  { time: at(2025, 11, 15, 9, 0), moment: '星期六 09:00', brief: '星期六' },
  { time: at(2025, 11, 14, 9, 0), moment: '11月14日 09:00', brief: '11月14日' },
  { time: at(2025, 1, 1, 9, 0), moment: '1月1日 09:00', brief: '1月1日' },
  { time: at(2024, 12, 31, 9, 0), moment: '2024年12月31日 09:00', brief: '2024年12月31日' },
  // A phone whose clock is behind.
  { time: at(2025, 11, 21, 18, 0), moment: '18:00', brief: '18:00' },
  { time: at(2025, 11, 22, 9, 0), moment: '11月22日 09:00', brief: '11月22日' }
].forEach(function (row) {
  test('when__' + row.moment.replace(' ', '_') + '__named_so', function () {
    assert.strictEqual(when.moment(row.time, NOW), row.moment)
    assert.strictEqual(when.brief(row.time, NOW), row.brief)
  })
})

test('when__just_after_midnight__yesterday_is_minutes_ago', function () {
  assert.strictEqual(when.moment(at(2025, 12, 31, 23, 58), at(2026, 1, 1, 0, 1)), '昨天 23:58')
})
;[
  { ms: 0, want: '0:00' },
  { ms: -5000, want: '0:00' },
  { ms: 1, want: '0:01' },
  { ms: 65000, want: '1:05' },
  { ms: 3600000, want: '1:00:00' }
].forEach(function (row) {
  test('left__' + row.ms + '_ms__' + row.want, function () {
    assert.strictEqual(when.left(1000000 + row.ms, 1000000), row.want)
  })
})
