'use strict'
// A mini-program of one person, driven from outside: one JSON command on each line of stdin, answers and events on stdout.
//
//   node drive.js '{"standin":URL,"person":NAME,"options":{createClient's}}'
//
//   {"id":1,"call":"chat.say","args":["lobby","hi"]}     answers {"id":1,"value":…} or {"id":1,"error":{…}}
//   {"id":2,"phone":"hide","args":[]}                    the same for Phone's methods
//   {"id":3,"get":"counts"}  {"id":4,"set":"codeTtl","value":1}
//   {"id":5,"restart":true}                              the app is ended, and started again with what is in the storage
//   {"event":"message","what":{…},"at":ms}               comes by itself
const readline = require('node:readline')
const { bareRealm } = require('./realm')
const { Phone } = require('./phone')

const setup = JSON.parse(process.argv[2])
const phone = new Phone(setup)
const EVENTS = ['message', 'presence', 'notice', 'state', 'joined', 'outgoing']
const out = (line) => process.stdout.write(JSON.stringify(line) + '\n')
const plain = (error) => ({ code: error.code, message: error.message, statusCode: error.statusCode, until: error.until, ref: error.ref })

let client
let life = 0
function start() {
  const mine = ++life
  const realm = bareRealm()
  client = realm.require('index').createClient({ ...setup.options, wx: phone.wx, ...clock() })
  for (const event of EVENTS) {
    client.chat.on(event, (what) => {
      if (mine !== life) return
      out({ event, what: event === 'outgoing' && what.error ? { ...what, error: plain(what.error) } : what, at: Date.now() })
    })
  }
}

// A phone whose clock is wrong.
function clock() {
  if (setup.clockOff === undefined) return {}
  return { clock: { now: () => Date.now() + setup.clockOff, setTimeout, clearTimeout } }
}

const tasks = {}
const commands = {
  call: ({ id, call, args = [] }) => {
    const [method, ...of] = call.split('.').reverse()
    const object = of.reverse().reduce((found, name) => found[name], client)
    if (method === 'upload') {
      tasks[id] = object.upload(args[0], (percent) => out({ event: 'progress', what: percent, at: Date.now() }))
      return tasks[id]
    }
    return typeof object[method] === 'function' ? object[method](...args) : object[method]
  },
  abort: ({ abort }) => tasks[abort].abort(),
  phone: ({ phone: method, args = [] }) => phone[method](...args),
  get: ({ get }) => phone[get],
  set: ({ set, value }) => { phone[set] = value },
  setup: ({ setup: more }) => { Object.assign(setup, more) },
  restart: () => {
    life++
    phone.kill()
    phone.listeners = { show: [], hide: [], network: [] }
    start()
  },
}

process.on('unhandledRejection', (error) => out({ event: 'unhandled', what: String(error && error.stack), at: Date.now() }))
process.on('uncaughtException', (error) => out({ event: 'uncaught', what: String(error && error.stack), at: Date.now() }))
start()

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const command = JSON.parse(line)
  const name = Object.keys(commands).find((one) => one in command)
  new Promise((resolve) => resolve(commands[name](command))).then(
    (value) => out({ id: command.id, value: value === undefined ? null : value }),
    (error) => out({ id: command.id, error: plain(error) }))
}).on('close', () => process.exit(0))
