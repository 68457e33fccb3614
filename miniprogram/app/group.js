/** Opened from a card in a WeChat group: proves to the service that the user is in that group, which opens its room. */

/** A card in a group that was shared with withShareTicket. */
var SCENE_GROUP_CARD = 1044

/**
 * @param {any} options of App.onLaunch or App.onShow
 * @returns {boolean}
 */
function isFromGroup(options) {
  return Boolean(options && options.scene === SCENE_GROUP_CARD && options.shareTicket)
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
 * @param {string} shareTicket
 */
function groupInfo(wx, shareTicket) {
  return ask(wx, 'getGroupEnterInfo').catch(function () {
    // Base libraries before 2.17.3.
    return ask(wx, 'getShareInfo', { shareTicket: shareTicket })
  })
}

/**
 * @param {{wx: any, client: import('../lib/types').Client, shareTicket: string, loggedOut: () => void}} options
 * `loggedOut`: the session had to be ended, and with it all rooms were left
 * @returns {Promise<string>} the room's name
 */
function enterGroup(options) {
  var client = options.client

  function prove() {
    // Logged in first: a log-in after it would change the key with which WeChat has encrypted the answer.
    return client
      .session()
      .then(function () {
        return groupInfo(options.wx, options.shareTicket)
      })
      .then(function (info) {
        return client.enterGroup({ encryptedData: info.encryptedData, iv: info.iv })
      })
      .then(function (entered) {
        return entered.room
      })
  }

  /** @param {string} room */
  function finish(room) {
    options.loggedOut()
    return room
  }

  return prove().catch(function (err) {
    if (err.code !== 'ERR_BAD_ENCRYPTED_DATA') throw err
    // The key has changed since the session began (another phone, another log-in): a new session has the new key.
    return client.logout().then(prove).then(finish, function (again) {
      options.loggedOut()
      throw again
    })
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

module.exports = { isFromGroup: isFromGroup, enterGroup: enterGroup, join: join }
