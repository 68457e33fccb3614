// What can be done with a message: a small menu beside it, for mouse, long press and keyboard.

import { h } from './dom.js'

export class Menu {
  constructor(element) {
    this.element = element
    /** @type {any} what had the focus before */
    this.back = null
    /** @type {HTMLElement | null} */
    this.beside = null
    element.addEventListener('keydown', (event) => this.onKey(event))
    document.addEventListener('pointerdown', (event) => { if (!element.contains(event.target)) this.close(false) })
    window.addEventListener('resize', () => this.close(false))
    document.addEventListener('scroll', () => this.close(false), true)
  }

  /** @param {HTMLElement} beside  @param {{ name: string, run: () => void }[]} items */
  open(beside, items) {
    if (!items.length || (beside === this.beside && !this.element.hidden)) return
    this.back = document.activeElement
    this.beside = beside
    this.element.replaceChildren(...items.map(({ name, run }) => h('button', {
      type: 'button', role: 'menuitem', tabindex: -1, onclick: () => { this.close(); run() },
    }, name)))
    this.element.hidden = false
    this.place(beside.getBoundingClientRect())
    this.element.querySelector('button').focus({ preventScroll: true })
  }

  place({ left, right, top, bottom }) {
    const { offsetWidth: width, offsetHeight: height } = this.element
    const x = Math.max(8, Math.min(innerWidth - width - 8, (left + right - width) / 2))
    const y = top - height - 8 > 8 ? top - height - 8 : Math.min(innerHeight - height - 8, bottom + 8)
    this.element.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`
  }

  close(giveBack = true) {
    if (this.element.hidden) return
    this.element.hidden = true
    if (giveBack && this.back && this.back.isConnected) this.back.focus({ preventScroll: true })
  }

  onKey(event) {
    /** @type {any[]} */
    const items = [...this.element.children]
    const at = items.indexOf(document.activeElement)
    const moves = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }
    if (event.key in moves) items[(at + moves[event.key] + items.length) % items.length].focus()
    else if (event.key === 'Escape' || event.key === 'Tab') this.close()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
}
