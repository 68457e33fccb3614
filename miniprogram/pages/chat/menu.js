/** What a long press on a message offers, by the message. */

/** As the server has it (recall_window); an answer that comes too late is told in words. */
var RECALL_MS = 2 * 60 * 1000

/**
 * In the order in which they are offered.
 * @type {Array<{name: string, action: string, when: (row: any, now: number) => boolean}>}
 */
var CHOICES = [
  {
    name: '重发',
    action: 'again',
    when: function (row) {
      return row.status === 'failed'
    }
  },
  {
    name: '复制',
    action: 'copy',
    when: function (row) {
      return row.type === 'text'
    }
  },
  {
    name: '撤回',
    action: 'recall',
    when: function (row, now) {
      return Boolean(row.mine && row.id) && now - row.time < RECALL_MS
    }
  },
  {
    name: '取消发送',
    action: 'forget',
    when: function (row) {
      return row.status === 'uploading'
    }
  },
  {
    name: '删除',
    action: 'forget',
    when: function (row) {
      return row.status === 'failed'
    }
  }
]

/**
 * @param {any} row
 * @param {number} now
 * @returns {Array<{name: string, action: string}>}
 */
function choices(row, now) {
  return CHOICES.filter(function (choice) {
    return row.kind === 'message' && choice.when(row, now)
  })
}

module.exports = { choices: choices, RECALL_MS: RECALL_MS }
