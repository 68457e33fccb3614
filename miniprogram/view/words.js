/** What a person is told. The codes come from the service, the broker and the library; none of their own words is shown. */

var clock = require('./when').clock
var day = require('./when').day

/** @typedef {{code?: string, error?: string, statusCode?: number, until?: number, reason?: string}} Refusal */

/** @type {{[code: string]: string}} */
var ERRORS = {
  ERR_BAD_MESSAGE: '这条消息的格式不对，没有发出',
  ERR_FORBIDDEN_TOPIC: '你不能进入这个房间',
  ERR_RATE_LIMITED: '说得太快了，请稍等一下',
  ERR_INVALID_SESSION: '登录已过期，正在重新登录',
  ERR_INVALID_CODE: '微信登录没有成功，请重试',
  ERR_BAD_SIGNATURE: '微信登录没有成功，请重试',
  ERR_BAD_ENCRYPTED_DATA: '微信给的群信息已失效，请从群里重新打开',
  ERR_USER_BLOCKED: '微信拒绝了这次登录',
  ERR_BANNED: '你的账号已被封禁',
  ERR_BAD_REQUEST: '请求不对，没有成功',
  ERR_NOT_FOUND: '找不到了',
  ERR_METHOD_NOT_ALLOWED: '请求不对，没有成功',
  ERR_TOO_BIG: '内容太大了',
  ERR_TOO_SLOW: '网络太慢，没有传完，请重试',
  ERR_UNSUPPORTED_MEDIA: '不支持这种文件',
  ERR_QUOTA_EXCEEDED: '今天发的文件太多了，请明天再试',
  ERR_TOO_MANY_UPLOADS: '正在上传的文件太多了，请稍后再试',
  ERR_STORAGE_FULL: '服务器空间不足，请稍后再试',
  ERR_CONFIG: '服务没有配置好，请联系管理员',
  ERR_INTERNAL: '服务出错了，请稍后再试',
  ERR_WECHAT_UNAVAILABLE: '微信暂时没有回应，请稍后再试',
  ERR_BUSY: '服务器很忙，请稍后再试',
  ERR_STORE_UNAVAILABLE: '服务暂时不可用，请稍后再试',
  ERR_NETWORK: '网络不通，请检查网络',
  ERR_TIMEOUT: '网络太慢，没有等到回应',
  ERR_ABORTED: '已取消',
  ERR_BAD_ANSWER: '服务的回应不对，请稍后再试',
  ERR_CLOSED: '已断开',
  ERR_ROOM_NAME: '房间名不能空着，也不能有 / + # $ 和换行',
  ERR_ROOM_LENGTH: '房间名太长了，最多 21 个汉字或 64 个字母'
}

/** A group's room, to who is not in it, or was there too long ago. */
var GROUP = '这是微信群的聊天室，请在群里点开小程序卡片再进入'

/** What means something else for a file. @type {{[code: string]: string}} */
var UPLOADS = { ERR_TOO_BIG: '文件太大了' }

/** What the library says of words that it did not take. @type {{[code: string]: string}} */
var UNSAID = { ERR_BUSY: '还没发出的消息太多了，请等它们发出后再说', ERR_BAD_MESSAGE: '内容太长，没有发出' }

/** What a proxy in front says by itself, without a code of ours. @type {{[status: number]: string}} */
var STATUSES = {
  401: '登录已过期，请重试',
  408: '网络太慢，没有传完，请重试',
  413: '文件太大了',
  415: '不支持这种文件',
  429: '请求太多了，请稍后再试',
  431: '请求太长了',
  502: '服务暂时不可用，请稍后再试',
  503: '服务器很忙，请稍后再试',
  504: '服务没有及时回应，请稍后再试',
  507: '服务器空间不足，请稍后再试'
}

var FALLBACK = '出错了，请稍后再试'

/**
 * 14:32; on another day with its date: 11月3日 14:32
 * @param {number} until
 * @param {number} now
 */
function instant(until, now) {
  var name = day(until, now)
  return name ? name + ' ' + clock(until) : clock(until)
}

