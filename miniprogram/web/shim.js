// A thin `wx` for browsers: as much of WeChat's API as the client library, MQTT.js and this page ask for, over what a
// browser has. Answers have WeChat's shape: any HTTP status is a success, errors carry `errMsg`, JSON comes parsed.

import { connectSocket } from './shim-socket.js'

/** @param {{ window: Window, code: () => Promise<string> }} host  `code`: where a log-in code comes from */
export function createWx({ window, code }) {
  return {
    ...account(code),
    ...network(window),
    ...storage(window.sessionStorage),
    ...life(window),
    ...device(window),
    connectSocket: (options) => connectSocket(window, options),
  }
}

function account(code) {
  return {
    login(options = {}) {
      code().then((value) => succeed(options, { code: value, errMsg: 'login:ok' }),
        (error) => fail(options, `login:fail ${error.message}`))
    },
  }
}

// wx.request and wx.uploadFile, both by XMLHttpRequest: it tells how far an upload is.

function network(window) {
  return {
    request(options) {
      const method = (options.method || 'GET').toUpperCase()
      const { url, body, header } = requestBody(options, method)
      return send(window, { ...options, url, method, header, body, name: 'request' })
    },

    uploadFile(options) {
      const file = files.get(options.filePath)
      if (!file) {
        fail(options, 'uploadFile:fail file not found')
        return { abort() {}, onProgressUpdate() {}, offProgressUpdate() {} }
      }
      const body = new window.FormData()
      for (const [name, value] of Object.entries(options.formData || {})) body.append(name, value)
      body.append(options.name, file, file.name || 'file')
      return send(window, { ...options, method: 'POST', body, dataType: 'text', name: 'uploadFile' })
    },
  }
}

function requestBody({ url, data, header = {} }, method) {
  const type = Object.entries(header).find(([name]) => name.toLowerCase() === 'content-type')
  if (data === undefined || data === null) return { url, header }
  if (method === 'GET' && typeof data === 'object') {
    const query = new URLSearchParams(data).toString()
    return { url: query ? url + (url.includes('?') ? '&' : '?') + query : url, header }
  }
  if (typeof data === 'string' || data instanceof ArrayBuffer) return { url, header, body: data }
  if (type && type[1].includes('x-www-form-urlencoded')) return { url, header, body: new URLSearchParams(data).toString() }
  return { url, header: type ? header : { ...header, 'content-type': 'application/json' }, body: JSON.stringify(data) }
}

function send(window, { name, url, method, header = {}, body, timeout = 60000, dataType = 'json', ...options }) {
  const xhr = new window.XMLHttpRequest()
  const listeners = new Set()
  xhr.open(method, url)
  xhr.timeout = timeout
  for (const [key, value] of Object.entries(header)) xhr.setRequestHeader(key, value)
  xhr.upload.onprogress = ({ loaded, total }) => {
    const progress = { progress: Math.round(loaded / total * 100), totalBytesSent: loaded, totalBytesExpectedToSend: total }
    listeners.forEach((listener) => listener(progress))
  }
  xhr.onload = () => succeed(options, {
    statusCode: xhr.status, header: headersOf(xhr), errMsg: `${name}:ok`,
    data: dataType === 'json' ? parsed(xhr.responseText) : xhr.responseText,
  })
  xhr.onerror = () => fail(options, `${name}:fail the network does not answer`)
  xhr.ontimeout = () => fail(options, `${name}:fail timeout`)
  xhr.onabort = () => fail(options, `${name}:fail abort`)
  xhr.send(body)
  return {
    abort: () => xhr.abort(),
    onProgressUpdate: (listener) => { listeners.add(listener) },
    offProgressUpdate: (listener) => { listener ? listeners.delete(listener) : listeners.clear() },
  }
}

function headersOf(xhr) {
  const lines = xhr.getAllResponseHeaders().trim().split('\r\n').filter(Boolean)
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]))
}

/** As WeChat does it: what is no JSON is handed on as text. */
function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

// Storage of this window alone: two windows are two people, a reload stays the same one.

