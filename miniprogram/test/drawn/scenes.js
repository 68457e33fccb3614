/** What the sample's pages come to in ordinary and in awkward moments, by their own code. */

'use strict'

const stage = require('../pages/stage')

const { MEDIA, said, soon } = stage
const MEDIA_NAME = 'abcdefghijklmnop.jpg'
const LONG_NAME = '一个名字很长很长很长的人很长很长很长'
const PEOPLE = {
  me: { uid: 'me', nickName: '小明' },
  hong: { uid: 'hong', nickName: '小红', avatarUrl: MEDIA + MEDIA_NAME },
  lin: { uid: 'lin', nickName: '林小满' },
  zhou: { uid: 'zhou', nickName: '老周' },
  long: { uid: 'a-long-name', nickName: LONG_NAME },
  latin: { uid: 'b', nickName: 'Wolfeschlegelsteinhausenberger.x' }
}

/** @param {string} page @param {object} query @param {(rig: any) => void | Promise<void>} live @param {object} [kept] */
async function come(page, query, live, kept) {
  const app = stage.createApp(kept)
  const opened = stage.open(page, app)
  const rig = { app, client: app.client, page: opened.page }
  rig.page.onLoad(query)
  if (rig.page.onReady) rig.page.onReady()
  if (rig.page.onShow) rig.page.onShow()
  await live(rig)
  await soon()
  return JSON.parse(JSON.stringify(rig.page.view))
}

const online = (rig) => rig.client.emit('state', 'online')
const hear = (rig, id, more) => rig.client.emit('message', said(rig.app, id, more))
const notice = (rig, error, ms) => rig.client.emit('notice', { error, topic: 'room/lobby', until: rig.app.time.now + ms, message: '' })

function say(rig, ref, draft, status, why) {
  rig.client.emit('outgoing', { ref, room: 'lobby', draft, status, error: why })
}

/** Everything that a conversation can hold. */
function talk(rig) {
  const { me, hong, long, latin } = PEOPLE
  const media = { url: MEDIA + MEDIA_NAME }
  online(rig)
  rig.client.emit('presence', { room: 'lobby', num: 12, time: 1 })
  hear(rig, 1, { from: hong, content: '大家好，今天去哪儿吃饭？', time: rig.app.time.now - 3600000 })
  hear(rig, 2, { from: long, content: '听说新开了一家面馆，离地铁站不远，走路大概五分钟，我上周去过一次，味道不错。' })
  hear(rig, 3, { from: me, mine: true, content: '好呀' })
  hear(rig, 4, { from: latin, content: 'https://example.com/' + 'menu/'.repeat(24) })
  hear(rig, 5, { from: hong, type: 'image', width: 960, height: 640, ...media })
  hear(rig, 6, { from: me, mine: true, type: 'image', width: 300, height: 1800, ...media })
  hear(rig, 7, { from: hong, type: 'voice', duration: 4, ...media })
  hear(rig, 8, { from: me, mine: true, type: 'voice', duration: 58, ...media })
  hear(rig, 9, { from: hong, type: 'file', name: '周末出游计划（最终版，真的不再改了）.pdf', size: 2048000, ...media })
  hear(rig, 10, { from: hong, type: 'video', width: 1280, height: 720, duration: 9, ...media })
  hear(rig, 11, { from: long, content: '撤回我' })
  hear(rig, 12, { from: long, type: 'recall', of: '11' })
  hear(rig, 13, { from: hong, content: '很长的话。'.repeat(200) })
  hear(rig, 14, { from: me, mine: true, content: '多行\n的话\n' + 'a'.repeat(120) })
  say(rig, 'r1', { type: 'text', content: '这句没有发出去' }, 'failed', { code: 'ERR_MUTED', until: rig.app.time.now + 600000 })
  say(rig, 'r2', { type: 'text', content: '这句正在路上' }, 'sending')
}

/** As the README shows it. */
function ordinary(rig) {
  const { me, hong, lin, zhou } = PEOPLE
  const media = { url: MEDIA + MEDIA_NAME }
  online(rig)
  rig.client.emit('presence', { room: 'lobby', num: 4, time: 1 })
  hear(rig, 1, { from: lin, content: '周末去爬山吗？红叶正好看。', time: rig.app.time.now - 540000 })
  hear(rig, 2, { from: zhou, content: '去！几点集合？' })
  hear(rig, 3, { from: me, mine: true, content: '早上八点，地铁口见。' })
  hear(rig, 4, { from: lin, type: 'image', width: 960, height: 640, ...media })
  hear(rig, 5, { from: hong, type: 'voice', duration: 6, ...media })
  hear(rig, 6, { from: me, mine: true, content: '太美了，我带上三脚架 📷' })
  hear(rig, 7, { from: zhou, content: '我来带早饭，谁要豆浆？' })
}

