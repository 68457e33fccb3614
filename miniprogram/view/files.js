/**
 * Pictures and voice on their way into a room: shown at once, uploaded with progress, then said. One that fails keeps its
 * place and its red mark, and can be sent again from the file; it is by itself when there was no network and now is.
 */

var isUnsaid = require('./unsaid').isUnsaid
var words = require('./words')

/**
 * @typedef {object} File
 * @property {string} path on the phone
 * @property {import('../lib/types').Draft} draft what is known of it before the upload
 */

/**
 * @typedef {object} Sent
 * @property {string} room
 * @property {File} file
 * @property {import('../lib/types').Task<import('../lib/types').Media> | null} task
 * @property {import('../lib/types').Media | null} media it is uploaded, and was not taken by the library
 * @property {boolean} soon failed for want of a network: sent again when there is one
 * @property {() => void} settled
 */

/** These pass by themselves. */
var PASSING = ['ERR_NETWORK', 'ERR_TIMEOUT', 'ERR_BUSY']

/** So many at once; the others wait. Phones allow ten requests of all kinds, and the service ten uploads of one user. */
var AT_ONCE = 3

var sequence = 0

/** @param {number} now */
function mark(now) {
  return 'f' + now.toString(36) + (sequence++).toString(36) + Math.random().toString(36).slice(2, 10)
}

/**
 * @param {{client: import('../lib/types').Client, desk: any}} options
 */
function createFiles(options) {
  var client = options.client
  var desk = options.desk
  /** Not uploaded yet, by mark. @type {{[ref: string]: Sent}} */
  var waiting = Object.create(null)
  /** Whose turn has not come, by mark. @type {string[]} */
  var queue = []
  var running = 0

  /**
   * @param {string} ref
   * @param {'uploading' | 'failed'} status
   * @param {number} progress
   * @param {string} why
   */
  function show(ref, status, progress, why) {
    var sent = waiting[ref]
    var room = desk.find(sent.room)
    if (!room) return
    var file = sent.file
    room.timeline.outgoing({ ref: ref, draft: file.draft, preview: file.path, status: status, progress: progress, why: why })
    desk.changed(sent.room)
  }

  /** @param {string} ref @returns {Promise<void>} */
  function start(ref) {
    show(ref, 'uploading', 0, '')
    queue.push(ref)
    return new Promise(function (resolve) {
      waiting[ref].settled = resolve
      next()
    })
  }

  function next() {
    while (running < AT_ONCE && queue.length) {
      var ref = /** @type {string} */ (queue.shift())
      var sent = waiting[ref]
      if (!sent) continue
      running++
      var done = over.bind(null, sent)
      upload(ref, sent).then(done, done)
    }
  }

  /** @param {Sent} sent */
  function over(sent) {
    running--
    sent.settled()
    next()
  }

  /**
   * @param {string} ref
   * @param {Sent} sent
   * @returns {Promise<void>}
   */
  function upload(ref, sent) {
    if (sent.media) {
      say(ref, sent, sent.media)
      return Promise.resolve()
    }
    sent.task = client.upload(sent.file.path, function (percent) {
      if (waiting[ref]) show(ref, 'uploading', percent, '')
    })
    return sent.task.then(
      function (media) {
        if (waiting[ref]) say(ref, sent, media)
      },
      function (err) {
        if (waiting[ref]) fail(ref, err, words.upload(err, desk.now()))
      }
    )
  }

  /**
   * @param {string} ref
   * @param {Sent} sent
   * @param {import('../lib/types').Media} media
   */
  function say(ref, sent, media) {
    delete waiting[ref]
    client.chat.say(sent.room, complete(sent.file.draft, media, ref)).catch(function (err) {
      // Else the refusal comes as an 'outgoing' event, and the timeline tells it.
      if (!isUnsaid(client.chat, err)) return
      sent.media = media
      waiting[ref] = sent
      fail(ref, err, words.unsaid(err, desk.now()))
    })
  }

  /**
   * @param {string} ref
   * @param {any} err
   * @param {string} why
   */
  function fail(ref, err, why) {
    waiting[ref].task = null
    waiting[ref].soon = PASSING.indexOf(err.code) >= 0
    show(ref, 'failed', 0, why)
  }

  /** @param {string} ref Once more, unless it is on its way. */
  function again(ref) {
    var sent = waiting[ref]
    if (sent.task || queue.indexOf(ref) >= 0) return
    sent.soon = false
    start(ref)
  }

  client.chat.on('state', function (state) {
    if (state !== 'online') return
    Object.keys(waiting).forEach(function (ref) {
      if (waiting[ref].soon) again(ref)
    })
  })

  return {
    /**
     * @param {string} room
     * @param {File} file
     * @returns {Promise<void>} when it is uploaded, or has failed
     */
    send: function (room, file) {
      var ref = mark(desk.now())
      waiting[ref] = { room: room, file: file, task: null, media: null, soon: false, settled: function () {} }
      return start(ref)
    },
    /** @param {string} ref @returns {boolean} whether it was one of these */
    retry: function (ref) {
      if (!waiting[ref]) return false
      again(ref)
      return true
    },
    /** @param {string} ref @returns {boolean} */
    forget: function (ref) {
      var sent = waiting[ref]
      if (!sent) return false
      delete waiting[ref]
      if (sent.task) sent.task.abort()
      else sent.settled()
      var room = desk.find(sent.room)
      if (room) room.timeline.forget(ref)
      desk.changed(sent.room)
      return true
    }
  }
}

/**
 * @param {import('../lib/types').Draft} draft
 * @param {import('../lib/types').Media} media
 * @param {string} ref
 * @returns {import('../lib/types').Draft}
 */
function complete(draft, media, ref) {
  var out = Object.assign({}, draft, { url: media.url, ref: ref })
  // The service has looked into the picture; the phone may have turned it.
  if (draft.type === 'image' && media.width && media.height) {
    out.width = media.width
    out.height = media.height
  }
  return out
}

module.exports = { createFiles: createFiles }
