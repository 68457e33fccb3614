/** The files of the sample against each other: what one names, another has. */

var test = require('node:test')
var assert = require('node:assert')
var fs = require('node:fs')
var path = require('node:path')
var sources = require('./sources')

var ROOT = sources.ROOT
var walk = sources.walk

/** @param {string} name */
function read(name) {
  return fs.readFileSync(path.join(ROOT, name), 'utf8')
}

/** @param {string} name @returns {any} */
function json(name) {
  return JSON.parse(read(name))
}

var app = json('app.json')
var files = walk('pages').concat(walk('components'))
var wxml = files.filter(function (name) { return name.endsWith('.wxml') })

/** @param {string} text @param {RegExp} pattern @returns {string[]} the first group of each match */
function all(text, pattern) {
  return Array.from(text.matchAll(pattern), function (found) { return found[1] })
}

/** @param {string} name of a .wxml @returns {any} */
function config(name) {
  return json(name.replace(/wxml$/, 'json'))
}

/** The tags that WeChat knows and the sample uses. */
var TAGS = ['view', 'text', 'image', 'button', 'input', 'textarea', 'form', 'scroll-view', 'open-data']

test('app_json__pages__all_four_files_each', function () {
  assert.ok(app.pages.length >= 3)
  app.pages.forEach(function (/** @type {string} */ page) {
    ;['js', 'json', 'wxml', 'wxss'].forEach(function (end) {
      assert.ok(fs.existsSync(path.join(ROOT, page + '.' + end)), page + '.' + end)
    })
  })
})

test('app_json__colours__all_in_both_themes', function () {
  var theme = json(app.themeLocation)
  var used = all(JSON.stringify(app), /"@(\w+)"/g)
  assert.ok(used.length)
  used.forEach(function (name) {
    assert.ok(theme.light[name] && theme.dark[name], name)
  })
  assert.strictEqual(app.darkmode, true)
})

test('json__all__parse', function () {
  files.concat(['sitemap.json', 'project.config.json', 'theme.json']).filter(function (name) { return name.endsWith('.json') }).forEach(json)
})

test('project_config__a_place_for_an_appid_and_nothing_of_tests_in_the_upload', function () {
  var project = json('project.config.json')
  assert.strictEqual(project.appid, 'touristappid')
  var ignored = project.packOptions.ignore.map(function (/** @type {any} */ rule) { return rule.value })
  ;['node_modules', 'test', 'web', 'package-lock.json'].forEach(function (name) {
    assert.ok(ignored.includes(name), name)
  })
})

wxml.forEach(function (name) {
  var text = read(name)
  var used = config(name).usingComponents || {}

  test(name + '__components__exist_and_are_used', function () {
    Object.keys(used).forEach(function (tag) {
      assert.strictEqual(json(used[tag].slice(1) + '.json').component, true)
      assert.ok(text.includes('<' + tag + ' '), tag + ' is not used')
    })
    all(text, /<([a-z][\w-]*)/g).forEach(function (tag) {
      assert.ok(TAGS.includes(tag) || used[tag], tag)
    })
  })

  test(name + '__handlers__exist', function () {
    var code = read(name.replace(/wxml$/, 'js'))
    all(text, /\b(?:bind|catch):?[a-z]+="([^"]+)"/g).forEach(function (handler) {
      assert.match(code, new RegExp('^\\s+' + handler + ': function', 'm'), handler)
    })
  })

  test(name + '__data__is_there', function () {
    var code = read(name.replace(/wxml$/, 'js'))
    var found = all(text, /\{\{([^}]*)\}\}/g).flatMap(function (expression) {
      return all(expression.replace(/'[^']*'/g, ''), /(?<![.\w])([a-zA-Z]\w*)/g)
    })
    found.forEach(function (variable) {
      if (/^(item|true|false)$/.test(variable)) return
      assert.match(code, new RegExp('\\b' + variable + ':'), variable)
    })
  })

  test(name + '__loops__have_keys', function () {
    all(text, /<([^>]*wx:for=[^>]*)>/g).forEach(function (tag) {
      assert.match(tag, /wx:key=/)
    })
  })

  test(name + '__what_others_wrote__never_markup', function () {
    assert.doesNotMatch(text, /rich-text|web-view|decode\b|parse/)
  })

  test(name + '__tags__closed', function () {
    /** @type {string[]} */
    var open = []
    Array.from(text.matchAll(/<(\/?)([a-z][\w-]*)((?:"[^"]*"|[^>"])*?)(\/?)>/g)).forEach(function (found) {
      if (found[1]) assert.strictEqual(open.pop(), found[2])
      else if (!found[4]) open.push(found[2])
    })
    assert.deepStrictEqual(open, [])
  })
})

test('wxml__what_is_tapped__tells_what_it_is', function () {
  wxml.forEach(function (name) {
    all(read(name), /<((?:view|text|image)\s(?:"[^"]*"|[^>"])*(?:bindtap|bindtouchstart)=(?:"[^"]*"|[^>"])*)>/g).forEach(function (tag) {
      // The bubble has its role from what is in it.
      if (tag.includes('class="bubble')) return
      assert.match(tag, /aria-role="button"/, name + ': ' + tag)
    })
  })
})

test('wxss__colours__from_the_theme_where_they_are_read_on_the_page', function () {
  files.filter(function (name) { return name.endsWith('.wxss') }).forEach(function (name) {
    var known = all(read('app.wxss'), /(--[\w-]+):/g)
    all(read(name), /var\((--[\w-]+)\)/g).forEach(function (variable) {
      assert.ok(known.includes(variable), name + ': ' + variable)
    })
  })
})

test('wxss_of_components__classes_only', function () {
  files.filter(function (name) { return /^components.*wxss$/.test(name) }).forEach(function (name) {
    var rules = read(name).replace(/\/\*.*?\*\/|"[^"]*"/gs, '').replace(/@keyframes[^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}/g, '')
    rules.replace(/\{[^{}]*\}/g, ',').split(',').forEach(function (rule) {
      var selector = rule.trim()
      if (!selector) return
      // The platform takes neither tags nor ids nor attributes there.
      assert.match(selector, /^([.][\w-]+(::?[\w-]+)?\s?)+$/, name + ': ' + selector)
    })
  })
})

test('app_wxss__both_themes__name_the_same_colours', function () {
  var parts = read('app.wxss').split('@media (prefers-color-scheme: dark)')
  var light = all(parts[0], /(--[\w-]+):/g)
  var dark = all(parts[1], /(--[\w-]+):/g)
  assert.ok(light.length > 10)
  assert.deepStrictEqual(dark.sort(), light.sort())
})

test('js__all_of_it__as_old_phones_read_it', function () {
  var acorn = require('acorn')
  files.concat(walk('view'), walk('app'), ['app.js', 'config.js']).forEach(function (name) {
    if (name.endsWith('.js')) acorn.parse(read(name), { ecmaVersion: 5 })
  })
})

test('upload__nothing_but_code_and_looks', function () {
  files.concat(walk('view'), walk('app')).forEach(function (name) {
    assert.match(name, /\.(js|json|wxml|wxss)$/)
  })
})