function storage(store) {
  const get = (key) => {
    const text = store.getItem(key)
    return text === null ? '' : parsed(text)
  }
  const set = (key, data) => store.setItem(key, JSON.stringify(data))
  const remove = (key) => store.removeItem(key)
  const answered = (name, options, action) => {
    try {
      const data = action()
      succeed(options, { data, errMsg: `${name}:ok` })
    } catch (error) {
      fail(options, `${name}:fail ${error.message}`)
    }
  }
  return {
    getStorageSync: get,
    setStorageSync: set,
    removeStorageSync: remove,
    clearStorageSync: () => store.clear(),
    getStorage: (options) => answered('getStorage', options, () => get(options.key)),
    setStorage: (options) => answered('setStorage', options, () => set(options.key, options.data)),
    removeStorage: (options) => answered('removeStorage', options, () => remove(options.key)),
  }
}

// The app comes and goes, and so does the network.

function life(window) {
  const { document } = window
  const onShow = new Set()
  const onHide = new Set()
  const onNetwork = new Set()
  const tell = (listeners, value) => [...listeners].forEach((listener) => listener(value))
  const networkType = () => (window.navigator.onLine ? 'wifi' : 'none')
  const changed = () => tell(onNetwork, { isConnected: window.navigator.onLine, networkType: networkType() })
  const visible = () => tell(document.visibilityState === 'visible' ? onShow : onHide, {})
  document.addEventListener('visibilitychange', visible)
  window.addEventListener('pageshow', (event) => { if (event.persisted) visible() })
  window.addEventListener('online', changed)
  window.addEventListener('offline', changed)
  return {
    onAppShow: (listener) => { onShow.add(listener) },
    offAppShow: (listener) => { onShow.delete(listener) },
    onAppHide: (listener) => { onHide.add(listener) },
    offAppHide: (listener) => { onHide.delete(listener) },
    onNetworkStatusChange: (listener) => { onNetwork.add(listener) },
    offNetworkStatusChange: (listener) => { onNetwork.delete(listener) },
    getNetworkType: (options) => succeed(options, { networkType: networkType(), errMsg: 'getNetworkType:ok' }),
  }
}

/** Files that the user chose or the page made, by the path that WeChat would call a temporary one. */
const files = new Map()

export function fileFrom(blob) {
  const path = URL.createObjectURL(blob)
  files.set(path, blob)
  return path
}

export const fileOf = (path) => files.get(path)

export function forgetFile(path) {
  if (files.delete(path)) URL.revokeObjectURL(path)
}

function device(window) {
  const { document, navigator } = window
  const screen = () => ({
    windowWidth: window.innerWidth, windowHeight: window.innerHeight, pixelRatio: window.devicePixelRatio,
    language: navigator.language.replace('-', '_'), platform: 'browser', brand: 'browser', model: 'browser',
    system: navigator.userAgent, SDKVersion: '3.0.0',
  })
  return {
    getSystemInfoSync: screen,
    getWindowInfo: screen,
    getDeviceInfo: screen,
    getAppBaseInfo: screen,

    /** Pictures, by the browser's own dialogue. */
    chooseMedia(options = {}) {
      const count = options.count || 9
      chooseFiles(document, count > 1).then((chosen) => {
        if (!chosen.length) return fail(options, 'chooseMedia:fail cancel')
        const tempFiles = chosen.slice(0, count)
          .map((file) => ({ tempFilePath: fileFrom(file), size: file.size, fileType: 'image' }))
        return succeed(options, { tempFiles, type: 'image', errMsg: 'chooseMedia:ok' })
      })
    },
  }
}

/** @returns {Promise<File[]>} none: cancelled. The input stands in the page meanwhile, as some browsers want it. */
function chooseFiles(document, multiple) {
  const input = document.createElement('input')
  Object.assign(input, { type: 'file', accept: 'image/jpeg,image/png,image/gif,image/webp', multiple, hidden: true })
  document.body.append(input)
  return new Promise((resolve) => {
    input.onchange = () => resolve([...input.files])
    input.oncancel = () => resolve([])
    input.click()
  }).finally(() => input.remove())
}

function succeed(options, result) {
  if (options.success) options.success(result)
  if (options.complete) options.complete(result)
}

function fail(options, errMsg) {
  if (options.fail) options.fail({ errMsg })
  if (options.complete) options.complete({ errMsg })
}
