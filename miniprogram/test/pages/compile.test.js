/** What the WeChat tools do first: their own compilers, as npm has them, over all markup and styles. */

var test = require('node:test')
var assert = require('node:assert')
var fs = require('node:fs')
var os = require('node:os')
var path = require('node:path')
var compilers = require('../drawn/compilers')
var sources = require('./sources')

var options = { skip: compilers.runs ? false : 'WeChat has no compilers for ' + compilers.system }

var folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mw-compile-'))
test.after(function () { fs.rmSync(folder, { recursive: true }) })

/** @param {'wcc' | 'wcsc'} name @param {string[]} args @param {string} cwd @returns {string} what it finds wrong, '' when all is well */
function faults(name, args, cwd) {
  return compilers.createCompilers(folder).run(name, args, cwd).errors
}

/** @param {string} end @returns {string[]} */
function ending(end) {
  return sources.walk('pages').concat(sources.walk('components')).filter(function (name) { return name.endsWith(end) })
}

test('wxml__all__compiles', options, function () {
  var files = ending('.wxml')
  assert.ok(files.length >= 7)
  assert.strictEqual(faults('wcc', ['-d'].concat(files), sources.ROOT), '')
})

test('wxss__all__compiles', options, function () {
  var files = ending('.wxss').concat('app.wxss')
  assert.ok(files.length >= 8)
  files.forEach(function (name) {
    assert.strictEqual(faults('wcsc', ['-js', name], sources.ROOT), '', name)
  })
})

test('compilers__mistakes__are_found', options, function () {
  /** @type {Array<['wcc' | 'wcsc', string, string]>} */
  var rows = [
    ['wcc', 'a.wxml', '<view><text>x</view>'],
    ['wcc', 'b.wxml', '<view wx:if="{{a}">x</view>'],
    ['wcc', 'c.wxml', '<view>{{a +}}</view>'],
    ['wcsc', 'a.wxss', '.a { color: red; .b { }'],
    ['wcsc', 'b.wxss', '.a color: red }']
  ]
  rows.forEach(function (row) {
    fs.writeFileSync(path.join(folder, row[1]), row[2])
    assert.notStrictEqual(faults(row[0], row[0] === 'wcc' ? ['-d', row[1]] : ['-js', row[1]], folder), '', row[1])
  })
})
