var test = require('node:test')
var assert = require('node:assert')
var talk = require('../../view/talk')

;[
  { what: 'press and let go', events: ['press', 'started', 'release', 'stopped:3000'], acts: ['start', 'stop', 'send'] },
  { what: 'slide up', events: ['press', 'started', 'up', 'release', 'stopped:3000'], acts: ['start', 'stop'] },
  { what: 'slide up and down again', events: ['press', 'started', 'up', 'down', 'release', 'stopped:3000'], acts: ['start', 'stop', 'send'] },
  { what: 'too short', events: ['press', 'started', 'release', 'stopped:999'], acts: ['start', 'stop', 'short'] },
  { what: 'let go before it began', events: ['press', 'release', 'started', 'stopped:200'], acts: ['start', 'stop'] },
  { what: 'touch taken away', events: ['press', 'started', 'lost', 'stopped:3000'], acts: ['start', 'stop'] },
  { what: 'a minute is over', events: ['press', 'started', 'stopped:60000', 'release'], acts: ['start', 'send'] },
  { what: 'a minute is over while leaving', events: ['press', 'started', 'up', 'stopped:60000', 'release'], acts: ['start'] },
  { what: 'no microphone', events: ['press', 'failed', 'release'], acts: ['start'] },
  { what: 'pressed again while it ends', events: ['press', 'started', 'release', 'press', 'stopped:2000'], acts: ['start', 'stop', 'send'] },
  { what: 'events out of nowhere', events: ['release', 'stopped:5000', 'up', 'started', 'nonsense'], acts: [] }
].forEach(function (row) {
  test('talk__' + row.what.replace(/ /g, '_') + '__' + (row.acts.join('_') || 'nothing'), function () {
    var state = 'idle'
    /** @type {string[]} */
    var acts = []
    row.events.forEach(function (event) {
      var parts = event.split(':')
      var next = talk.step(state, parts[0], Number(parts[1]))
      if (next.act) acts.push(next.act)
      assert.ok(talk.WORDS[next.state], next.state)
      state = next.state
    })
    assert.deepStrictEqual(acts, row.acts)
    assert.strictEqual(state, 'idle')
  })
})

test('direction__finger__up_far_enough', function () {
  assert.strictEqual(talk.direction(500, 441), 'down')
  assert.strictEqual(talk.direction(500, 439), 'up')
  assert.strictEqual(talk.direction(500, 700), 'down')
})
