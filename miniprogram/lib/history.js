var chatError = require('./errors')
var compareIds = require('./message').compareIds

/** @typedef {import('./types').Message} Message */
/** @typedef {{messages: Message[], more: boolean}} Page */
/** @typedef {{after?: string, before?: string, limit?: number}} Query */
/** @typedef {{query: Query, got: Message[], tries: number, asked: boolean, timer: any, resolve: (page: Page) => void,
 *   reject: (error: Error) => void}} Ask */

var ANSWER_TIMEOUT = 5000
var TRIES = 3
var AT_ONCE = 4 // in all rooms: the broker counts them for the rate limit, and tells of so many refusals only

/**
 * Requests for what was said before. Answers do not say which request they belong to: so one at a time in each room.
 * @param {import('./types').Clock} clock
 * @param {(room: string) => boolean} isIn
 * @param {(room: string, query: Query) => void} publish
 * @param {(room: string) => void} stuck no answer: they come with QoS 0, so one may be cut off. It must not come late either, and be
 *   taken for the answer to something else: so this is to end the connection.
 */
function createHistory(clock, isIn, publish, stuck) {
  /** @type {{[room: string]: Ask[]}} the first of each is asked */
  var asks = Object.create(null)

  /** @param {string} room */
  function first(room) {
    return asks[room] && asks[room][0]
  }

  /** @param {string} room @param {Ask} ask @param {() => void} then */
  function over(room, ask, then) {
    clear(room, ask)
    then()
    next()
  }

  /** @param {string} room @param {Ask} ask */
  function clear(room, ask) {
    clock.clearTimeout(ask.timer)
    asks[room] = asks[room].filter(function (one) { return one !== ask })
    if (!first(room)) delete asks[room]
  }

  /** Whose turn has come. */
  function next() {
    Object.keys(asks).forEach(function (room) { if (first(room) && !first(room).timer) send(room) })
  }

  /** @param {string} room */
  function send(room) {
    var ask = first(room)
    clock.clearTimeout(ask.timer)
    ask.timer = null
    ask.asked = false
    if (isIn(room) && Object.keys(asks).filter(function (name) { return first(name).asked }).length >= AT_ONCE) return
    if (++ask.tries > TRIES) {
      return over(room, ask, function () { ask.reject(chatError('ERR_TIMEOUT', 'The history did not come.')) })
    }
    ask.got = []
    ask.asked = isIn(room)
    if (ask.asked) publish(room, ask.query)
    ask.timer = clock.setTimeout(function () {
      if (ask.asked) stuck(room)
      if (first(room) === ask) send(room)
    }, ANSWER_TIMEOUT)
  }

  return {
    /** @param {string} room @param {Query} query @returns {Promise<Page>} */
    ask: function (room, query) {
      return new Promise(function (resolve, reject) {
        var queue = asks[room] = asks[room] || []
        queue.push({ query: query, got: [], tries: 0, asked: false, timer: null, resolve: resolve, reject: reject })
        if (queue.length === 1) send(room)
      })
    },
    /** @param {string} room @param {Message} message @returns {boolean} true: it belongs to an answer */
    offer: function (room, message) {
      var ask = first(room)
      if (!ask || !message.history || !ask.asked) return false
      var id = message.id
      var fits = ask.query.after ? compareIds(id, ask.query.after) > 0 : compareIds(id, ask.query.before || id) < 0
      if (fits && ask.got.length < 1000) ask.got.push(message)
      return fits
    },
    /** @param {string} room @param {boolean} more */
    end: function (room, more) {
      var ask = first(room)
      if (ask && ask.asked) over(room, ask, function () { ask.resolve({ messages: ask.got, more: more }) })
    },
    /** @param {string} room @param {Error} error @param {number} wait ms until it may be asked again; 0: never */
    refused: function (room, error, wait) {
      var ask = first(room)
      if (!ask) return
      if (wait) {
        ask.tries--
        clock.clearTimeout(ask.timer)
        ask.timer = clock.setTimeout(function () { send(room) }, wait)
      } else over(room, ask, function () { ask.reject(error) })
    },
    /** In the room again: what waits is asked now. @param {string} room */
    back: function (room) {
      if (first(room)) send(room)
    },
    /** @param {string} room @param {Error} error @param {boolean} [onlyMissed] leaves alone what the user asked for */
    drop: function (room, error, onlyMissed) {
      ;(asks[room] || []).slice().forEach(function (ask) {
        ask.asked = false
        if (onlyMissed && !ask.query.after) return
        clear(room, ask)
        ask.reject(error)
      })
      next()
    }
  }
}

module.exports = createHistory
