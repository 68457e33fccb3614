/** Opened from a card in a WeChat group: proves to the service that the user is in that group, which opens its room. */

/** A card in a chat; and one that was shared with withShareTicket, in a group. */
var SCENE_CARD = 1008
var SCENE_TICKET = 1044

/**
 * @param {any} options of App.onLaunch or App.onShow
 * @returns {boolean}
 */
function isFromGroup(options) {
  return Boolean(options && (options.scene === SCENE_CARD || (options.scene === SCENE_TICKET && options.shareTicket)))
}

/**
 * @param {any} wx
 * @param {string} name
 * @param {object} [options]
 * @returns {Promise<{encryptedData: string, iv: string}>}
 */
function ask(wx, name, options) {
  return new Promise(function (resolve, reject) {
    if (typeof wx[name] !== 'function') return reject(new Error('no ' + name))
    wx[name](Object.assign({ success: resolve, fail: reject }, options))
  })
}

/**
 * @param {any} wx
 * @param {string} [shareTicket]
 */
function groupInfo(wx, shareTicket) {
  return ask(wx, 'getGroupEnterInfo').catch(function (why) {
    if (!shareTicket) throw why
    // Base libraries before 2.17.3.
    return ask(wx, 'getShareInfo', { shareTicket: shareTicket })
  })
}

/**
 * @param {{wx: any, client: import('../lib/types').Client, shareTicket?: string}} options
 * @returns {Promise<string>} the room's name
 */
function enterGroup(options) {
  var client = options.client

  function prove() {
    return groupInfo(options.wx, options.shareTicket)
      .then(function (info) {
        return client.enterGroup({ encryptedData: info.encryptedData, iv: info.iv })
      })
      .then(function (entered) {
        return entered.room
      })
  }

  // Logged in first: a log-in after it would change the key with which WeChat has encrypted the answer.
  return client.session().then(prove).catch(function (err) {
    if (err.code !== 'ERR_BAD_ENCRYPTED_DATA') throw err
    // The key has changed since the session began (another phone, another log-in): a new session has the new key.
    return client.login().then(prove)
  })
}

/** The broker hears of a grant a moment after the service has given it. */
var PATIENCE_MS = [300, 600, 1200]

/**
 * @param {{add: (room: string) => Promise<void>}} desk
 * @param {string} room just granted
 * @param {number[]} [waits]
 * @returns {Promise<void>}
 */
function join(desk, room, waits) {
  var left = waits || PATIENCE_MS
  return desk.add(room).catch(function (/** @type {any} */ err) {
    if (err.code !== 'ERR_FORBIDDEN_TOPIC' || !left.length) throw err
    return new Promise(function (resolve) {
      setTimeout(resolve, left[0])
    }).then(function () {
      return join(desk, room, left.slice(1))
    })
  })
}

/**
 * WeChat tells of the same card each time the app comes back to the front; it is followed once, and again only when there
 * was no network, or the room is closed to the user meanwhile.
 * @param {{wx: any, client: import('../lib/types').Client, desk: any, pages: () => any[], tell: (err: any) => void}} options
 * @returns {(options: any) => Promise<void>} to be called with what App.onShow was given
 */
function createDoor(options) {
  var desk = options.desk
  /** The card that was followed last. */
  var card = ''
  var room = ''
  /** It is being followed, or there is no use in trying again. */
  var over = false

  /** @returns {string} the room of the page that is looked at, if it is one's */
  function shown() {
    var top = options.pages().slice(-1)[0]
    return (top && top.room) || ''
  }

  return function follow(launch) {
    if (!isFromGroup(launch)) return Promise.resolve()
    var mine = launch.shareTicket || String(launch.scene)
    var again = mine === card
    var listed = again && room ? desk.find(room) : null
    if (again && (over || (listed && !listed.refusal))) return Promise.resolve()
    card = mine
    room = ''
    over = true
    return enterGroup({ wx: options.wx, client: options.client, shareTicket: launch.shareTicket }).then(
      function (entered) {
        if (card !== mine) return
        over = false
        room = entered
        // A refusal to let in is told in the room.
        join(desk, room).catch(function () {})
        if (again || launch.path !== 'pages/rooms/rooms' || shown() === room) return
        options.wx.navigateTo({ url: '/pages/chat/chat?room=' + encodeURIComponent(room) })
      },
      function (err) {
        if (card !== mine) return
        over = err.code !== 'ERR_NETWORK' && err.code !== 'ERR_TIMEOUT'
        // A card without a ticket may be one between two people, that leads to no group.
        if (!again && launch.shareTicket) options.tell(err)
      }
    )
  }
}

module.exports = { isFromGroup: isFromGroup, enterGroup: enterGroup, join: join, createDoor: createDoor }
