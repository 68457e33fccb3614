// One row of the conversation as elements. Rows come from view/timeline.js; the same row object means nothing changed.

import { avatar } from './avatar.js'
import { h, oneWay, setAttributes } from './dom.js'
import { icon } from './icons.js'
import { clock } from '../view/when.js'

const KINDS = { text: '', image: '图片', voice: '语音', video: '视频', file: '文件' }
const STATUSES = { uploading: '正在上传', sending: '发送中', failed: '没有发出' }

let marks = 0

/** @typedef {{ open(row: object): void, play(row: object, bubble: HTMLElement): void, watch(video: HTMLVideoElement): void, menu(row: object, at: HTMLElement): void,
 *   retry(row: object): void, unfold(row: object): void, again(row: object): void }} Actions */

const bodies = {
  text: (row, actions) => [
    h('span', { class: 'words' }, row.text),
    row.folded && h('button', { type: 'button', class: 'unfold', onclick: () => actions.unfold(row) }, '全文'),
  ],

  image(row, actions) {
    const broken = (event) => event.target.replaceWith(h('span', { class: 'broken' }, '图片无法显示'))
    return [h('button', { type: 'button', class: 'picture', 'aria-label': '查看图片', tabindex: -1, onclick: () => actions.open(row) },
      h('img', { src: row.src, alt: '图片', width: row.width, height: row.height, decoding: 'async', onerror: broken }))]
  },

  voice(row, actions) {
    const button = h('button', { type: 'button', class: 'voice', 'aria-label': `播放语音，${row.seconds} 秒`, tabindex: -1,
      onclick: () => actions.play(row, button) }, icon('waves'), h('span', {}, `${row.seconds}″`))
    button.style.setProperty('--stretch', row.stretch)
    return [button]
  },

  video: (row) => [h('video', { src: row.src, width: row.width, height: row.height, controls: true, preload: 'metadata', tabindex: -1 })],

  file: (row) => [h('a', { class: 'file', href: row.src, target: '_blank', rel: 'noopener noreferrer', download: row.text, tabindex: -1 },
    icon('file'), h('span', { class: 'file-name' }, row.text), h('span', { class: 'file-size' }, row.size))],
}

const plain = {
  time: (row) => [h('span', {}, row.text)],
  unread: (row) => [h('span', {}, row.text)],
  gap: (row) => [h('span', {}, row.text)],
  recalled: (row, actions) => [
    h('span', {}, oneWay(row.text)),
    row.again && h('button', { type: 'button', class: 'again', onclick: () => actions.again(row) }, '重新编辑'),
  ],
}

/** @param {object} row  @param {{ actions: Actions, me: () => object }} page  me: one's own face */
export function makeRow(row, { actions, me }) {
  const element = h('div', { 'data-key': row.key })
  element.row = row
  fill(element, row, { actions, me })
  return element
}

/** Brings an element up to date. Pictures and players stay where only the status changed. */
export function updateRow(element, row, { actions, me }) {
  const before = element.row
  element.row = row
  if (before === row) return
  const same = ['kind', 'type', 'text', 'src', 'folded', 'name', 'avatar'].every((name) => before[name] === row[name])
  if (!same) fill(element, row, { actions, me })
  else if (row.kind === 'message') setStatus(element, row, actions)
}

function fill(element, row, { actions, me }) {
  if (row.kind !== 'message') {
    // Nobody shall lose the place with a message that is taken back.
    if (element.contains(document.activeElement)) /** @type {any} */ (element.parentElement).focus({ preventScroll: true })
    setAttributes(element, {
      class: `row ${row.kind}`, role: null, tabindex: null, 'aria-label': null, 'aria-describedby': null, 'aria-haspopup': null,
    })
    element.replaceChildren(...plain[row.kind](row, actions).filter(Boolean))
    return
  }
  // Who and when is the label; what it says and how it fared, the description.
  const [what, how, why] = ['what', 'how', 'why'].map((part) => `${part}-${marks}`)
  marks++
  setAttributes(element, {
    class: `row message is-${row.type}${row.mine ? ' mine' : ''}`, role: 'article', tabindex: -1, 'aria-label': label(row),
    'aria-describedby': `${what} ${how} ${why}`, 'aria-haspopup': 'menu',
  })
  element.replaceChildren(
    avatar(row.mine ? me() : row),
    h('div', { class: 'column' },
      h('div', { class: 'name' }, row.name),
      h('div', { class: 'beside' },
        h('div', { class: 'bubble', id: what }, ...bodies[row.type](row, actions).filter(Boolean)),
        h('span', { class: 'status', id: how }),
        h('button', { type: 'button', class: 'more', 'aria-label': '更多', tabindex: -1,
          onclick: (event) => actions.menu(element.row, event.currentTarget) }, '⋯')),
      h('div', { class: 'why', id: why })))
  setStatus(element, row, actions)
}

function label({ mine, name, time, type }) {
  return [mine ? '我' : oneWay(name), clock(time), KINDS[type]].filter(Boolean).join('，')
}

function setStatus(element, row, actions) {
  element.dataset.status = row.status || ''
  if (row.id) element.dataset.id = row.id
  const status = element.querySelector('.status')
  const why = element.querySelector('.why')
  why.textContent = row.why || ''
  if (row.status === 'uploading') return showProgress(status, row.progress)
  status.replaceChildren(...{
    '': () => [],
    sending: () => [h('span', { class: 'spinner', role: 'img', 'aria-label': STATUSES.sending })],
    failed: () => [h('button', { type: 'button', class: 'failed', 'aria-label': `${STATUSES.failed}，重新发送`, title: '重新发送',
      onclick: () => actions.retry(element.row) }, '!')],
  }[row.status || '']())
  return undefined
}

function showProgress(status, percent) {
  let bar = status.querySelector('progress')
  if (!bar) {
    bar = h('progress', { max: 100, 'aria-label': STATUSES.uploading })
    status.replaceChildren(bar)
  }
  bar.value = percent
}
