'use strict';
// wafer-node-session as its README shows it: express, the memory store, one process. The one change: what it would ask
// WeChat it asks the stand-in, without TLS.
//
//   node server.js PORT WECHAT_URL APP_ID APP_SECRET_FILE
const fs = require('fs');
const request = require('request');

const [port, wechatUrl, appId, secretFile] = process.argv.slice(2);
const get = request.get;
request.get = (options, done) => get({ ...options, url: options.url.replace('https://api.weixin.qq.com', wechatUrl) }, done);

const express = require('express');
const session = require('wafer-node-session');

const app = express();
app.use(session({ appId, appSecret: fs.readFileSync(secretFile, 'utf8').trim(), loginPath: '/login' }));
app.get('/session', (req, res) => {
  if (req.session) res.json(req.session.userInfo);
  else res.status(401).json({ error: 'no session' });
});
app.get('/auth', (req, res) => res.status(req.session ? 204 : 401).end());
app.listen(Number(port), '127.0.0.1', () => console.log('ready'));
