var createBatch = require('../../app/batch').createBatch
var roomFault = require('../../view/desk').roomFault
var face = require('../../view/face')
var makeRow = require('../../view/row')
var when = require('../../view/when')
var words = require('../../view/words')

/** @type {any} */
var app = getApp()

/** @param {any} room as view/desk keeps it */
function show(room) {
  return {
    name: room.name,
    title: room.title,
    group: room.group,
    initial: face.initial(room.title),
    colour: face.colour(room.name),
    last: room.refusal || room.last.text,
    time: room.last.time ? when.brief(room.last.time, app.desk.now()) : '',
    badge: words.badge(room.unread),
    people: words.people(room.num)
  }
}

/** The one who holds the phone. */
function me() {
  var session = app.client.current()
  var info = session ? session.userInfo : {}
  var person = makeRow.person(Object.assign({ uid: session ? session.uid : '' }, info), app.mediaUrl)
  return Object.assign({ known: Boolean(info.nickName) }, person)
}

Page({
  data: { rooms: [], me: {}, state: '', trouble: '' },

  /** @type {any} */
  batch: null,
  /** @type {any} */
  unwatch: null,

  onLoad: function () {
    var page = this
    this.batch = createBatch(function () {
      page.refresh()
    })
    wx.showShareMenu({ withShareTicket: true, menus: ['shareAppMessage'] })
  },

  onShow: function () {
    this.unwatch = app.desk.watch(this.batch.ask)
    this.refresh()
  },

  onHide: function () {
    this.rest()
  },

  onUnload: function () {
    this.rest()
  },

  /** While nobody looks, nothing is drawn. */
  rest: function () {
    if (this.unwatch) this.unwatch()
    this.unwatch = null
    this.batch.stop()
  },

  refresh: function () {
    var rooms = app.desk.rooms().map(show)
    this.setData({ rooms: rooms, me: me(), state: words.state(app.desk.state()), trouble: app.trouble })
  },

  onShareAppMessage: function () {
    return { title: '来聊天室聊聊', path: '/pages/rooms/rooms' }
  },

  openProfile: function () {
    wx.navigateTo({ url: '/pages/profile/profile' })
  },

  signIn: function () {
    app.signIn()
  },

  /** @param {any} e */
  openRoom: function (e) {
    this.go(e.currentTarget.dataset.name)
  },

  /** @param {string} name */
  go: function (name) {
    wx.navigateTo({ url: '/pages/chat/chat?room=' + encodeURIComponent(name) })
  },

  /** @param {any} e A room that was added can be taken off the list. */
  menu: function (e) {
    var room = app.desk.find(e.currentTarget.dataset.name)
    if (!room || room.fixed) return
    wx.showActionSheet({
      itemList: ['退出房间'],
      success: function () {
        app.desk.remove(room.name).catch(function () {})
      }
    })
  },

  addRoom: function () {
    var page = this
    wx.showModal({
      title: '进入房间',
      editable: true,
      placeholderText: '房间的名字',
      success: function (answer) {
        var name = String(answer.content || '').replace(/^\s+|\s+$/g, '')
        if (answer.confirm && name) page.enter(name)
      }
    })
  },

  /** @param {string} name */
  enter: function (name) {
    var fault = roomFault(name)
    if (fault) return wx.showToast({ title: words.error({ code: fault }, app.desk.now()), icon: 'none' })
    // A refusal to let in is told in the room.
    app.desk.add(name).catch(function () {})
    this.go(name)
  }
})
