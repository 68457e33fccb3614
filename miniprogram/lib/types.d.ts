/** The client library's public face. Everything that a mini-program needs of mosquitto-wechat, behind `createClient()`. */

export interface Options {
  /** Where the login service answers, without a slash at the end: "https://chat.example.com". */
  baseUrl: string
  /** Instead of the address that the log-in answers. */
  mqttUrl?: string
  /** Under which the session, and what was said and not acknowledged, is kept in wx's storage. Default "mosquitto-wechat". */
  storageKey?: string
  /** Default: the global `wx`. */
  wx?: any
  /** Default: MQTT.js as `npm run build` prepares it. */
  mqtt?: any
  /** Of MQTT: 5 (default), or 4 for 3.1.1. */
  protocolVersion?: 4 | 5
  /** The clock in ms and timers; default: the system's. For tests. */
  clock?: Clock
}

export interface Clock {
  now(): number
  setTimeout(fn: () => void, ms: number): any
  clearTimeout(timer: any): void
}

export interface UserInfo { nickName?: string; avatarUrl?: string }

export interface Session {
  id: string
  skey: string
  uid: string
  /** ms since the epoch, by the server's clock. */
  expiresAt: number
  userInfo: UserInfo
  mqtt: { url: string; username: string; clientId: string }
}

/** Every promise of the library is rejected with one of these. */
export interface ChatError extends Error {
  /** As the service or the plugin says it: ERR_INVALID_SESSION, ERR_MUTED, …; or ERR_NETWORK, ERR_TIMEOUT, ERR_ABORTED,
   * ERR_BAD_ANSWER, ERR_BUSY (too much waits to be sent: 200, or 500 KB), ERR_NOT_FOUND, ERR_CLOSED of the library's own. `message` is fit
   * to be shown. */
  code: string
  statusCode?: number
  /** ERR_MUTED, ERR_RATE_LIMITED, ERR_FORBIDDEN_TOPIC of a ban: the end of it, ms since the epoch. */
  until?: number
  /** What was said, as it would have to be said again. */
  ref?: string
}

export interface From { uid: string; nickName?: string; avatarUrl?: string }

/** m2: what somebody said, as the broker hands it out. Members beside these belong to the type. Always with a checked
 * `id`, `time`, `type`, and a `from` with a `uid`; everything else is as the sender wrote it: text, never markup. */
export interface Message {
  id: string
  time: number
  room?: string
  to?: string
  from: From
  type: 'text' | 'image' | 'voice' | 'video' | 'file' | 'custom' | 'recall'
  content?: string
  url?: string
  width?: number
  height?: number
  duration?: number
  name?: string
  size?: number
  data?: object
  of?: string
  ref?: string
  replyTo?: string
  ext?: object
  /** It was said before: it comes from the history. */
  history?: boolean
  /** Said by this session's user. */
  mine: boolean
}

/** What a message says before the server stamps it (m1). */
export interface Draft {
  type: 'text' | 'image' | 'voice' | 'video' | 'file' | 'custom' | 'recall'
  content?: string
  url?: string
  width?: number
  height?: number
  duration?: number
  name?: string
  size?: number
  data?: object
  transient?: boolean
  of?: string
  ref?: string
  replyTo?: string
  ext?: object
}

export interface Notice {
  error: string
  message: string
  reason?: string
  topic?: string
  ref?: string
  until?: number
}

export interface Media { url: string; type: string; size: number; sha256: string; width?: number; height?: number }

/** offline: no connection and none wanted, or no network. connecting: on its way. online: everything said is on its way. */
export type State = 'offline' | 'connecting' | 'online'

export interface Events {
  /** Each message once, of one room in the order of the ids as far as they arrive in it; missed ones before new ones. */
  message(message: Message): void
  /** People in a room. */
  presence(presence: { room: string; num: number; time: number }): void
  /** Something was refused, or the session has ended (the library logs in again by itself; banned: it does not). */
  notice(notice: Notice): void
  state(state: State): void
  /** A room was entered and what was missed in it has been handed out (at the first time the last messages come right
   * after); `gap`: more was missed than the history gave. */
  joined(room: { room: string; gap: boolean }): void
  /** Something said has changed: 'sending' | 'sent' | 'failed'. `error` says why it failed for good; `room` or `to`. 'sent'
   * comes after the message itself, which has the same `ref`. */
  outgoing(entry: Outgoing): void
}

export interface Outgoing {
  ref: string
  room?: string
  to?: string
  draft: Draft
  status: 'sending' | 'sent' | 'failed'
  error?: ChatError
}

export interface Request {
  /** Below baseUrl when it begins with '/', else whole: then the session goes with it only when it is on baseUrl. */
  url: string
  method?: string
  data?: any
  header?: { [name: string]: string }
}
export interface Response { statusCode: number; data: any; header: { [name: string]: string } }

export interface Task<T> extends Promise<T> { abort(): void }

export interface Chat {
  readonly state: State
  /** Enters a room and stays in it across reconnects, until leave(). Resolves when the broker has granted it. */
  join(room: string): Promise<void>
  leave(room: string): Promise<void>
  rooms(): string[]
  /** Says it in a room. A string is a text. Resolves with the message as everybody got it; kept and sent again until then.
   * Rejected only when it was refused for good. The room need not be joined. */
  say(room: string, draft: string | Draft): Promise<Message>
  /** To one person. Resolves when the broker has taken it. */
  tell(uid: string, draft: string | Draft): Promise<Outgoing>
  recall(room: string, id: string): Promise<Message>
  /** Older ones, in order; `more` when there are more before them. Ask for the next page when this one is there. */
  history(room: string, options?: { before?: string; limit?: number }): Promise<{ messages: Message[]; more: boolean }>
  /** What was said and is not acknowledged yet. */
  outgoing(): Outgoing[]
  /** Tries a failed one again. */
  retry(ref: string): Promise<Message | Outgoing>
  forget(ref: string): void
  on<E extends keyof Events>(event: E, listener: Events[E]): () => void
}

export interface Client {
  /** The session, logged in when there is none that lives; one log-in however many ask. */
  session(): Promise<Session>
  /** Logs in anew although the session may live: WeChat encrypts for the newest log-in only. The rooms, and what waits to be
   * sent, stay as they are; the session before is kept when it fails. */
  login(): Promise<Session>
  /** What is known without asking anybody. */
  current(): Session | null
  /** The server's time in ms, whatever the phone's clock says: as the log-in and the messages of late tell it. What bears a
   * `time` or an `until` is to be measured by it. */
  now(): number
  logout(): Promise<void>
  /** The name and avatar that others see. */
  setProfile(profile: UserInfo): Promise<Session>
  /** Into a WeChat group's room, with what wx.getGroupEnterInfo gave: resolves with the room's name, to be joined. */
  enterGroup(info: { encryptedData: string; iv: string }): Promise<{ room: string }>
  /** wx.request with the session's headers. Once the session has ended: logs in again and asks again, once. */
  request(request: Request): Promise<Response>
  upload(filePath: string, onProgress?: (percent: number) => void): Task<Media>
  readonly chat: Chat
  /** The app is back in front (App.onShow does it by itself), or gone (App.onHide). */
  resume(): void
  pause(): void
  /** Ends the connection and every timer; the session stays in the storage. An upload or request under way goes on to
   * its own end. */
  close(): void
}

export function createClient(options: Options): Client
