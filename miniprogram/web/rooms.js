// The list of rooms beside the conversation; on a phone a page of its own.

import { h, oneWay, setAttributes, setText } from './dom.js'
import { badge, people } from '../view/words.js'
import { brief } from '../view/when.js'
import { colour, initial } from '../view/face.js'

export class RoomList {
  constructor(list) {
    this.list = list
    this.items = new Map()
  }

  show(rooms, current) {
    for (const room of rooms) update(this.item(room), room, room === current)
  }

  item({ name, title }) {
    let item = this.items.get(name)
    if (!item) {
      item = makeItem(name, title)
      this.list.append(h('li', {}, item.link))
      this.items.set(name, item)
    }
    return item
  }
}

function makeItem(name, title) {
  const sign = h('span', { class: 'room-sign', 'aria-hidden': 'true' }, initial(title))
  sign.style.backgroundColor = colour(name)
  const time = h('span', { class: 'room-time' })
  const line = h('span', { class: 'room-line' })
  const count = h('span', { class: 'badge', 'aria-hidden': 'true' })
  const spoken = h('span', { class: 'hidden' })
  const link = h('a', { class: 'room', href: `#/${encodeURIComponent(name)}` },
    sign, h('span', { class: 'room-name' }, title), time, line, count, spoken)
  return { link, time, line, count, spoken }
}

function update({ link, time, line, count, spoken }, room, current) {
  setAttributes(link, { 'aria-current': current ? 'page' : null })
  setText(time, room.last.time ? brief(room.last.time, Date.now()) : '')
  setText(line, room.refusal || oneWay(room.last.text) || people(room.num))
  setText(count, badge(room.unread))
  setText(spoken, room.unread ? `${room.unread} 条未读` : '')
}
