/** Times in WeChat's manner. Every function takes `now`, in ms, so that a test can stand anywhere. */

var DAY = 24 * 60 * 60 * 1000
var WEEKDAYS = ['星期日', '星期一', '星期二', '星期三', '星期四', '星期五', '星期六']

/** @param {number} n */
function two(n) {
  return n < 10 ? '0' + n : String(n)
}

/** @param {Date} d */
function midnight(d) {
  return new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime()
}

/**
 * 14:05
 * @param {number} time
 */
function clock(time) {
  var d = new Date(time)
  return two(d.getHours()) + ':' + two(d.getMinutes())
}

/**
 * The day as it is called now: '' for today, 昨天, 星期三, 11月3日, 2024年11月3日.
 * @param {number} time
 * @param {number} now
 */
function day(time, now) {
  var d = new Date(time)
  var today = new Date(now)
  // A day of 23 or 25 hours (summer time) is a day too: hence the rounding.
  var ago = Math.round((midnight(today) - midnight(d)) / DAY)
  if (ago === 0) return ''
  if (ago === 1) return '昨天'
  if (ago > 1 && ago < 7) return WEEKDAYS[d.getDay()]
  var date = d.getMonth() + 1 + '月' + d.getDate() + '日'
  return d.getFullYear() === today.getFullYear() ? date : d.getFullYear() + '年' + date
}

/**
 * Between messages: 14:05, 昨天 14:05, 星期三 14:05, 11月3日 14:05.
 * @param {number} time
 * @param {number} now
 */
function moment(time, now) {
  var name = day(time, now)
  return name ? name + ' ' + clock(time) : clock(time)
}

/**
 * In a list of rooms, where there is little room: 14:05, or the day alone.
 * @param {number} time
 * @param {number} now
 */
function brief(time, now) {
  return day(time, now) || clock(time)
}

/**
 * What is left until then: 1:05, 2:00:00. Never below zero.
 * @param {number} until
 * @param {number} now
 */
function left(until, now) {
  var s = Math.max(0, Math.ceil((until - now) / 1000))
  var h = Math.floor(s / 3600)
  var m = Math.floor(s / 60) % 60
  return h ? h + ':' + two(m) + ':' + two(s % 60) : m + ':' + two(s % 60)
}

module.exports = { clock: clock, day: day, moment: moment, brief: brief, left: left }
