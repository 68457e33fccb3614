'use strict'
/** The whole sample of one person in a bare realm, on a phone: app.js and the pages as they are, drawn nowhere. */

const { bareRealm } = require('../realm')
const { Phone } = require('../phone')
const { draw } = require('./drawing')

class Sample {
  /** @param {{standin: string, person: string, origin: string}} options */
  constructor(options) {
    this.options = options
    this.phone = new Phone(options)
    /** What was shown and asked of the person: [name, options]. */
    this.calls = []
    /** What the person does when asked: name -> (options) => answer. */
    this.answers = {}
    this.start()
  }

  start() {
    const globals = {
      wx: this.makeWx(),
      App: (definition) => { this.app = definition },
      Page: (definition) => { this.definition = definition },
      getApp: () => this.app,
      getCurrentPages: () => [],
    }
    this.realm = bareRealm(globals)
    this.definitions = {}
    this.realm.require('../config').domain = this.options.origin
    this.realm.require('../app')
    this.app.onLaunch({})
    this.show({ scene: 1001, path: 'pages/rooms/rooms' })
  }

  /** Ended by the system, and opened again with what is in the storage. */
  restart() {
    this.app.onHide()
    this.app.client.close()
    this.phone.listeners = { show: [], hide: [], network: [] }
    this.start()
  }

  /** @param {any} options of App.onShow */
  show(options) {
    this.phone.show()
    this.app.onShow(options)
  }

  makeWx() {
    const fixed = {
      ...this.phone.wx,
      setStorage: ({ key, data }) => { this.phone.storage[key] = JSON.stringify(data) },
      createInnerAudioContext: () => ({ onEnded() {}, onStop() {}, onError() {}, play() {}, stop() {}, destroy() {} }),
    }
    return new Proxy(fixed, {
      get: (target, name) => {
        if (name in target) return target[name]
        return (options = {}) => {
          this.calls.push([name, options])
          if (this.answers[name]) Promise.resolve(this.answers[name](options)).then(options.success, options.fail)
        }
      },
    })
  }

  /** @param {string} name chat @param {object} [query] @returns {any} the page */
  open(name, query = {}) {
    if (!this.definitions[name]) {
      this.realm.require(`../pages/${name}/${name}`)
      this.definitions[name] = this.definition
    }
    const page = draw(this.definitions[name])
    page.onLoad(query)
    if (page.onShow) page.onShow()
    if (page.onReady) page.onReady()
    return page
  }
}

/** Waits until something is so. @param {() => any} condition @param {string} what */
async function until(condition, what, ms = 10000) {
  const end = Date.now() + ms
  for (;;) {
    const found = condition()
    if (found) return found
    if (Date.now() > end) throw new Error('not so in time: ' + what)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

module.exports = { Sample, until }
