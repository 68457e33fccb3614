// The chat itself: the desk (view/desk.js) knows all rooms, this shows one of them and hands on what the user does. The
// screen follows what happens at most once a frame.

import { $, setText, tell } from './dom.js'
import { avatar } from './avatar.js'
import { Composer } from './composer.js'
import { fileFrom, fileOf, forgetFile } from './shim.js'
import { icon } from './icons.js'
import { Menu } from './menu.js'
import { Messages } from './messages.js'
import { play } from './player.js'
import { preparePicture } from './pictures.js'
import { RoomList } from './rooms.js'
import { toast } from './toast.js'
import { Viewer } from './viewer.js'
import { createDesk } from '../view/desk.js'
import { createFiles } from '../view/files.js'
import { colour, initial } from '../view/face.js'
import { isUnsaid } from '../view/unsaid.js'
import * as words from '../view/words.js'

const ROOMS = [
  { name: 'lobby', title: '大厅' }, { name: 'tea', title: '茶馆' }, { name: 'dev', title: '小程序开发' }, { name: 'photo', title: '晒图' },
]
const DESK_KEY = 'chat.desk'
const NARROW = matchMedia('(max-width: 719px)') // as in side.css
const STEP = 15 // rows that come and go at once while one scrolls: few enough for a frame
const PATIENCE_MS = 800
const RECALL_MS = 120 * 1000

export class Chat {
  constructor({ client, wx, person, mediaUrl, onLogout }) {
    this.client = client
    this.chat = client.chat
    this.person = person
    this.onLogout = onLogout
    // A storage that is full, setStorage tells to nobody here: then it is not kept, nothing more.
    const store = { get: () => wx.getStorageSync(DESK_KEY), set: (data) => wx.setStorage({ key: DESK_KEY, data }) }
    this.desk = createDesk({ client, mediaUrl, rooms: ROOMS, store })
    this.files = createFiles({ client, desk: this.desk })
    this.viewer = new Viewer()
    this.menu = new Menu($('menu'))
    this.list = new RoomList($('rooms'))
    this.messages = new Messages({ log: $('log'), actions: this.actions(), me: () => this.me(), scrolled: (at) => this.scrolled(at) })
    this.composer = new Composer({
      wx,
      say: (text) => this.say({ type: 'text', content: text }),
      picture: (path) => this.sendPicture(fileOf(path)).finally(() => forgetFile(path)),
      file: (blob) => this.sendPicture(blob),
      voice: ({ blob, duration }) => this.sendFile({ path: fileFrom(blob), draft: { type: 'voice', duration } }),
      complain: toast,
    })
    this.left = new Map() // room -> what was written and not sent, and where its reader was
    this.room = null
    this.frame = 0
    this.quiet = false
    this.loading = false
  }

  start() {
    this.dress()
    this.desk.watch(() => { this.showTitle(); this.draw() })
    this.chat.on('notice', (notice) => this.noticed(notice))
    this.chat.on('message', ({ history }) => { this.quiet ||= Boolean(history) })
    this.desk.start()
    $('app').hidden = false
    this.route()
    if (!NARROW.matches) this.composer.input.focus()
  }

  me() {
    const { nickName, avatarUrl } = this.person
    const session = this.client.current()
    return { avatar: avatarUrl, initial: initial(nickName), colour: colour(session ? session.uid : this.person.id) }
  }

  // What is on the screen.

  dress() {
    for (const [id, name] of [['logout', 'leave'], ['back', 'back']]) $(id).append(icon(name))
    $('add-room').querySelector('button').append(icon('enter'))
    $('logout').onclick = () => this.onLogout()
    $('back').onclick = () => { location.hash = '' }
    $('fresh').onclick = () => this.toEnd()
    $('add-room').onsubmit = (event) => { event.preventDefault(); this.addRoom($('add-room-name').value.trim()) }
    window.addEventListener('hashchange', () => this.route())
    document.addEventListener('visibilitychange', () => this.lookAway(document.hidden))
    setText($('me-name'), this.person.nickName)
    $('me-avatar').replaceChildren(avatar(this.me()))
  }

