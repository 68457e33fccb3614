/** Plays voice messages, one at a time. */

/**
 * @param {any} wx
 * @param {(key: string) => void} changed with the row that is played now, '' when none is
 */
function createPlayer(wx, changed) {
  /** @type {any} */
  var audio = null
  var playing = ''

  /** @param {string} key */
  function set(key) {
    if (playing === key) return
    playing = key
    changed(key)
  }

  function end() {
    set('')
  }

  function open() {
    if (audio) return
    // Heard also when the phone is set to silent: somebody has tapped it.
    if (wx.setInnerAudioOption) wx.setInnerAudioOption({ obeyMuteSwitch: false })
    audio = wx.createInnerAudioContext()
    // Not onStop: it comes late, when the next one is being played. Nobody but stop() below stops it.
    audio.onEnded(end)
    audio.onError(function () {
      end()
      wx.showToast({ title: '这段语音播放不了', icon: 'none' })
    })
  }

  return {
    /** Plays it, or stops it when it is being played. @param {string} key @param {string} src */
    toggle: function (key, src) {
      open()
      var same = playing === key
      if (playing) audio.stop()
      end()
      if (same) return
      audio.src = src
      audio.play()
      set(key)
    },
    stop: function () {
      if (playing) audio.stop()
      end()
    },
    close: function () {
      if (audio) audio.destroy()
      audio = null
      end()
    }
  }
}

module.exports = { createPlayer: createPlayer }
