// Where one writes: text, pictures (chosen, pasted or dropped) and voice.

import { $, tell } from './dom.js'
import { icon } from './icons.js'
import { MAX_SECONDS, Recorder } from './recorder.js'
import { left } from '../view/when.js'

const SHORTEST_VOICE_S = 0.5

export class Composer {
  /** @param {{ wx: any, say(text: string): void, picture(path: string): void, file(blob: Blob): void,
   *   voice(voice: { blob: Blob, duration: number }): void, complain(text: string): void }} does */
  constructor(does) {
    this.does = does
    this.input = $('say')
    this.recorder = null
    $('pick').append(icon('picture'))
    $('record').append(icon('microphone'))
    $('pick').onclick = () => this.pick()
    $('record').onclick = () => this.record()
    $('recording-send').onclick = () => this.finish(true)
    $('recording-cancel').onclick = () => this.finish(false)
    $('composer').addEventListener('submit', (event) => { event.preventDefault(); this.send() })
    $('composer').addEventListener('keydown', ({ key }) => { if (key === 'Escape' && this.recorder) this.finish(false) })
    this.input.addEventListener('keydown', (event) => this.onKey(event))
    this.input.addEventListener('input', () => this.fit())
    this.input.addEventListener('paste', (event) => this.take(event, event.clipboardData))
    const stage = $('composer').parentElement
    stage.addEventListener('dragover', (event) => event.preventDefault())
    stage.addEventListener('drop', (event) => this.take(event, event.dataTransfer))
    this.fit()
  }

  get text() {
    return this.input.value
  }

  set text(text) {
    this.input.value = text
    this.fit()
  }

  // While an input method composes, Enter belongs to it.
  onKey(event) {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return
    event.preventDefault()
    this.send()
  }

  send() {
    const text = this.text.trim()
    if (!text) return
    this.text = ''
    this.does.say(text)
    this.input.focus()
  }

  /** As high as what is written, up to a limit that the style sheet sets. What is not on the screen has no height to go by. */
  fit() {
    const { style } = this.input
    style.height = 'auto'
    const { scrollHeight, offsetHeight, clientHeight } = this.input
    if (scrollHeight) style.height = `${scrollHeight + offsetHeight - clientHeight}px` // with the border
    $('send').disabled = !this.text.trim()
  }

  pick() {
    this.does.wx.chooseMedia({
      count: 9, mediaType: ['image'], sizeType: ['compressed'],
      success: ({ tempFiles }) => tempFiles.forEach(({ tempFilePath }) => this.does.picture(tempFilePath)),
    })
  }

  /** Pictures that were pasted or dropped; text goes its usual way. */
  take(event, data) {
    const pictures = [...data.files].filter(({ type }) => type.startsWith('image/'))
    if (event.type === 'drop' || pictures.length) event.preventDefault()
    pictures.forEach((file) => this.does.file(file))
  }

  async record() {
    if (this.recorder || this.asking) return
    this.asking = true
    try {
      this.recorder = await Recorder.start()
    } catch {
      this.does.complain('不能使用麦克风')
      return
    } finally {
      this.asking = false
    }
    this.showRecording(true)
    $('recording-send').focus()
    this.timer = setInterval(() => this.tick(), 200)
    this.tick()
  }

  tick() {
    const { seconds } = this.recorder
    tell($('recording-time'), left(Math.floor(seconds) * 1000, 0))
    if (seconds >= MAX_SECONDS) this.finish(true)
  }

  finish(send) {
    const { recorder } = this
    if (!recorder) return
    clearInterval(this.timer)
    this.recorder = null
    this.showRecording(false)
    this.input.focus()
    if (!send) recorder.cancel()
    else if (recorder.seconds < SHORTEST_VOICE_S) {
      recorder.cancel()
      this.does.complain('说话时间太短')
    } else this.does.voice(recorder.stop())
  }

  showRecording(on) {
    $('recording').hidden = !on
    for (const id of ['say', 'pick', 'record', 'send']) $(id).hidden = on
  }
}