  /** #/room is a room, nothing is the list; where there is space for both, a room is always open. */
  route() {
    const name = roomIn(location.hash)
    $('app').dataset.pane = name ? 'talk' : 'rooms'
    if (name && !this.desk.find(name)) this.addRoom(name)
    this.open(this.desk.find(name) || this.room || this.desk.rooms()[0])
    this.composer.fit() // it may have come into sight just now
    if (!name && NARROW.matches) this.desk.shut(this.room.name)
  }

  open(room) {
    if (room !== this.room) {
      if (this.room) {
        const { name, timeline } = this.room
        this.left.set(name, { text: this.composer.text, place: timeline.following() ? null : this.messages.place() })
        this.desk.shut(name)
      }
      this.room = room
      const { text, place } = this.left.get(room.name) || { text: '', place: null }
      this.messages.clear(place)
      this.composer.text = text
      setText($('room-title'), room.title)
    }
    this.desk.open(room.name)
    this.drawQuietly()
  }

  addRoom(name) {
    this.desk.add(name).catch((error) => toast(words.error(error, this.desk.now())))
    if (!this.desk.find(name)) return
    $('add-room-name').value = ''
    location.hash = `#/${encodeURIComponent(name)}`
  }

  draw() {
    if (this.frame) return
    this.frame = requestAnimationFrame(() => {
      this.frame = 0
      const { timeline, num, met } = this.room
      this.messages.show(timeline.rows(), { follow: timeline.following() && timeline.atEnd(), quiet: this.quiet })
      this.quiet = false
      setText($('room-online'), words.people(num))
      $('empty').hidden = timeline.size() > 0 || !met
      this.showFresh()
      this.showState()
      this.showHold()
      this.list.show(this.desk.rooms(), this.room)
    })
  }

  /** Seen in the browser's tab, also when nothing else of the page is. */
  showTitle() {
    const unread = this.desk.rooms().reduce((sum, room) => sum + room.unread, 0)
    document.title = unread ? `(${words.badge(unread)}) 聊天室` : '聊天室'
  }

  /** What comes while nobody looks at the page is unread. */
  lookAway(hidden) {
    const { timeline, name } = this.room
    if (hidden) {
      this.returns = timeline.following()
      timeline.follow(false)
    } else if (this.returns) {
      timeline.latest()
      this.desk.open(name)
    }
  }

  showFresh(below = 0) {
    const { timeline } = this.room
    const fresh = timeline.fresh()
    const far = !timeline.following() && (below > innerHeight || !timeline.atEnd())
    tell($('fresh'), fresh ? `${words.badge(fresh)} 条新消息` : far ? '回到最新' : '')
  }

  /** The banner waits a moment: most connections are back before anybody needs to know. */
  showState() {
    const state = this.desk.state()
    if (state === $('me-state').dataset.state) return
    const text = words.state(state)
    setText($('me-state'), text || '在线')
    $('me-state').dataset.state = state
    clearTimeout(this.bannerTimer)
    const banner = state === 'offline' ? '网络已断开，说的话会在恢复后发出' : text
    this.bannerTimer = setTimeout(() => tell($('banner'), banner), banner ? PATIENCE_MS : 0)
  }

  /** Why nothing can be said, as long as that is so. */
  showHold() {
    clearTimeout(this.holdTimer)
    const { text, left } = this.desk.hold(this.room.name)
    tell($('hold'), text)
    if (left > 0) this.holdTimer = setTimeout(() => this.showHold(), Math.min(left, 1000))
  }

  /** What has its own place on the screen is not told twice: holds, refused rooms, and marks on messages. */
  noticed(notice) {
    const { text } = this.desk.hold(this.room.name)
    if (notice.error !== 'ERR_INVALID_SESSION' && !notice.ref && !text) toast(words.error(notice, this.desk.now()))
  }

