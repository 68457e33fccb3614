'use strict'
/**
 * Two people with the whole sample, against the real service and broker. One step after the other; the first that fails
 * ends it.
 *
 *   node whole.js '{"standin":URL,"origin":URL,"admin":URL,"token":TEXT,"picture":PATH}'
 */

const assert = require('node:assert')
const { Sample, until } = require('./sample')

const setup = JSON.parse(process.argv[2])
const LOBBY = { room: 'lobby' }

const rows = (page) => page.view.rows.filter((row) => row.kind === 'message')
const texts = (page) => page.view.rows.filter((row) => row.kind !== 'time').map((row) => row.text)
const find = (page, text) => page.view.rows.find((row) => row.text === text)

/** Shown there, once and as sent. */
const shown = (page, text) => until(() => find(page, text) && !find(page, text).status, text + ' is shown').then(() => {
  assert.strictEqual(texts(page).filter((one) => one === text).length, 1, text)
  return find(page, text)
})

const say = (page, text) => page.sayText({ detail: { text } })

/** The broker hears of what the service has done a moment later: tried until it has. */
async function eventually(attempt, condition, what) {
  for (let i = 1; i <= 50; i++) {
    attempt(i)
    const found = await until(condition, what, 200).catch(() => null)
    if (found) return found
  }
  throw new Error('never: ' + what)
}

async function order(what, members) {
  const header = { 'Content-Type': 'application/json', Authorization: 'Bearer ' + setup.token }
  const answer = await fetch(`${setup.admin}/admin/${what}`, { method: 'POST', headers: header, body: JSON.stringify(members) })
  assert.strictEqual(answer.status, 200)
}

let ming, hong // two samples
let here, there // their chat pages

