/** Where one writes and speaks. It tells what is to be sent and knows nothing of rooms. */

var talk = require('../../view/talk')
var recorder = require('./recorder').recorder

/** @type {{[why: string]: string}} */
var NOTHING = {
  short: '说话时间太短',
  failed: '没有录到声音'
}

Component({
  properties: {
    /** Why nothing can be said now, in words; '' when nothing is in the way. */
    hold: { type: String, value: '' },
    /** Something to know while writing. */
    hint: { type: String, value: '' },
    /** Seconds for which one may write on but not send. */
    wait: { type: Number, value: 0 },
    /** Put into the input: a recalled text to be edited again. */
    draft: { type: String, value: '' }
  },

  data: { text: '', voice: false, talk: 'idle', label: talk.WORDS.idle, spoken: 0, focus: false },

  observers: {
    /** @param {string} draft */
    draft: function (draft) {
      if (draft) this.setData({ text: draft, voice: false, focus: true })
    },
    /** @param {string} hold Nobody goes on talking into a room that is shut. */
    hold: function (hold) {
      if (!hold) return
      if (this.data.talk !== 'idle') this.lost()
      this.lower()
    }
  },

  lifetimes: {
    /** @this {WechatMiniprogram.Component.TrivialInstance} */
    detached: function () {
      this.lost()
      this.count(false)
      if (this.recording) this.recording.listen(null)
    }
  },

  methods: {
    /** @param {any} e */
    type: function (e) {
      this.setData({ text: e.detail.value })
    },
    send: function () {
      var text = this.data.text
      if (!/\S/.test(text) || this.data.wait > 0) return
      this.setData({ text: '' })
      this.triggerEvent('text', { text: text })
    },
    pictures: function () {
      this.triggerEvent('pictures')
    },
    /** @param {any} e */
    keyboard: function (e) {
      this.triggerEvent('keyboard', { height: e.detail.height })
    },
    grown: function () {
      this.triggerEvent('grown')
    },
    focused: function () {
      this.setData({ focus: true })
    },
    blurred: function () {
      this.setData({ focus: false })
      this.lower()
    },
    switchMode: function () {
      this.setData({ voice: !this.data.voice, focus: this.data.voice })
      if (this.data.voice) this.lower()
    },
    /** The input goes away, and with it the keyboard: it tells nobody then. */
    lower: function () {
      this.triggerEvent('keyboard', { height: 0 })
    },

    /** @param {any} e @this {WechatMiniprogram.Component.TrivialInstance} */
    press: function (e) {
      var composer = this
      var recording = recorder(wx)
      this.startY = e.touches[0].clientY
      recording.listen({
        state: function (state) {
          composer.setData({ talk: state, label: talk.WORDS[state] })
          composer.count(state === 'talking' || state === 'leaving')
        },
        file: function (file) {
          composer.triggerEvent('voice', file)
        },
        nothing: function (why) {
          if (why === 'denied') composer.triggerEvent('denied')
          else wx.showToast({ title: NOTHING[why], icon: 'none' })
        }
      })
      this.recording = recording
      recording.on('press')
    },
    /** @param {any} e @this {WechatMiniprogram.Component.TrivialInstance} */
    move: function (e) {
      if (this.recording) this.recording.on(talk.direction(this.startY || 0, e.touches[0].clientY))
    },
    /** @this {WechatMiniprogram.Component.TrivialInstance} */
    release: function () {
      if (this.recording) this.recording.on('release')
    },
    /** @this {WechatMiniprogram.Component.TrivialInstance} */
    lost: function () {
      if (this.recording) this.recording.on('lost')
    },
    /** The seconds that are shown while talking. @param {boolean} on @this {WechatMiniprogram.Component.TrivialInstance} */
    count: function (on) {
      var composer = this
      if (on === Boolean(this.counter)) return
      clearInterval(this.counter)
      this.counter = undefined
      if (!on) return
      var spoken = 0
      this.setData({ spoken: spoken })
      this.counter = setInterval(function () {
        composer.setData({ spoken: ++spoken })
      }, 1000)
    }
  }
})
