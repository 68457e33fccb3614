'use strict';
// wafer-client-sdk, unchanged, in a mini-program's surroundings: a `wx` with storage, log-in and requests. One JSON
// command comes in on each line of stdin, one JSON answer goes out on each line of stdout.
//
//   node wafer.js LOGIN_URL STANDIN_URL PERSON
//
//   {"do":"login"}                                what qcloud.login() gave
//   {"do":"request","url":…,"login":true,…}       what qcloud.request() gave; more members are handed on
//   {"do":"session"}                              what is in the storage, and how often wx.login was called
//   {"do":"restore","session":{…}}                puts a session into the storage
const http = require('http');
const readline = require('readline');

const [loginUrl, standinUrl, person] = process.argv.slice(2);
const storage = {};
let logins = 0;

function send(url, method, header, body, success, fail) {
  const request = http.request(url, { method, headers: header || {}, agent: false }, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (part) => { text += part; });
    response.on('end', () => {
      let data = text;
      try { data = JSON.parse(text); } catch (e) { /* as wx.request does: then it stays text */ }
      success({ statusCode: response.statusCode, header: response.headers, data });
    });
  });
  request.on('error', (error) => fail({ errMsg: 'request:fail ' + error.message }));
  request.end(body);
}

function ask(door, members, success, fail) {
  send(`${standinUrl}/standin/${door}`, 'POST', {}, JSON.stringify({ person, ...members }),
    (answer) => success(answer.data), fail);
}

global.wx = {
  getStorageSync: (key) => (key in storage ? storage[key] : ''),
  setStorageSync: (key, value) => { storage[key] = JSON.parse(JSON.stringify(value)); },
  removeStorageSync: (key) => { delete storage[key]; },
  login: ({ success, fail }) => {
    logins += 1;
    ask('code', { nickName: 'Wafer' }, (answer) => success({ code: answer.code }), fail);
  },
  getUserInfo: ({ success, fail }) => {
    ask('userinfo', {}, (info) => success({ ...info, userInfo: JSON.parse(info.rawData) }), fail);
  },
  checkSession: ({ success }) => success(),
  request: ({ url, method, header, data, success, fail, complete }) => {
    const body = data === undefined ? undefined : JSON.stringify(data);
    const type = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const done = (how) => (result) => { how(result); if (complete) complete(result); };
    send(url, method || 'GET', { ...type, ...header }, body, done(success), done(fail));
  },
  connectSocket() {}, onSocketOpen() {}, onSocketClose() {}, onSocketMessage() {}, onSocketError() {},
};

const qcloud = require('wafer-client-sdk');
qcloud.setLoginUrl(loginUrl);

const failure = (error) => ({ failed: error.type || 'unknown', message: error.message });
const commands = {
  login: (_, answer) => qcloud.login({
    success: (userInfo) => answer({ userInfo }),
    fail: (error) => answer(failure(error)),
  }),
  request: ({ do: _, ...options }, answer) => qcloud.request({
    ...options,
    success: (response) => answer({ status: response.statusCode, data: response.data }),
    fail: (error) => answer(failure(error)),
  }),
  session: (_, answer) => answer({ session: Object.values(storage)[0] || null, logins }),
  restore: ({ session }, answer) => {
    wx.setStorageSync(Object.keys(storage)[0] || 'weapp_session_F2C224D4-2BCE-4C64-AF9F-A6D872000D1A', session);
    answer({});
  },
};

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const command = JSON.parse(line);
  commands[command.do](command, (result) => process.stdout.write(JSON.stringify(result) + '\n'));
}).on('close', () => process.exit(0));