const steps = {
  async 'log in by itself, and be there'() {
    ming = new Sample({ ...setup, person: 'ming' })
    hong = new Sample({ ...setup, person: 'hong' })
    here = ming.open('chat', LOBBY)
    there = hong.open('chat', LOBBY)
    await until(() => here.view.people === '2 人在线' && there.view.people === '2 人在线', 'two are there')
    assert.strictEqual(here.view.state, '')
    assert.strictEqual(ming.phone.counts.login, 1)
  },

  async 'a text, one row from first to last'() {
    say(here, '你好 <b>world</b>')
    const key = (await until(() => find(here, '你好 <b>world</b>'), 'shown at once')).key
    const row = await shown(here, '你好 <b>world</b>')
    assert.ok(row.mine && row.id)
    assert.strictEqual(row.key, key)
    assert.strictEqual((await shown(there, '你好 <b>world</b>')).mine, false)
  },

  async 'a picture, with progress'() {
    hong.answers.chooseMedia = () => ({ tempFiles: [{ tempFilePath: setup.picture, size: 1000 }] })
    hong.answers.getImageInfo = () => ({ width: 640, height: 480, type: 'jpeg' })
    hong.phone.uploadPause = 200
    there.choosePictures()
    await until(() => rows(there).some((row) => row.status === 'uploading'), 'it is shown while it is uploaded')
    const seen = await until(() => rows(here).find((row) => row.type === 'image'), 'it arrives')
    assert.ok(seen.src.startsWith(setup.origin + '/media/'), seen.src)
    assert.strictEqual((await fetch(seen.src)).status, 200)
    await until(() => rows(there).every((row) => !row.status), 'it is sent')
    assert.strictEqual(rows(there).filter((row) => row.type === 'image').length, 1)
    here.open({ detail: { row: seen } })
    assert.strictEqual(ming.calls.find((call) => call[0] === 'previewImage')[1].current, seen.src)
  },

  async 'a name and an avatar'() {
    const profile = hong.open('profile')
    await until(() => profile.view.me.uid, 'it is open')
    profile.chooseAvatar({ detail: { avatarUrl: setup.picture } })
    profile.save({ detail: { value: { nickName: '小红' } } })
    await until(() => hong.calls.some((call) => call[0] === 'navigateBack'), 'it is saved: ' + profile.view.trouble)
    const named = () => rows(here).find((row) => row.name === '小红')
    const row = await eventually((i) => say(there, '我有名字了 ' + i), named, 'others see it')
    assert.ok(row.avatar.startsWith(setup.origin + '/media/'), row.avatar)
  },

  async 'a recall'() {
    say(there, '说错了')
    await shown(here, '说错了')
    const row = await shown(there, '说错了')
    hong.answers.showActionSheet = ({ itemList }) => ({ tapIndex: itemList.indexOf('撤回') })
    there.menu({ detail: { row } })
    await shown(here, '“小红”撤回了一条消息')
    await shown(there, '你撤回了一条消息')
    assert.ok(!texts(here).includes('说错了') && !texts(there).includes('说错了'))
  },

  async 'muted, told in words; then sent again'() {
    const uid = ming.app.client.current().uid
    await order('mute', { uid, seconds: 600 })
    const refused = () => rows(here).find((row) => row.status === 'failed')
    const row = await eventually((i) => say(here, '能听到吗 ' + i), refused, 'a red mark')
    await until(() => /^你已被禁言，(\d+月\d+日 )?\d\d:\d\d 后可以发言（还剩 (10:00|9:5\d)）$/.test(here.view.hold), 'words: ' + here.view.hold)
    assert.match(row.why, /^你已被禁言/)
    await order('unmute', { uid })
    await eventually(() => { if (refused()) here.again({ detail: { row } }) }, () => find(there, row.text), 'heard')
    await shown(here, row.text)
    await shown(there, row.text)
    await until(() => here.view.hold === '', 'free to speak')
  },

  async 'no network: what was said goes out once, what was missed comes in order'() {
    ming.phone.setNetwork(false)
    await until(() => here.view.state, 'it is told')
    say(here, '隧道里')
    for (let i = 1; i <= 5; i++) say(there, '错过 ' + i)
    await shown(there, '错过 5')
    assert.strictEqual(find(here, '隧道里').status, 'sending')
    ming.phone.setNetwork(true)
    await shown(here, '隧道里')
    await shown(there, '隧道里')
    const missed = texts(here).filter((text) => /^错过/.test(text))
    assert.deepStrictEqual(missed, [1, 2, 3, 4, 5].map((i) => '错过 ' + i))
    assert.deepStrictEqual(texts(here).slice(-6), texts(there).slice(-6))
  },

  async 'the session is ended: nobody has to do anything'() {
    await order('revoke', { uid: hong.app.client.current().uid })
    await until(() => hong.phone.counts.login === 2, 'it logs in again')
    say(there, '我还在')
    await shown(there, '我还在')
    await shown(here, '我还在')
    assert.strictEqual(hong.phone.counts.login, 2)
  },

  async 'opened from a card in a group: the group has its room'() {
    for (const sample of [ming, hong]) {
      sample.answers.getGroupEnterInfo = () => sample.phone.door('group', { group: 'family', form: 'opengid' })
      sample.show({ scene: 1044, shareTicket: 'ticket', path: 'pages/rooms/rooms' })
    }
    const went = (sample) => sample.calls.filter((call) => call[0] === 'navigateTo').pop()
    await until(() => went(ming) && went(hong), 'led there')
    const query = { room: went(ming)[1].url.split('room=')[1] }
    assert.match(decodeURIComponent(query.room), /^@/)
    assert.strictEqual(went(hong)[1].url, went(ming)[1].url)
    const home = ming.open('chat', query)
    const away = hong.open('chat', query)
    await until(() => home.view.people === '2 人在线' && away.view.people === '2 人在线', 'both are let in')
    say(home, '家里人')
    await shown(away, '家里人')
    assert.ok(home.view.group)
    for (const page of [home, away]) page.onUnload()
    for (const page of [here, there]) page.onShow()
  },

  async 'back to the front with the same card: followed once'() {
    const led = () => ming.calls.filter((call) => call[0] === 'navigateTo').length
    const proved = () => ming.phone.counts.requests.filter((one) => one === 'POST /rooms/group').length
    const before = [led(), proved()]
    for (let i = 0; i < 3; i++) ming.show({ scene: 1044, shareTicket: 'ticket', path: 'pages/rooms/rooms' })
    say(here, '回来了')
    await shown(there, '回来了')
    assert.deepStrictEqual([led(), proved()], before)
  },

  async 'a card that WeChat has encrypted for another log-in: a new one, and nothing that was said is lost'() {
    const group = ming.answers.getGroupEnterInfo
    const logins = ming.phone.counts.login
    let asked = 0
    ming.answers.getGroupEnterInfo = () => group().then((info) => (++asked === 1 ? { ...info, encryptedData: 'A'.repeat(64) } : info))
    const before = ming.calls.filter((call) => call[0] === 'navigateTo').length
    ming.show({ scene: 1008, path: 'pages/rooms/rooms' })
    say(here, '说到一半')
    await until(() => ming.calls.filter((call) => call[0] === 'navigateTo').length > before, 'led there')
    await shown(there, '说到一半')
    assert.deepStrictEqual([asked, ming.phone.counts.login], [2, logins + 1])
    assert.strictEqual(here.view.state, '')
  },

  async 'who comes for the first time has nothing unread'() {
    const newcomer = new Sample({ ...setup, person: 'newcomer' })
    const list = newcomer.open('rooms')
    const room = () => list.view.rooms[0]
    await until(() => /说到一半$/.test(room().last), 'greeted with what was said: ' + room().last)
    assert.strictEqual(room().badge, '')
    say(here, '欢迎')
    await until(() => room().badge === '1', 'counted from now on')
    list.onUnload()
    newcomer.app.client.close()
  },

  async 'unread ones are counted, and are so after a restart'() {
    there.onUnload()
    const list = hong.open('rooms')
    say(here, '未读 1')
    say(here, '未读 2')
    await until(() => list.view.rooms[0].badge === '2', 'counted')
    assert.match(list.view.rooms[0].last, /未读 2$/)
    list.onUnload()
    hong.restart()
    say(here, '未读 3')
    const anew = hong.open('rooms')
    await until(() => anew.view.rooms[0].badge === '3', 'counted again')
    assert.ok(anew.view.rooms.some((room) => room.group))
    there = hong.open('chat', LOBBY)
    const at = texts(there).indexOf('以下是新消息')
    assert.deepStrictEqual(texts(there).slice(at + 1), ['未读 1', '未读 2', '未读 3'])
    assert.strictEqual(hong.phone.counts.login, 2)
  },

  async 'history above, page by page, each once'() {
    for (let i = 1; i <= 120; i++) ming.app.client.chat.say('lobby', '历史 ' + i)
    await shown(there, '历史 120')
    hong.restart()
    const late = hong.open('chat', LOBBY)
    await shown(late, '历史 120')
    late.scrolled({ detail: { scrollTop: 0, scrollHeight: 99999 } })
    for (let i = 0; i < 40 && !find(late, '你好 <b>world</b>'); i++) {
      late.upper()
      await until(() => !late.view.loading && !late.moving, 'a page of it')
    }
    const all = Array.from(hong.app.desk.find('lobby').timeline.all(), (row) => row.text).filter((text) => /^历史/.test(text))
    assert.deepStrictEqual(all, Array.from({ length: 120 }, (_, i) => '历史 ' + (i + 1)))
    assert.ok(find(late, '你好 <b>world</b>'))
  },
}

async function main() {
  for (const name of Object.keys(steps)) {
    console.log(name)
    await steps[name]()
  }
  process.exit(0)
}

process.on('unhandledRejection', (error) => { throw error })
main().catch((error) => {
  console.error(error.stack)
  for (const [name, page] of [['ming', here], ['hong', there]]) if (page) console.error(name, JSON.stringify(page.view).slice(-3000))
  process.exit(1)
})
