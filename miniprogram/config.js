/** What to change for a mini-program of one's own; the appid stands in project.config.json. */

module.exports = {
  /** Where nginx answers: /login, /media and /mqtt are below it. It goes on the platform's lists of request, uploadFile,
   * downloadFile and socket domains. With a scheme ("http://192.168.1.5:8080") only in the WeChat tools. */
  domain: 'chat.example.com',

  /** Where media are, when that is not /media/ below it: the service's media_url. Nothing from elsewhere is loaded. */
  mediaUrl: '',

  /** The rooms that everybody finds. Others are added in the page, a group's by opening a card in that group. */
  rooms: [
    { name: 'lobby', title: '大厅' },
    { name: 'tea', title: '茶馆' }
  ]
}
