/** What the WeChat tools do first: their own compilers, as npm has them, over all markup and styles. */

var test = require('node:test')
var assert = require('node:assert')
var fs = require('node:fs')
var os = require('node:os')
var path = require('node:path')
var spawnSync = require('node:child_process').spawnSync
var sources = require('./sources')

/** @type {Object<string, string>} they are programs for these and for this processor only */
var PLATFORMS = { linux: 'linux', darwin: 'mac', win32: 'windows' }
var runs = PLATFORMS[process.platform] && process.arch === 'x64'
var options = { skip: runs ? false : 'WeChat has no compilers for ' + process.platform + ' on ' + process.arch }

var folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mw-compile-'))
test.after(function () { fs.rmSync(folder, { recursive: true }) })

/** A copy that may be run: the package comes without the bit. @param {string} name wcc, wcsc */
function compiler(name) {
  var program = process.platform === 'win32' ? name + '.exe' : name
  var copy = path.join(folder, program)
  var root = path.dirname(require.resolve('miniprogram-compiler/package.json'))
  fs.copyFileSync(path.join(root, 'bin', PLATFORMS[process.platform], program), copy)
  fs.chmodSync(copy, 0o755)
  return copy
}

/** @param {string} program @param {string[]} args @param {string} cwd @returns {string} what it finds wrong, '' when all is well */
function compile(program, args, cwd) {
  var done = spawnSync(program, args, { cwd: cwd, encoding: 'utf8', maxBuffer: 16 << 20 })
  if (done.error) throw done.error
  // wcsc says what is wrong and ends well all the same.
  var errors = done.stderr.replace(/error file count: 0\s*/, '').trim()
  return done.status === 0 && !/ERR/.test(errors) ? '' : errors || 'ended with ' + done.status
}

/** @param {string} end @returns {string[]} */
function ending(end) {
  return sources.walk('pages').concat(sources.walk('components')).filter(function (name) { return name.endsWith(end) })
}

test('wxml__all__compiles', options, function () {
  var files = ending('.wxml')
  assert.ok(files.length >= 7)
  assert.strictEqual(compile(compiler('wcc'), ['-d'].concat(files), sources.ROOT), '')
})

test('wxss__all__compiles', options, function () {
  var files = ending('.wxss').concat('app.wxss')
  var wcsc = compiler('wcsc')
  assert.ok(files.length >= 8)
  files.forEach(function (name) {
    assert.strictEqual(compile(wcsc, ['-js', name], sources.ROOT), '', name)
  })
})

test('compilers__mistakes__are_found', options, function () {
  /** @type {Array<[string, string, string]>} */
  var rows = [
    ['wcc', 'a.wxml', '<view><text>x</view>'],
    ['wcc', 'b.wxml', '<view wx:if="{{a}">x</view>'],
    ['wcc', 'c.wxml', '<view>{{a +}}</view>'],
    ['wcsc', 'a.wxss', '.a { color: red; .b { }'],
    ['wcsc', 'b.wxss', '.a color: red }']
  ]
  rows.forEach(function (row) {
    fs.writeFileSync(path.join(folder, row[1]), row[2])
    assert.notStrictEqual(compile(compiler(row[0]), row[0] === 'wcc' ? ['-d', row[1]] : ['-js', row[1]], folder), '', row[1])
  })
})
