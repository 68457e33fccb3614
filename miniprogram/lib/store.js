/**
 * wx's storage. It may be full, or wiped at any time: who keeps something here has it in memory too.
 * @param {WechatMiniprogram.Wx} wx
 * @param {string} prefix
 */
function createStore(wx, prefix) {
  return {
    /** @param {string} name @returns {any} */
    get: function (name) {
      try {
        return wx.getStorageSync(prefix + name)
      } catch (error) {
        return null
      }
    },
    /** @param {string} name @param {any} value null: none */
    set: function (name, value) {
      try {
        if (value === null) wx.removeStorageSync(prefix + name)
        else wx.setStorageSync(prefix + name, value)
      } catch (error) {
        // Rather nothing than what is no longer true.
        try {
          wx.removeStorageSync(prefix + name)
        } catch (again) { /* goes on in memory */ }
      }
    }
  }
}

module.exports = createStore
