// Of the demo alone: buttons that do to this window what life does to a phone.

import { $, h } from './dom.js'

export function showDemoTools({ client, wx }) {
  let away = false
  const plane = h('button', { type: 'button', class: 'tool', 'aria-pressed': 'false', onclick() {
    away = !away
    plane.setAttribute('aria-pressed', String(away))
    wx.airplane(away)
  } }, '断开网络')
  $('demo-tools').replaceChildren(
    h('button', { type: 'button', class: 'tool', onclick: anotherPerson }, '再来一个人'),
    plane,
    h('button', { type: 'button', class: 'tool', onclick: () => endSession(client) }, '结束我的会话'),
    h('p', { class: 'tool-note' }, '断网时说的话会在恢复后发出；会话结束后会自动重新登录。'))
}

/** Another window with a session of its own. */
function anotherPerson() {
  window.open('/', '_blank', 'noopener,popup,width=420,height=780')
}

/** Behind the library's back, as an administrator or another device would. */
function endSession(client) {
  const session = client.current()
  if (session) fetch('/session', { method: 'DELETE', headers: { 'X-WX-Id': session.id, 'X-WX-Skey': session.skey } })
}
