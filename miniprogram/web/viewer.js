// A picture in full, and its neighbours. The <dialog> keeps the focus inside, closes on Escape and gives the focus back.

import { $ } from './dom.js'
import { icon } from './icons.js'

export class Viewer {
  constructor() {
    this.dialog = $('viewer')
    this.image = $('viewer-image')
    this.urls = []
    this.at = 0
    const buttons = { close: () => this.dialog.close(), previous: () => this.turn(-1), next: () => this.turn(1) }
    for (const [name, run] of Object.entries(buttons)) {
      $(`viewer-${name}`).append(icon(name))
      $(`viewer-${name}`).onclick = run
    }
    this.dialog.addEventListener('click', ({ target }) => { if (target === this.dialog || target === this.image) this.dialog.close() })
    this.dialog.addEventListener('keydown', ({ key }) => {
      if (key === 'ArrowLeft') this.turn(-1)
      if (key === 'ArrowRight') this.turn(1)
    })
    this.dialog.addEventListener('close', () => this.image.removeAttribute('src'))
  }

  /** wx.previewImage. */
  open({ urls, current }) {
    this.urls = urls
    this.at = Math.max(0, urls.indexOf(current))
    this.turn(0)
    this.dialog.showModal()
    $('viewer-close').focus()
  }

  turn(by) {
    this.at = Math.max(0, Math.min(this.urls.length - 1, this.at + by))
    this.image.src = this.urls[this.at]
    $('viewer-previous').hidden = this.at === 0
    $('viewer-next').hidden = this.at === this.urls.length - 1
  }
}
