/** Names and what stands for a face. */

var test = require('node:test')
var assert = require('node:assert')
var face = require('../../view/face')

/** @type {Array<[unknown, string]>} */
var NAMES = [
  ['小明', '小明'],
  ['  Ann  Lee ', 'Ann  Lee'],
  ['', face.NOBODY],
  ['   ', face.NOBODY],
  [undefined, face.NOBODY],
  [7, face.NOBODY],
  ['live\u202e名字', 'live名字'],
  ['\u2067abc\u2069', 'abc'],
  ['\u202e', face.NOBODY],
  ['مريم', 'مريم']
]

test('name__rows', function () {
  NAMES.forEach(function (row) { assert.strictEqual(face.name(row[0]), row[1], JSON.stringify(row[0])) })
})

test('initial__whole_character', function () {
  assert.strictEqual(face.initial('ann'), 'A')
  assert.strictEqual(face.initial('🐼x'), '🐼')
  assert.strictEqual(face.initial(face.name('\u202eann')), 'A')
})

test('colour__same_person_same_colour', function () {
  assert.strictEqual(face.colour('abc'), face.colour('abc'))
  assert.match(face.colour(''), /^#[0-9a-f]{6}$/)
})