/** Longer than a year is for ever, to a person. */
var FOR_EVER_MS = 365 * 24 * 60 * 60 * 1000

/**
 * Those that end at a certain time.
 * @type {{[code: string]: (until: number, now: number) => string}}
 */
var LIMITED = {
  ERR_MUTED: function (until, now) {
    if (until - now > FOR_EVER_MS) return '你已被永久禁言'
    return until > now ? '你已被禁言，' + instant(until, now) + ' 后可以发言' : '你已被禁言'
  },
  ERR_FORBIDDEN_TOPIC: function (until, now) {
    if (until - now > FOR_EVER_MS) return '你已被移出这个房间'
    return until > now ? '你已被移出这个房间，' + instant(until, now) + ' 后可以再进入' : ERRORS.ERR_FORBIDDEN_TOPIC
  },
  ERR_RATE_LIMITED: function (until, now) {
    var seconds = Math.ceil((until - now) / 1000)
    return seconds > 0 && seconds < 3600 ? '说得太快了，' + seconds + ' 秒后可以再发' : ERRORS.ERR_RATE_LIMITED
  }
}

/**
 * @param {{[name: string]: any}} table
 * @param {unknown} name
 */
function has(table, name) {
  return typeof name === 'string' && Object.prototype.hasOwnProperty.call(table, name)
}

/**
 * A ChatError or a notice, in words.
 * @param {Refusal | null | undefined} refusal
 * @param {number} now
 * @returns {string}
 */
function error(refusal, now) {
  if (!refusal) return FALLBACK
  var code = refusal.code || refusal.error || ''
  if (code === 'ERR_INVALID_SESSION' && refusal.reason === 'banned') return ERRORS.ERR_BANNED
  if (has(LIMITED, code) && typeof refusal.until === 'number') return LIMITED[code](refusal.until, now)
  if (code === 'ERR_MUTED') return LIMITED.ERR_MUTED(0, 0)
  // An answer that nobody here wrote: its status says more.
  if (code === 'ERR_BAD_ANSWER' || !has(ERRORS, code)) {
    var said = STATUSES[refusal.statusCode || 0]
    if (said) return said
  }
  return has(ERRORS, code) ? ERRORS[code] : FALLBACK
}

/**
 * Why a room cannot be entered.
 * @param {Refusal | null | undefined} refusal
 * @param {number} now
 * @param {boolean} ofGroup
 * @returns {string}
 */
function entry(refusal, now, ofGroup) {
  var said = error(refusal, now)
  return ofGroup && said === ERRORS.ERR_FORBIDDEN_TOPIC ? GROUP : said
}

/**
 * Of an upload.
 * @param {Refusal | null | undefined} refusal
 * @param {number} now
 * @returns {string}
 */
function upload(refusal, now) {
  return refusal && has(UPLOADS, refusal.code) ? UPLOADS[refusal.code || ''] : error(refusal, now)
}

/**
 * Of words that were not taken.
 * @param {Refusal | null | undefined} refusal
 * @param {number} now
 * @returns {string}
 */
function unsaid(refusal, now) {
  return refusal && has(UNSAID, refusal.code) ? UNSAID[refusal.code || ''] : error(refusal, now)
}

/** @type {{[state: string]: string}} */
var STATES = { online: '', connecting: '连接中…', offline: '未连接' }

/**
 * @param {string} state of the connection
 * @returns {string} '' when there is nothing to tell
 */
function state(state) {
  return has(STATES, state) ? STATES[state] : ''
}

/**
 * @param {number} num
 * @returns {string} '' until it is known
 */
function people(num) {
  return num > 0 ? num + ' 人在线' : ''
}

/**
 * A badge for unread messages.
 * @param {number} n
 */
function badge(n) {
  return n <= 0 ? '' : n > 99 ? '99+' : String(n)
}

module.exports = { error: error, entry: entry, upload: upload, unsaid: unsaid, state: state, people: people, badge: badge, ERRORS: ERRORS, STATUSES: STATUSES }
