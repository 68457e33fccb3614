var createBatch = require('../../app/batch').createBatch
var createPlayer = require('./player').createPlayer
var choosePictures = require('./pictures').choosePictures
var makeHeader = require('./header').header
var menu = require('./menu')
var place = require('./place')
var isRoom = require('../../view/desk').isRoom
var isUnsaid = require('../../view/unsaid').isUnsaid
var patch = require('../../view/patch').patch
var words = require('../../view/words')

/** @type {any} */
var app = getApp()

/** Further from the end than this, in pixels, the reader looks at something else. */
var AWAY = 120

/**
 * A link may be anybody's.
 * @param {unknown} query
 * @returns {string} a room's name
 */
function roomOf(query) {
  var name = ''
  try {
    name = decodeURIComponent(String(query || ''))
  } catch (notEncoded) {
    // Then it is no room's name either.
  }
  return isRoom(name) ? name : app.desk.rooms()[0].name
}

/** @param {string} text */
function tell(text) {
  wx.showToast({ title: text, icon: 'none' })
}

/** @param {string} text */
function copy(text) {
  wx.setClipboardData({
    data: text,
    fail: function () {
      tell('没有复制成功，请重试')
    }
  })
}

Page({
  data: {
    title: '',
    group: '',
    people: '',
    state: '',
    hold: '',
    hint: '',
    wait: 0,
    draft: '',
    /** @type {any[]} */
    rows: [],
    above: '',
    loading: false,
    jump: '',
    playing: '',
    keyboard: 0,
    into: '',
    scrollTop: 0
  },

  room: '',
  /** What data.rows shows: setData is told the difference only. @type {any[]} */
  shown: [],
  /** Of the scroll-view, in pixels; 0: not known yet, or not any more. */
  height: 0,
  /** How often it was measured: only the last answer holds. */
  measured: 0,
  /** A change that holds the place is being drawn: no other one in between. */
  moving: false,
  /** @type {any} */
  batch: null,
  /** @type {any} */
  player: null,
  /** @type {any} */
  unwatch: null,
  /** @type {any} */
  ticker: null,

  /** @param {any} query */
  onLoad: function (query) {
    var page = this
    this.room = roomOf(query.room)
    this.batch = createBatch(function () {
      page.refresh()
    })
    this.player = createPlayer(wx, function (key) {
      page.setData({ playing: key })
    })
    wx.showShareMenu({ withShareTicket: true, menus: ['shareAppMessage'] })
    this.unwatch = app.desk.watch(function (/** @type {string} */ room) {
      if (!room || room === page.room) page.batch.ask()
    })
    // A refusal to let in is told where one would write.
    if (!app.desk.find(this.room)) app.desk.add(this.room).catch(function () {})
  },

  onReady: function () {
    this.measure()
  },

  onShow: function () {
    this.moving = false
    app.desk.open(this.room)
    this.refresh()
    if (this.timeline().following()) this.toEnd()
  },

  onHide: function () {
    this.player.stop()
    app.desk.shut(this.room)
  },

  onUnload: function () {
    this.unwatch()
    this.batch.stop()
    clearInterval(this.ticker)
    this.player.close()
    app.desk.shut(this.room)
    this.timeline().latest()
  },

  /** @returns {any} */
  timeline: function () {
    return app.desk.find(this.room).timeline
  },

  onShareAppMessage: function () {
    var path = '/pages/chat/chat?room=' + encodeURIComponent(this.room)
    // A group's room opens to those in that group, who prove it by the card: from there the app leads on.
    return this.data.group ? { title: '来群聊天室', path: '/pages/rooms/rooms' } : { title: this.data.title, path: path }
  },

  /** Everything that may have changed, in one setData. */
  refresh: function () {
    var room = app.desk.find(this.room)
    if (!room || this.moving) return
    var header = makeHeader(app, room)
    if (header.title !== this.data.title) wx.setNavigationBarTitle({ title: header.title })
    this.tick(app.desk.hold(this.room).left > 0)
    var rows = room.timeline.rows()
    var rowsChange = patch(this.shown, rows, 'rows')
    var page = this
    var follows = room.timeline.following()
    var resized = header.hint !== this.data.hint || header.hold !== this.data.hold
    this.shown = rows
    if (resized) this.height = 0
    this.setData(Object.assign(header, rowsChange), function () {
      if (rowsChange && follows) page.toEnd()
      if (resized) page.onResize()
    })
  },

  /** The count-down, while there is one. @param {boolean} on */
  tick: function (on) {
    var page = this
    if (on === Boolean(this.ticker)) return
    clearInterval(this.ticker)
    this.ticker = on
      ? setInterval(function () {
          page.refresh()
        }, 1000)
      : null
  },

  toEnd: function () {
    // scroll-into-view acts on a change only, so there are two ends.
    this.setData({ into: this.data.into === 'end-a' ? 'end-b' : 'end-a' })
  },

  toLatest: function () {
    this.timeline().latest()
    app.desk.read(this.room)
    this.refresh()
    this.toEnd()
  },

  /** @param {any} e */
  scrolled: function (e) {
    if (!this.height) return
    var below = e.detail.scrollHeight - e.detail.scrollTop - this.height
    if (below > AWAY) this.timeline().follow(false)
  },

  measure: function () {
    var page = this
    var mine = ++this.measured
    this.height = 0
    this.createSelectorQuery()
      .select('#scroller')
      .boundingClientRect(function (rect) {
        if (rect && page.measured === mine) page.height = rect.height
      })
      .exec()
  },

  /** The end of the window is near: of the conversation too, or more comes below. */
  lower: function () {
    var timeline = this.timeline()
    if (this.moving || timeline.following()) return
    if (timeline.newer()) return this.moveWindow()
    timeline.follow(true)
    app.desk.read(this.room)
    this.batch.ask()
  },

  /** The beginning is near: older ones from memory, or else from the server. */
  upper: function () {
    var page = this
    var timeline = this.timeline()
    if (this.moving || this.data.loading) return
    if (timeline.older()) return this.moveWindow()
    if (!timeline.oldest()) return
    var size = timeline.size()
    this.setData({ loading: true })
    app.desk.older(this.room).then(
      function (/** @type {boolean} */ came) {
        page.setData({ loading: false, above: came ? '' : '没有更早的消息了' })
        if (!came) return
        // A page of nothing but what is not shown: on to the one before.
        if (timeline.size() === size) return page.upper()
        timeline.older()
        page.moveWindow()
      },
      function (/** @type {any} */ err) {
        page.setData({ loading: false, above: words.error(err, app.desk.now()) })
      }
    )
  },

  /** Draws a window that has moved, with what the reader looks at in its place. */
  moveWindow: function () {
    var page = this
    var room = app.desk.find(this.room)
    var rows = room.timeline.rows()
    var key = place.anchor(this.shown, rows)
    this.moving = true
    place.hold(this, key, function (drawn) {
      page.shown = rows
      page.setData({ rows: rows, jump: makeHeader(app, room).jump }, function () {
        page.moving = false
        drawn()
        page.batch.ask()
      })
    })
  },

  /** @param {any} e */
  moveKeyboard: function (e) {
    if (this.data.keyboard === e.detail.height) return
    var page = this
    // The view grows or shrinks now, and tells of a scroll that no finger has made.
    this.measured++
    this.height = 0
    this.setData({ keyboard: e.detail.height }, function () {
      page.onResize()
    })
  },

  /** Turned, a window of another size, more lines below: whoever was at the end still is. */
  onResize: function () {
    this.measure()
    if (this.timeline().following()) this.toEnd()
  },

  leaveKeyboard: function () {
    if (this.data.keyboard) wx.hideKeyboard({ fail: function () {} })
  },

  /** @param {any} e */
  sayText: function (e) {
    var page = this
    var text = e.detail.text
    this.setData({ draft: '' })
    this.toLatest()
    app.client.chat.say(this.room, text).catch(function (/** @type {any} */ err) {
      // Else it is told beside the message itself.
      if (isUnsaid(app.client.chat, err)) page.giveBack(text, err)
    })
  },

  /** Nothing that was written is lost. @param {string} text @param {any} err */
  giveBack: function (text, err) {
    this.setData({ draft: text })
    tell(words.unsaid(err, app.desk.now()))
  },

  choosePictures: function () {
    var page = this
    choosePictures(wx).then(function (files) {
      if (files.length) page.toLatest()
      files.forEach(function (file) {
        app.files.send(page.room, file)
      })
    }, function (why) {
      tell(why.message)
    })
  },

  /** @param {any} e */
  sayVoice: function (e) {
    this.toLatest()
    app.files.send(this.room, { path: e.detail.path, draft: { type: 'voice', duration: e.detail.seconds } })
  },

  /** WeChat opens its settings after a tap only. */
  askMicrophone: function () {
    wx.showModal({
      title: '不能录音',
      content: '请在设置里允许使用麦克风',
      confirmText: '去设置',
      success: function (answer) {
        if (answer.confirm) wx.openSetting({})
      }
    })
  },

  /** @param {any} e A bubble was tapped. */
  open: function (e) {
    var row = e.detail.row
    if (row.type === 'voice') return this.player.toggle(row.key, row.src)
    if (row.type === 'image') return this.openPicture(row)
    if (row.type === 'video') return wx.previewMedia({ sources: [{ url: row.src, type: 'video' }] })
    if (row.type === 'file') return this.openFile(row)
  },

  /** To leaf through all pictures of the room. @param {any} row */
  openPicture: function (row) {
    var pictures = this.timeline().all().filter(function (/** @type {any} */ other) {
      return other.kind === 'message' && other.type === 'image'
    })
    var urls = pictures.map(function (/** @type {any} */ picture) {
      return picture.url || picture.src
    })
    wx.previewImage({ urls: urls, current: row.url || row.src })
  },

  /** @param {any} row */
  openFile: function (row) {
    wx.showLoading({ title: '正在打开' })
    wx.downloadFile({
      url: row.src,
      success: function (found) {
        wx.hideLoading()
        wx.openDocument({
          filePath: found.tempFilePath,
          fail: function () {
            tell('这种文件打不开')
          }
        })
      },
      fail: function () {
        wx.hideLoading()
        tell('文件下载失败')
      }
    })
  },

  /** @param {any} e */
  menu: function (e) {
    var page = this
    var row = e.detail.row
    var choices = menu.choices(row, app.desk.now())
    if (!choices.length) return
    wx.showActionSheet({
      itemList: choices.map(function (choice) {
        return choice.name
      }),
      success: function (chosen) {
        page.act(choices[chosen.tapIndex].action, row)
      }
    })
  },

  /**
   * @param {string} action
   * @param {any} row
   */
  act: function (action, row) {
    if (action === 'again') this.retry(row.ref)
    if (action === 'forget') this.forget(row.ref)
    if (action === 'copy') copy(this.timeline().text(row.key))
    if (action === 'recall')
      app.client.chat.recall(this.room, row.id).catch(function (/** @type {any} */ err) {
        var late = err.code === 'ERR_BAD_MESSAGE'
        tell(late ? '超过两分钟的消息不能撤回' : words.error(err, app.desk.now()))
      })
  },

  /** @param {any} e The red mark was tapped. */
  again: function (e) {
    this.retry(e.detail.row.ref)
  },

  /** @param {string} ref */
  retry: function (ref) {
    if (!app.files.retry(ref)) app.client.chat.retry(ref).catch(function () {})
  },

  /** @param {string} ref */
  forget: function (ref) {
    if (app.files.forget(ref)) return
    app.client.chat.forget(ref)
    this.timeline().forget(ref)
    this.batch.ask()
  },

  /** @param {any} e */
  unfold: function (e) {
    this.timeline().unfold(e.detail.row.key)
    this.batch.ask()
  },

  /** @param {any} e A recalled text is put back into the input. */
  edit: function (e) {
    this.setData({ draft: '' })
    this.setData({ draft: e.detail.row.again })
  }
})