  scrolled({ nearTop, nearEnd, atEnd, below }) {
    const { timeline, name } = this.room
    timeline.follow(atEnd && timeline.atEnd())
    this.messages.sticks = timeline.following()
    if (timeline.following()) this.desk.read(name)
    this.showFresh(below)
    if (nearTop && !timeline.older(STEP)) this.loadOlder(name)
    else if (nearTop || (nearEnd && timeline.newer(STEP))) this.drawQuietly()
  }

  drawQuietly() {
    this.quiet = true
    this.draw()
  }

  async loadOlder(name) {
    if (this.loading) return
    this.loading = true
    try {
      if (!await this.desk.older(name)) return
      this.desk.find(name).timeline.older(STEP)
      this.drawQuietly()
    } catch (error) {
      toast(words.error(error, this.desk.now()))
    } finally {
      this.loading = false
    }
  }

  toEnd() {
    this.room.timeline.latest()
    this.desk.read(this.room.name)
    this.drawQuietly()
  }

  // What the user does. How it goes comes back as 'outgoing' events, which the timeline shows.

  say(draft) {
    this.toEnd()
    this.chat.say(this.room.name, draft).catch((error) => this.notTaken(draft, error))
  }

  /** What the library has not even taken has no place in the room where it could be marked: back to where it was written. */
  notTaken({ content }, error) {
    if (!isUnsaid(this.chat, error)) return
    this.composer.text = [this.composer.text, content].filter(Boolean).join('\n')
    toast(words.unsaid(error, this.desk.now()))
  }

  sendFile(file) {
    this.toEnd()
    this.files.send(this.room.name, file)
  }

  async sendPicture(file) {
    try {
      const { blob, width, height } = await preparePicture(file)
      this.sendFile({ path: fileFrom(blob), draft: { type: 'image', width, height } })
    } catch {
      toast(words.upload({ statusCode: 415 }, 0))
    }
  }

  retry({ ref }) {
    if (!this.files.retry(ref)) this.chat.retry(ref).catch(() => {})
  }

  forget({ ref }) {
    if (this.files.forget(ref)) return
    this.chat.forget(ref)
    this.room.timeline.forget(ref)
    this.draw()
  }

  actions() {
    return {
      open: (row) => this.view(row),
      play: (row, button) => play(row.src, button).catch(() => toast('这段语音不能播放')),
      watch: (video) => (video.paused ? video.play().catch(() => toast('这段视频不能播放')) : video.pause()),
      retry: (row) => this.retry(row),
      unfold: (row) => { this.room.timeline.unfold(row.key); this.draw() },
      again: (row) => { this.composer.text = row.again; this.composer.input.focus() },
      menu: (row, beside) => this.menu.open(beside, this.choices(row)),
    }
  }

  view(row) {
    const pictures = this.room.timeline.all().filter(({ kind, type }) => kind === 'message' && type === 'image')
    this.viewer.open({ current: row.src, urls: pictures.map(({ src }) => src) })
  }

  choices(row) {
    const { name, timeline } = this.room
    const failed = row.status === 'failed'
    const recent = row.mine && row.id && this.desk.now() - row.time < RECALL_MS
    return [
      row.type === 'text' && { name: '复制', run: () => copy(row.text, row.folded && timeline, row.key) },
      row.type === 'image' && { name: '查看', run: () => this.view(row) },
      recent && { name: '撤回', run: () => this.recall(name, row.id) },
      failed && { name: '重新发送', run: () => this.retry(row) },
      failed && { name: '删除', run: () => this.forget(row) },
    ].filter(Boolean)
  }

  recall(name, id) {
    this.chat.recall(name, id).catch((error) => toast(words.error(error, this.desk.now())))
  }
}

function roomIn(hash) {
  try {
    return decodeURIComponent(hash.replace(/^#\/?/, ''))
  } catch {
    return '' // typed by hand
  }
}

/** A folded text is copied whole. */
function copy(text, timeline, key) {
  let whole = text
  if (timeline) {
    timeline.unfold(key)
    whole = timeline.find(key).text
  }
  navigator.clipboard.writeText(whole).then(() => toast('已复制'), () => toast('不能复制'))
}
