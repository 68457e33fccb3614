var config = require('./config')
var baseUrl = require('./app/base-url').baseUrl
var group = require('./app/group')
var createKept = require('./app/kept').createKept
var createClient = require('./lib/index').createClient
var createDesk = require('./view/desk').createDesk
var createFiles = require('./view/files').createFiles
var words = require('./view/words')

var base = baseUrl(config.domain)
var mediaUrl = config.mediaUrl || base + '/media/'
var client = createClient({ baseUrl: base })
/** Which rooms were added, and up to where each was read. */
var store = createKept(wx, 'mosquitto-wechat-rooms')
var desk = createDesk({ client: client, mediaUrl: mediaUrl, rooms: config.rooms, store: store })

var followCard = group.createDoor({
  wx: wx,
  client: client,
  desk: desk,
  pages: getCurrentPages,
  tell: function (err) {
    wx.showToast({ title: words.error(err, desk.now()), icon: 'none' })
  }
})

App({
  client: client,
  desk: desk,
  files: createFiles({ client: client, desk: desk }),
  mediaUrl: mediaUrl,
  /** Why the log-in failed, in words. */
  trouble: '',

  onLaunch: function () {
    var app = this
    desk.start()
    this.signIn()
    client.chat.on('state', function (state) {
      if (state !== 'online' || !app.trouble) return
      app.trouble = ''
      desk.changed('')
    })
  },

  /** @param {any} options On a warm start from a card only this one is called. */
  onShow: function (options) {
    followCard(options)
  },

  onHide: function () {
    store.flush()
  },

  /** The log-in happens by itself; this is to know whether it went well. */
  signIn: function () {
    var app = this
    return client.session().then(
      function () {
        app.trouble = ''
        desk.changed('')
      },
      function (/** @type {any} */ err) {
        app.trouble = words.error(err, desk.now())
        desk.changed('')
      }
    )
  }
})
