'use strict'
// A realm as bare as WeChat's: ECMAScript's own names, timers, console and wx; no window, process, Buffer, URL,
// TextEncoder, AbortController. CommonJS files are loaded into it.
const fs = require('node:fs')
const path = require('node:path')
const vm = require('node:vm')

const LIB = path.join(__dirname, '..', 'lib')

/** @returns {{require: (file: string) => any, context: object}} */
function bareRealm(globals = {}) {
  const context = vm.createContext({ console, setTimeout, clearTimeout, setInterval, clearInterval, ...globals })
  vm.runInContext('delete globalThis.WebAssembly; delete globalThis.SharedArrayBuffer; delete globalThis.Atomics', context)
  const loaded = new Map()
  const load = (file) => {
    if (loaded.has(file)) return loaded.get(file).exports
    const module = { exports: {} }
    loaded.set(file, module)
    const wrapped = vm.runInContext(`(function (module, exports, require) {${fs.readFileSync(file, 'utf8')}\n})`, context, { filename: file })
    wrapped(module, module.exports, (name) => load(resolve(path.dirname(file), name)))
    return module.exports
  }
  return { require: (name) => load(resolve(LIB, name)), context }
}

function resolve(folder, name) {
  const file = path.resolve(folder, name)
  return file.endsWith('.js') ? file : file + '.js'
}

module.exports = { bareRealm, LIB }
