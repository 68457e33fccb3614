/** From the album or the camera to files that are fit to be sent. */

/** Below this it is sent as it is. */
var SMALL_BYTES = 300 * 1024

/**
 * @param {any} wx
 * @param {string} name
 * @param {object} options
 * @returns {Promise<any>}
 */
function ask(wx, name, options) {
  return new Promise(function (resolve, reject) {
    wx[name](Object.assign({ success: resolve, fail: reject }, options))
  })
}

/**
 * @param {any} wx
 * @param {{tempFilePath: string, size: number}} picked
 * @returns {Promise<import('../../view/files').File>}
 */
function prepare(wx, picked) {
  /** @type {any} */
  var info = {}
  return ask(wx, 'getImageInfo', { src: picked.tempFilePath })
    .then(function (found) {
      info = found
      // A GIF would stand still afterwards.
      if (picked.size <= SMALL_BYTES || info.type === 'gif') return picked.tempFilePath
      return ask(wx, 'compressImage', { src: picked.tempFilePath, quality: 75 }).then(function (made) {
        return made.tempFilePath
      })
    })
    .catch(function () {
      // What the phone cannot look into goes as it is: the service decides.
      return picked.tempFilePath
    })
    .then(function (path) {
      /** @type {any} */
      var draft = { type: 'image' }
      if (info.width > 0 && info.height > 0) {
        draft.width = info.width
        draft.height = info.height
      }
      return { path: path, draft: draft }
    })
}

/**
 * @param {any} wx
 * @returns {Promise<Array<import('../../view/files').File>>} none when nothing was chosen
 */
function choosePictures(wx) {
  var wanted = { count: 9, mediaType: ['image'], sourceType: ['album', 'camera'], sizeType: ['compressed'] }
  return ask(wx, 'chooseMedia', wanted).then(
    function (chosen) {
      return Promise.all(
        chosen.tempFiles.map(function (/** @type {any} */ picked) {
          return prepare(wx, picked)
        })
      )
    },
    function () {
      return []
    }
  )
}

module.exports = { choosePictures: choosePictures }
