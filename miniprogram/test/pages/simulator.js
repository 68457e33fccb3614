/** Components in miniprogram-simulate, in a browser's document without a browser. */

var jsdom = require('jsdom')
var path = require('node:path')

var ROOT = path.join(__dirname, '../..')

var dom = new jsdom.JSDOM('<!doctype html><html><body></body></html>', { pretendToBeVisual: true })
var world = /** @type {any} */ (global)
;['window', 'document', 'HTMLElement', 'Node', 'Event', 'CustomEvent', 'MutationObserver'].forEach(function (name) {
  world[name] = name === 'window' ? dom.window : /** @type {any} */ (dom.window)[name]
})

var simulate = require('miniprogram-simulate')

/**
 * @param {string} name message-row
 * @param {object} properties
 */
function render(name, properties) {
  var id = simulate.load(path.join(ROOT, 'components', name, name), { rootPath: ROOT, compiler: 'simulate' })
  var component = simulate.render(id, properties)
  var parent = dom.window.document.createElement('div')
  component.attach(parent)
  /** @type {any[]} */
  var events = []

  return {
    component: component,
    events: events,
    /** Remembers an event of the component's own. @param {string} event */
    hear: function (event) {
      component.addEventListener(event, function (/** @type {any} */ e) { events.push([event, e.detail]) })
    },
    /** @param {string} selector */
    find: function (selector) {
      return component.querySelector(selector)
    },
    /** @param {string} selector @returns {string} what is read there, '' when it is not there */
    text: function (selector) {
      var found = component.querySelector(selector)
      return found ? found.dom.textContent.trim() : ''
    },
    html: function () {
      return parent.innerHTML
    },
    all: function () {
      return (parent.textContent || '').trim()
    },
    /** @param {string} selector @param {string} event @param {object} [detail] */
    fire: async function (selector, event, detail) {
      component.querySelector(selector).dispatchEvent(event, detail)
      await simulate.sleep(0)
    },
    remove: function () {
      component.detach()
    }
  }
}

module.exports = { render: render, sleep: simulate.sleep }
