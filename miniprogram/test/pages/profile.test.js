var test = require('node:test')
var assert = require('node:assert')
var stage = require('./stage')

async function enter() {
  var app = stage.createApp()
  var opened = stage.open('pages/profile/profile', app)
  opened.page.onLoad({})
  await app.client.resolve('session', { uid: 'me', userInfo: { nickName: '小明' } })
  return { app: app, page: opened.page, wx: opened.wx, client: app.client }
}

/** @param {string} nickName */
function submit(nickName) {
  return { detail: { value: { nickName: nickName } } }
}

/** @param {any} rig @param {string} name */
function calls(rig, name) {
  return rig.client.calls.filter(function (/** @type {any} */ call) { return call[0] === name })
}

test('profile__opened__as_it_is', async function () {
  var rig = await enter()
  assert.strictEqual(rig.page.view.nickName, '小明')
})

test('save__name_alone__no_upload', async function () {
  var rig = await enter()
  rig.page.save(submit(' 小红 '))
  await stage.settle()
  assert.strictEqual(calls(rig, 'upload').length, 0)
  assert.deepStrictEqual(rig.client.last('setProfile'), [{ nickName: '小红' }])
  await rig.client.resolve('setProfile', {})
  assert.strictEqual(rig.wx.calls.pop()[0], 'navigateBack')
})

test('save__with_a_picture__uploaded_first', async function () {
  var rig = await enter()
  rig.page.chooseAvatar({ detail: { avatarUrl: 'wxfile://a' } })
  assert.strictEqual(rig.page.view.picture, 'wxfile://a')
  rig.page.save(submit('小红'))
  rig.page.save(submit('小红'))
  assert.strictEqual(calls(rig, 'upload').length, 1)
  rig.client.last('upload')[1](40)
  assert.strictEqual(rig.page.view.percent, '40%')
  await rig.client.resolve('upload', { url: stage.MEDIA + 'a.png' })
  await stage.settle()
  assert.deepStrictEqual(rig.client.last('setProfile'), [{ nickName: '小红', avatarUrl: stage.MEDIA + 'a.png' }])
})

test('save__emptied_by_wechats_check__asked_again', async function () {
  var rig = await enter()
  for (const empty of ['  ', '\u200b', undefined, '微信用户']) {
    rig.page.setData({ trouble: '' })
    rig.page.save(submit(/** @type {any} */ (empty)))
    assert.strictEqual(rig.page.view.trouble, '请输入昵称')
  }
  assert.strictEqual(calls(rig, 'setProfile').length, 0)
})

test('save__refused__told_and_possible_again', async function () {
  var rig = await enter()
  rig.page.chooseAvatar({ detail: { avatarUrl: 'wxfile://a' } })
  rig.page.save(submit('小红'))
  await rig.client.reject('upload', { code: 'ERR_TOO_BIG', statusCode: 413 })
  await stage.settle()
  assert.deepStrictEqual([rig.page.view.trouble, rig.page.view.saving], ['文件太大了', false])
})

test('name__touched__privacy_notice_first_where_there_is_one', async function () {
  var rig = await enter()
  rig.page.touchName()
  assert.strictEqual(rig.wx.calls.pop()[0], 'requirePrivacyAuthorize')
  var calls = rig.wx.calls.length
  rig.wx.requirePrivacyAuthorize = undefined // an old base library
  rig.page.touchName()
  assert.strictEqual(rig.wx.calls.length, calls)
})
