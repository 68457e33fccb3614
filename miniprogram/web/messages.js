// The conversation on the screen: as many rows as the timeline's window holds, kept in place while rows come above them,
// and at the end while the reader is there.

import { makeRow, updateRow } from './bubble.js'
import { onLongPress } from './press.js'

const NEAR_PX = 800 // the next rows are fetched before the reader sees the edge
const AT_END_PX = 40

export class Messages {
  /** @param {{ log: HTMLElement, actions: import('./bubble.js').Actions, me: () => object, scrolled: (at: { nearTop: boolean, nearEnd: boolean,
   *   atEnd: boolean, below: number }) => void }} options  below: pixels under what is in sight */
  constructor({ log, actions, me, scrolled }) {
    this.log = log
    this.actions = actions
    this.me = me
    this.scrolled = scrolled
    this.elements = new Map()
    this.sticks = true
    this.frame = 0
    log.addEventListener('scroll', () => this.look(), { passive: true })
    log.addEventListener('keydown', (event) => this.onKey(event))
    log.addEventListener('contextmenu', (event) => this.onMenu(event))
    onLongPress(log, '.bubble', (bubble) => actions.menu(bubble.closest('.message').row, bubble))
    new ResizeObserver(() => { if (this.sticks) this.toEnd() }).observe(log)
  }

  /** Another room. @param {{ key: string, top: number } | null} [place]  where its reader was, as place() gave it */
  clear(place = null) {
    this.elements.clear()
    this.log.replaceChildren()
    this.sticks = !place
    this.kept = place
  }

  /**
   * @param {object[]} rows
   * @param {{ follow: boolean, quiet?: boolean }} how  follow: stay at the end; quiet: nobody is to have it read out
   */
  show(rows, { follow, quiet = false }) {
    this.log.setAttribute('aria-busy', String(quiet))
    const wanted = new Set(rows.map((row) => row.key))
    const place = follow ? null : this.place(wanted) || this.kept
    for (const [key, element] of this.elements) {
      if (wanted.has(key)) continue
      element.remove()
      this.elements.delete(key)
    }
    let at = this.log.firstElementChild
    for (const row of rows) {
      const element = this.element(row)
      if (element === at) at = at.nextElementSibling
      else this.log.insertBefore(element, at)
    }
    this.sticks = follow
    if (follow) this.toEnd()
    else this.goTo(place)
    this.kept = null
    if (quiet) requestAnimationFrame(() => this.log.setAttribute('aria-busy', 'false'))
  }

  element(row) {
    let element = this.elements.get(row.key)
    if (element) {
      updateRow(element, row, this)
    } else {
      element = makeRow(row, this)
      this.elements.set(row.key, element)
    }
    return element
  }

  /** Where the reader is: the first row in sight, of those that stay, and how far below the upper edge it begins. */
  place(stays = /** @type {{ has(key: string): boolean }} */ (this.elements)) {
    const { scrollTop } = this.log
    /** @type {Iterable<any>} */
    const rows = this.log.children
    for (const { dataset: { key }, offsetTop, offsetHeight } of rows) {
      if (offsetTop + offsetHeight > scrollTop && stays.has(key)) return { key, top: offsetTop - scrollTop }
    }
    return null
  }

  goTo(place) {
    const element = place && this.elements.get(place.key)
    if (element) this.log.scrollTop = element.offsetTop - place.top
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight
  }

  look() {
    if (this.frame) return
    this.frame = requestAnimationFrame(() => {
      this.frame = 0
      const { scrollTop, scrollHeight, clientHeight } = this.log
      const below = scrollHeight - clientHeight - scrollTop
      this.scrolled({ nearTop: scrollTop < NEAR_PX, nearEnd: below < NEAR_PX, atEnd: below < AT_END_PX, below })
    })
  }

  // Up and down go from message to message, Enter opens what it brings, or what can be done with a
  // text; the menu key what can be done with any.

  onKey(event) {
    const current = event.target.closest('.message')
    const steps = { ArrowUp: -1, ArrowDown: 1 }
    if (event.key in steps && !event.target.closest('video')) {
      event.preventDefault()
      this.step(current, steps[event.key])
    } else if (current && event.target === current && (event.key === 'Enter' || event.key === ' ')) {
      event.preventDefault()
      this.activate(current)
    } else if (current && (event.key === 'ContextMenu' || (event.shiftKey && event.key === 'F10'))) {
      event.preventDefault()
      this.actions.menu(current.row, current.querySelector('.bubble'))
    }
  }

  step(current, by) {
    /** @type {any[]} */
    const messages = [...this.log.querySelectorAll('.message')]
    if (!messages.length) return
    const at = current ? messages.indexOf(current) + by : messages.length - 1
    const next = messages[Math.max(0, Math.min(messages.length - 1, at))]
    next.focus({ preventScroll: true })
    next.scrollIntoView({ block: 'nearest' })
  }

  activate(element) {
    const { row } = element
    const does = {
      image: () => this.actions.open(row),
      voice: () => this.actions.play(row, element.querySelector('.voice')),
      video: () => this.actions.watch(element.querySelector('video')),
      file: () => element.querySelector('.file').click(),
      text: () => this.actions.menu(row, element.querySelector('.bubble')),
    }
    does[row.type]()
  }

  onMenu(event) {
    const bubble = event.target.closest('.bubble')
    // Selected words have the browser's own menu.
    if (!bubble || String(getSelection())) return
    event.preventDefault()
    this.actions.menu(bubble.closest('.message').row, bubble)
  }
}
