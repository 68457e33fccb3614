/**
 * @param {string} domain "chat.example.com", or a whole address for trials
 * @returns {string} without a slash at the end
 */
function baseUrl(domain) {
  var whole = /^https?:\/\//.test(domain) ? domain : 'https://' + domain
  return whole.replace(/\/+$/, '')
}

module.exports = { baseUrl: baseUrl }
