/** The sample's markup with data in it: pages as a tree of elements, by WeChat's own compiler, as the platform gets it. */

'use strict'

const path = require('node:path')
const vm = require('node:vm')
const { createCompilers } = require('./compilers')
const sources = require('../pages/sources')

/**
 * @typedef {{tag: string, attr: {[name: string]: any}, children: Array<Element | string>}} Element
 *
 * @param {string} folder for the compilers
 * @returns {(file: string, data: object) => Element} of pages/chat/chat, say
 */
function compileMarkup(folder) {
  const files = [...sources.walk('pages'), ...sources.walk('components')].filter((name) => name.endsWith('.wxml'))
  const { output, errors } = createCompilers(folder).run('wcc', files, sources.ROOT)
  if (errors) throw new Error(errors)
  const world = vm.createContext({ console })
  vm.runInContext('var window = this, global = {}, __wxAppCode__ = {}', world)
  vm.runInContext(output, world, { filename: 'markup' })
  return (file, data) => {
    // What it draws has to be of its own world.
    const script = `$gwx(${JSON.stringify(file + '.wxml')})(${JSON.stringify(data)}, {}, {})`
    return vm.runInContext(script, world)
  }
}

/** @param {string} name of a component @returns {object} what it has before anything is said to it */
function dataOf(name) {
  const file = path.join(sources.ROOT, 'components', name, name + '.js')
  let definition = null
  global.Component = (given) => { definition = given }
  delete require.cache[file]
  require(file)
  const values = Object.entries(definition.properties).map(([key, property]) => [key, property.value])
  return { ...Object.fromEntries(values), ...definition.data }
}

module.exports = { compileMarkup, dataOf }
