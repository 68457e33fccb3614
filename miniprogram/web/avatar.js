// A person's picture, or the first character of the name on a colour of their own.

import { h } from './dom.js'

/** @param {{ avatar?: string, initial: string, colour: string }} person */
export function avatar({ avatar: url, initial, colour }) {
  const place = h('span', { class: 'avatar', 'aria-hidden': 'true' })
  const letter = () => {
    place.replaceChildren(initial)
    place.style.backgroundColor = colour
  }
  if (url) place.append(h('img', { src: url, alt: '', decoding: 'async', onerror: letter, referrerpolicy: 'no-referrer' }))
  else letter()
  return place
}
