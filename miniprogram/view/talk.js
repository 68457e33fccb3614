/** Hold to talk, as a table: what a finger and the recorder do, and what follows. No microphone in here. */

var TOO_SHORT_MS = 1000
/** So far up, in pixels, and letting go throws it away. */
var CANCEL_UP = 60

/**
 * idle: nothing. starting: pressed, the recorder is not on yet. talking, leaving (the finger is where letting go
 * cancels). ending: let go, the recorder has not given its file yet. dropping: the same, and nobody wants the file.
 * @typedef {'idle' | 'starting' | 'talking' | 'leaving' | 'ending' | 'dropping'} State
 */

/** @type {{[state: string]: {[event: string]: string}}} */
var NEXT = {
  idle: { press: 'starting' },
  // Let go before it began: it is stopped as soon as it has begun.
  starting: { started: 'talking', release: 'dropping', lost: 'dropping', stopped: 'idle', failed: 'idle' },
  talking: { up: 'leaving', release: 'ending', lost: 'dropping', stopped: 'idle', failed: 'idle' },
  leaving: { down: 'talking', release: 'dropping', lost: 'dropping', stopped: 'idle', failed: 'idle' },
  ending: { stopped: 'idle', failed: 'idle' },
  dropping: { started: 'dropping', stopped: 'idle', failed: 'idle' }
}

/** @type {{[state: string]: string}} */
var WORDS = {
  idle: '按住 说话',
  starting: '请说话…',
  talking: '松开 发送',
  leaving: '松开 取消',
  ending: '按住 说话',
  dropping: '按住 说话'
}

/**
 * @param {State | string} state
 * @param {string} event press, started, up, down, release, lost (the touch was taken away), stopped, failed
 * @param {number} [ms] with stopped: how long it is
 * @returns {{state: State, act: '' | 'start' | 'stop' | 'send' | 'short'}}
 */
function step(state, event, ms) {
  var next = NEXT[state] && NEXT[state][event]
  if (!next) return { state: /** @type {State} */ (state), act: '' }
  return { state: /** @type {State} */ (next), act: act(state, event, next, ms || 0) }
}

/**
 * @param {string} state
 * @param {string} event
 * @param {string} next
 * @param {number} ms
 */
function act(state, event, next, ms) {
  if (event === 'press') return 'start'
  // Stopped by itself while talking: a minute is over, it is sent as it is.
  if (event === 'stopped') return state === 'dropping' || state === 'leaving' ? '' : ms < TOO_SHORT_MS ? 'short' : 'send'
  if (event === 'started') return next === 'dropping' ? 'stop' : ''
  return state !== 'starting' && (next === 'ending' || next === 'dropping') ? 'stop' : ''
}

/**
 * @param {number} startY
 * @param {number} y
 * @returns {'up' | 'down'}
 */
function direction(startY, y) {
  return startY - y > CANCEL_UP ? 'up' : 'down'
}

module.exports = { step: step, direction: direction, WORDS: WORDS, TOO_SHORT_MS: TOO_SHORT_MS, CANCEL_UP: CANCEL_UP }
