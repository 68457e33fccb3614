// Stand-ins for what MQTT.js and the packages below it take for granted and WeChat's JavaScript has not.
import { Buffer } from 'buffer/'

const soon = Promise.resolve()

export const process = {
  env: {},
  version: '',
  browser: true,
  nextTick(fn, ...args) {
    soon.then(() => fn(...args))
  },
}
// In place of globalThis, which old base libraries have not: nothing in the bundle looks for anything else in it.
export const realm = {}
export { Buffer }
