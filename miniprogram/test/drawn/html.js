/** A tree of WeChat's elements as a document that a browser shows. Components are closed to others' styles, as there. */

'use strict'

const fs = require('node:fs')
const path = require('node:path')
const { dataOf } = require('./markup')
const { ROOT } = require('../pages/sources')

const PLATFORM = fs.readFileSync(path.join(__dirname, 'platform.css'), 'utf8')
const COMPONENTS = fs.readdirSync(path.join(ROOT, 'components'))
const SHOWN = { class: 'class', style: 'style', id: 'id', ariaRole: 'role', ariaLabel: 'aria-label', disabled: 'disabled', autoHeight: 'auto-height' }
const LETTERS = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

const escape = (text) => String(text).replace(/[&<>"]/g, (letter) => LETTERS[letter])
const style = (file) => fs.readFileSync(path.join(ROOT, file + '.wxss'), 'utf8')

/**
 * @param {ReturnType<import('./markup').compileMarkup>} markup
 * @param {{[component: string]: object}} inner what components have come to by themselves
 */
function createPrinter(markup, inner) {
  function attributes(attr) {
    const pairs = Object.entries(SHOWN).filter(([name]) => attr[name] !== undefined && attr[name] !== false)
    const taps = ['bindtap', 'catchtap', 'bindtouchstart'].some((name) => attr[name]) ? ' data-taps' : ''
    return pairs.map(([name, shown]) => ` ${shown}="${escape(attr[name])}"`).join('') + taps
  }

  function component(name, attr) {
    const given = Object.entries(attr).filter(([key]) => !/^(bind|class$|id$|style$)/.test(key))
    const file = `components/${name}/${name}`
    const tree = markup(file, { ...dataOf(name), ...Object.fromEntries(given), ...inner[name] })
    const styles = `<style>${PLATFORM}${style(file)}</style>`
    return `<template shadowrootmode="open">${styles}${children(tree)}</template>`
  }

  const children = (element) => element.children.map(print).join('')

  /** What the platform itself puts into its elements. */
  const contents = {
    'wx-scroll-view': (element) => `<div class="wx-scroll-view-content">${children(element)}</div>`,
    'wx-open-data': ({ attr }) => escape(attr.defaultText || ''),
    'wx-input': ({ attr }) => typed(attr),
    'wx-textarea': ({ attr }) => typed(attr),
    'wx-image': () => ''
  }
  const typed = (attr) => (attr.value ? escape(attr.value) : `<span class="${attr.placeholderClass || ''}">${escape(attr.placeholder || '')}</span>`)

  function print(element) {
    if (typeof element === 'string') return escape(element)
    const { tag, attr } = element
    const name = tag.replace(/^wx-/, '')
    // With a hyphen, or no browser gives it a tree of its own.
    if (COMPONENTS.includes(name)) return `<own-${name}${attributes(attr)}>${component(name, attr)}</own-${name}>`
    const image = tag === 'wx-image' && attr.src ? { ...attr, style: `${attr.style || ''}; background-image: url('${attr.src}')` } : attr
    return `<${tag}${attributes(image)}>${(contents[tag] || children)(element)}</${tag}>`
  }

  return { children }
}

/** @param {Parameters<typeof createPrinter>[0]} markup @param {{page: string, data: object, inner?: {[component: string]: object}}} scene */
function print(markup, scene) {
  const printer = createPrinter(markup, scene.inner || {})
  const styles = PLATFORM + style('app') + style(scene.page)
  // `page` is the element that WeChat puts around each page.
  return `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>${scene.page}</title>
<meta name="viewport" content="width=device-width"><style>html, body { margin: 0 } page { display: block; min-height: 100vh } ${styles}</style></head>
<body><page>${printer.children(markup(scene.page, scene.data))}</page></body></html>`
}

module.exports = { print }
