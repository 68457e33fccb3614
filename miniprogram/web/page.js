// The page's beginning: who is it, and then the chat. Which person a window is, its own storage remembers.

import { createClient } from '../lib/index.js'
import { Chat } from './chat.js'
import { askWho } from './login.js'
import { createWx, fileFrom, forgetFile } from './shim.js'
import { showDemoTools } from './demo-tools.js'
import { toast } from './toast.js'
import { withAirplaneMode } from './airplane.js'
import * as words from '../view/words.js'

const PERSON_KEY = 'chat.person'
const origin = location.origin

/** The stand-in for WeChat gives a log-in code to whoever asks. */
async function codeOf(person) {
  const answer = await fetch('/standin/code', { method: 'POST', body: JSON.stringify({ person: person.id, nickName: person.nickName }) })
  if (!answer.ok) throw new Error('the stand-in for WeChat gives no code')
  return (await answer.json()).code
}

const wx = withAirplaneMode(createWx({ window, code: () => codeOf(person) }))
const client = createClient({ baseUrl: origin, wx })
let person = wx.getStorageSync(PERSON_KEY) || null

async function enter({ id, nickName, avatar }) {
  person = { id, nickName }
  try {
    await client.session()
    person.avatarUrl = await uploaded(avatar)
    await client.setProfile(person.avatarUrl ? { nickName, avatarUrl: person.avatarUrl } : { nickName })
    wx.setStorage({ key: PERSON_KEY, data: person }) // a full one hinders nobody
  } catch (error) {
    throw new Error(words.error(error, Date.now()))
  }
}

/** Without a picture one can chat too. */
async function uploaded(avatar) {
  const path = fileFrom(avatar)
  try {
    return (await client.upload(path)).url
  } catch {
    toast('头像没有上传成功')
    return ''
  } finally {
    forgetFile(path)
  }
}

/** A service that was set up anew has forgotten who we are. */
function introduce() {
  const session = client.current()
  if (!session || session.userInfo.nickName === person.nickName) return
  client.setProfile({ nickName: person.nickName }).catch(() => {})
}

async function leave() {
  try {
    await client.logout()
  } catch {
    // The session is forgotten here whether or not the service heard of it.
  }
  client.close()
  wx.clearStorageSync()
  location.replace('/')
}

async function begin() {
  if (!person) await askWho({ wx, enter })
  try {
    await client.session()
  } catch (error) {
    toast(words.error(error, Date.now()))
  }
  client.chat.on('state', (state) => { if (state === 'online') introduce() })
  new Chat({ client, wx, person, mediaUrl: `${origin}/media/`, onLogout: leave }).start()
  showDemoTools({ client, wx })
}

begin()
