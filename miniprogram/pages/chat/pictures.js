/** From the album or the camera to files that are fit to be sent. */

/** Below this it is sent as it is. */
var SMALL_BYTES = 300 * 1024

/** Why there are no pictures. What the console was not told of the use of the album and the camera comes as an error, too. */
var REFUSALS = [
  { of: /privacy|scope is not declared/i, words: '还没有同意隐私说明，不能选图片' },
  { of: /auth|permission|deny|denied/i, words: '请在设置里允许使用相册和相机' }
]

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
 * @returns {Promise<Array<import('../../view/files').File>>} none when nothing was chosen; rejected with words to be shown
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
    function (err) {
      var why = String(err && err.errMsg)
      if (/cancel/.test(why)) return []
      var said = REFUSALS.filter(function (refusal) {
        return refusal.of.test(why)
      })[0]
      throw new Error(said ? said.words : '没有打开相册，请重试')
    }
  )
}

module.exports = { choosePictures: choosePictures }
