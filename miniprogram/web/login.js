// The log-in box: it invents a WeChat user. Gives { id, nickName, avatar: Blob } once somebody has filled it in.

import { $, h, tell } from './dom.js'
import { drawFace, faceFile, randomSeed } from './faces.js'
import { fileOf, forgetFile } from './shim.js'
import { square } from './pictures.js'
import { name, NOBODY } from '../view/face.js'

const CHOICE = 6
const AVATAR_PX = 200

class Faces {
  constructor(wx) {
    this.wx = wx
    this.own = null // a Blob in place of a drawn face
    this.again()
    $('faces-again').onclick = () => this.again()
    $('faces-own').onclick = () => this.pickOwn()
    $('faces').addEventListener('keydown', (event) => this.onKey(event))
  }

  again() {
    this.own = null
    this.seeds = Array.from({ length: CHOICE }, randomSeed)
    $('faces').replaceChildren(...this.seeds.map((seed, i) => {
      const button = h('button', { type: 'button', class: 'face', role: 'radio', 'aria-label': `头像 ${i + 1}`, onclick: () => this.choose(i) })
      button.append(drawFace(seed))
      return button
    }))
    this.choose(0)
  }

  choose(index) {
    this.own = null
    this.seed = this.seeds[index]
    this.mark(index)
    $('login-avatar').src = drawFace(this.seed).toDataURL('image/png')
  }

  mark(index) {
    const buttons = [...$('faces').children]
    buttons.forEach((button, i) => {
      button.setAttribute('aria-checked', String(i === index))
      button.tabIndex = i === Math.max(0, index) ? 0 : -1
    })
  }

  onKey(event) {
    const buttons = [...$('faces').children]
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key]
    const at = buttons.indexOf(document.activeElement)
    if (!step || at < 0) return
    event.preventDefault()
    const next = (at + step + buttons.length) % buttons.length
    this.choose(next)
    buttons[next].focus()
  }

  pickOwn() {
    this.wx.chooseMedia({ count: 1, mediaType: ['image'], success: ({ tempFiles: [{ tempFilePath }] }) => this.useOwn(tempFilePath) })
  }

  async useOwn(path) {
    try {
      this.own = await square(fileOf(path), AVATAR_PX)
      this.mark(-1)
      $('login-avatar').src = URL.createObjectURL(this.own)
    } catch {
      tell($('login-error'), '这不是能用的图片')
    } finally {
      forgetFile(path)
    }
  }

  file() {
    return this.own ? Promise.resolve(this.own) : faceFile(this.seed)
  }
}

/**
 * Shows the box until log-in has worked.
 * @param {{ wx: any, enter: (person: { id: string, nickName: string, avatar: Blob }) => Promise<void> }} does  enter:
 *   rejected with words to show
 */
export function askWho({ wx, enter }) {
  const faces = new Faces(wx)
  $('login').hidden = false
  $('nickname').focus()
  return new Promise((done) => {
    $('login-form').onsubmit = async (event) => {
      event.preventDefault()
      const nickName = name($('nickname').value)
      tell($('login-error'), nickName === NOBODY ? '请取一个别人认得出的名字' : '')
      if (nickName === NOBODY) return $('nickname').focus()
      busy(true)
      try {
        await enter({ id: `web-${crypto.randomUUID()}`, nickName, avatar: await faces.file() })
        $('login').hidden = true
        done()
      } catch (error) {
        tell($('login-error'), error.message)
      } finally {
        busy(false)
      }
    }
  })
}

function busy(on) {
  $('login-go').disabled = on
  $('login-go').textContent = on ? '正在登录…' : '微信登录'
}
