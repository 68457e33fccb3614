var face = require('../../view/face')
var makeRow = require('../../view/row')
var words = require('../../view/words')

/** @type {any} */
var app = getApp()

Page({
  data: { me: {}, nickName: '', picture: '', saving: false, percent: '', trouble: '' },

  onLoad: function () {
    var page = this
    app.client.session().then(
      function (/** @type {any} */ session) {
        var info = session.userInfo
        var me = makeRow.person(Object.assign({ uid: session.uid }, info), app.mediaUrl)
        page.setData({ me: me, nickName: info.nickName || '' })
      },
      function (/** @type {any} */ err) {
        page.setData({ trouble: words.error(err, app.desk.now()) })
      }
    )
  },

  /** @param {any} e A file of the phone's own: others see it once it is uploaded. */
  chooseAvatar: function (e) {
    this.setData({ picture: e.detail.avatarUrl, trouble: '' })
  },

  /** WeChat proposes a name only to who has agreed to the privacy notice; who does not may still type one. */
  touchName: function () {
    if (wx.requirePrivacyAuthorize) wx.requirePrivacyAuthorize({ fail: function () {} })
  },

  /** @param {any} e The name is read here: WeChat's own check may have emptied the input after it was left. */
  save: function (e) {
    var page = this
    var nickName = face.name(e.detail.value.nickName)
    if (nickName === face.NOBODY) return this.setData({ trouble: '请输入昵称' })
    if (this.data.saving) return
    this.setData({ saving: true, percent: '保存中', trouble: '' })
    this.upload()
      .then(function (url) {
        return app.client.setProfile(url ? { nickName: nickName, avatarUrl: url } : { nickName: nickName })
      })
      .then(
        function () {
          app.desk.changed('')
          wx.navigateBack()
        },
        function (/** @type {any} */ err) {
          page.setData({ saving: false, trouble: words.upload(err, app.desk.now()) })
        }
      )
  },

  /** @returns {Promise<string>} '' when no other picture was chosen */
  upload: function () {
    var page = this
    if (!this.data.picture) return Promise.resolve('')
    return app.client
      .upload(this.data.picture, function (/** @type {number} */ percent) {
        page.setData({ percent: percent + '%' })
      })
      .then(function (/** @type {any} */ media) {
        return media.url
      })
  }
})
