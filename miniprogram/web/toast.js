// Short words to the user, which go by themselves.

import { $ } from './dom.js'

const SHOWN_MS = 3000
let timer = 0

export function toast(text) {
  const element = $('toast')
  element.textContent = text
  element.dataset.shown = ''
  clearTimeout(timer)
  timer = setTimeout(() => { delete element.dataset.shown }, SHOWN_MS)
}