function ordinaryRooms(rig) {
  ordinary(rig)
  hear(rig, 30, { room: 'tea', from: PEOPLE.zhou, content: '水开了' })
  rig.client.emit('presence', { room: 'tea', num: 2, time: 1 })
}

async function uploading(rig) {
  online(rig)
  hear(rig, 1, { from: PEOPLE.hong, content: '发张照片看看' })
  await soon()
  const draft = { type: 'image', width: 640, height: 480 }
  rig.app.desk.find('lobby').timeline.outgoing({ ref: 'u', draft, preview: MEDIA + MEDIA_NAME, status: 'uploading', progress: 40, why: '' })
  rig.page.refresh()
}

const profile = (rig) => rig.client.resolve('session', { uid: 'me', userInfo: { nickName: LONG_NAME } })

/** Rooms added, unread ones, a group; and what a newcomer sees. */
const KEPT = { read: { lobby: '0', tea: '0' }, added: [{ name: '读书会', title: '读书会' }, { name: 'long', title: LONG_NAME + LONG_NAME }] }

function rooms(rig) {
  online(rig)
  rig.client.emit('presence', { room: 'lobby', num: 1280, time: 1 })
  for (let id = 1; id <= 120; id++) hear(rig, id, { from: PEOPLE.long, content: '最近的一句话很长很长，一行放不下，后面要省略' })
  hear(rig, 200, { room: 'tea', from: PEOPLE.latin, type: 'image', url: MEDIA + MEDIA_NAME })
}

const LOBBY = { room: 'lobby' }

/** @type {Array<{name: string, page: string, query?: object, live: (rig: any) => any, kept?: object, inner?: object}>} */
const SCENES = [
  { name: 'ordinary', page: 'pages/chat/chat', query: LOBBY, live: ordinary, kept: { read: { lobby: '7' } } },
  { name: 'ordinary-rooms', page: 'pages/rooms/rooms', live: ordinaryRooms, kept: { read: { lobby: '7', tea: '1' } } },
  { name: 'rooms', page: 'pages/rooms/rooms', live: rooms, kept: KEPT },
  { name: 'rooms-new', page: 'pages/rooms/rooms', live: (rig) => { rig.app.trouble = '微信登录没有成功，请重试'; rig.page.refresh() } },
  { name: 'chat', page: 'pages/chat/chat', query: LOBBY, live: talk, inner: { composer: { text: '正在写的一句话，写着写着就超过了一行，于是输入框变高' } } },
  { name: 'chat-empty', page: 'pages/chat/chat', query: LOBBY, live: online },
  { name: 'chat-muted', page: 'pages/chat/chat', query: LOBBY, live: (rig) => { talk(rig); notice(rig, 'ERR_MUTED', 600000) } },
  { name: 'chat-too-fast', page: 'pages/chat/chat', query: LOBBY, live: (rig) => { online(rig); notice(rig, 'ERR_RATE_LIMITED', 2000) }, inner: { composer: { text: '还想说' } } },
  { name: 'chat-voice', page: 'pages/chat/chat', query: LOBBY, live: online, inner: { composer: { voice: true, talk: 'talking', label: '松开 发送', spoken: 7 } } },
  { name: 'chat-upload', page: 'pages/chat/chat', query: LOBBY, live: uploading },
  { name: 'chat-further-up', page: 'pages/chat/chat', query: LOBBY, live: (rig) => { talk(rig); rig.app.desk.find('lobby').timeline.follow(false); hear(rig, 20, {}) } },
  { name: 'profile', page: 'pages/profile/profile', live: profile },
  { name: 'profile-refused', page: 'pages/profile/profile', live: async (rig) => { await profile(rig); await soon(); rig.page.setData({ trouble: '请输入昵称' }) } }
]

/** @returns {Promise<Array<{name: string, page: string, data: object, inner?: object}>>} */
async function scenes() {
  const found = []
  // One after the other: the stage is one.
  for (const { name, page, query, live, kept, inner } of SCENES)
    found.push({ name, page, inner, data: await come(page, query || {}, live, kept) })
  return found
}

module.exports = { scenes, MEDIA }
