/**
 * The one recorder of a mini-program behind the table of view/talk: wx.getRecorderManager() is shared by all pages and takes
 * listeners that cannot be taken back, so it is listened to once.
 */

var talk = require('../../view/talk')
var size = require('../../view/size')

/** MP3 is played by every phone and by browsers. */
var FORMAT = {
  duration: size.VOICE_SECONDS * 1000,
  sampleRate: 16000,
  numberOfChannels: 1,
  encodeBitRate: 48000,
  format: 'mp3'
}

/** A recorder from which nothing is heard for so long, when something is due, has failed. */
var SILENT_MS = 3000
var DUE = ['starting', 'dropping']

/**
 * @typedef {object} Listener
 * @property {(state: string) => void} state
 * @property {(file: {path: string, seconds: number}) => void} file
 * @property {(why: 'short' | 'denied' | 'failed') => void} nothing
 */

/** @param {any} wx */
function createRecorder(wx) {
  var manager = wx.getRecorderManager()
  var state = 'idle'
  /** @type {Listener | null} */
  var listener = null
  /** @type {any} */
  var patience = null

  /**
   * @param {string} event
   * @param {{duration?: number, tempFilePath?: string}} [result]
   */
  function on(event, result) {
    var before = state
    var next = talk.step(state, event, result && result.duration)
    state = next.state
    if (state !== before) {
      clearTimeout(patience)
      if (DUE.indexOf(state) >= 0) patience = setTimeout(fail, SILENT_MS)
      if (listener) listener.state(state)
    }
    if (next.act === 'start') manager.start(FORMAT)
    if (next.act === 'stop') manager.stop()
    if (next.act === 'short' && listener) listener.nothing('short')
    if (next.act === 'send' && listener && result && result.tempFilePath)
      listener.file({ path: result.tempFilePath, seconds: Math.round(Number(result.duration) / 100) / 10 })
  }

  /** @param {string} [why] */
  function fail(why) {
    var wanted = state === 'starting' || state === 'talking'
    on('failed')
    if (wanted && listener) listener.nothing(/auth|permission|deny/i.test(why || '') ? 'denied' : 'failed')
  }

  manager.onStart(function () {
    // It comes so late that nobody holds the button any more.
    if (state === 'idle') manager.stop()
    else on('started')
  })
  manager.onStop(function (/** @type {any} */ result) {
    on('stopped', result)
  })
  manager.onError(function (/** @type {{errMsg?: string}} */ err) {
    fail(err.errMsg)
  })
  // A call comes in: what was said so far is sent, as when a minute is over.
  if (manager.onInterruptionBegin)
    manager.onInterruptionBegin(function () {
      if (state === 'talking') manager.stop()
      else on('lost')
    })

  return {
    /** @param {Listener | null} who */
    listen: function (who) {
      listener = who
    },
    on: on
  }
}

/** @type {ReturnType<typeof createRecorder> | null} */
var shared = null

/** @param {any} wx */
function recorder(wx) {
  if (!shared) shared = createRecorder(wx)
  return shared
}

module.exports = { recorder: recorder, createRecorder: createRecorder }
