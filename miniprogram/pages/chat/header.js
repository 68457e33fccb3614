/** What stands around the conversation, as the page's data. */

var when = require('../../view/when')
var words = require('../../view/words')

/** @param {any} timeline */
function jump(timeline) {
  if (timeline.fresh()) return timeline.fresh() + ' 条新消息'
  return timeline.following() || timeline.atEnd() ? '' : '回到最新'
}

/**
 * @param {any} app
 * @param {any} room
 */
function header(app, room) {
  var hold = app.desk.hold(room.name)
  var left = hold.left ? '（还剩 ' + when.left(hold.left, 0) + '）' : ''
  return {
    title: room.title,
    group: room.group,
    people: words.people(room.num),
    state: app.trouble || words.state(app.desk.state()),
    hold: hold.text && !hold.brief ? hold.text + left : '',
    // One may write on meanwhile.
    hint: hold.brief ? hold.text : '',
    wait: hold.brief ? Math.ceil(hold.wait / 1000) : 0,
    jump: jump(room.timeline)
  }
}

module.exports = { header: header }
