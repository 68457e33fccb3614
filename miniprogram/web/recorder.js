// The microphone. WebM and Ogg, which browsers record by themselves, are played by no iPhone: hence WAV.

import { RATE, resample, wav } from './wav.js'

export const MAX_SECONDS = 60

export class Recorder {
  /** Asks for the microphone. @returns {Promise<Recorder>} rejected when the user says no or there is none */
  static async start() {
    if (!navigator.mediaDevices || !window.AudioWorkletNode) throw new Error('no microphone here')
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, noiseSuppression: true } })
    const context = new AudioContext()
    try {
      await context.audioWorklet.addModule('/page/recorder-worklet.js')
    } catch (error) {
      stream.getTracks().forEach((track) => track.stop())
      context.close()
      throw error
    }
    return new Recorder(stream, context)
  }

  constructor(stream, context) {
    this.stream = stream
    this.context = context
    this.chunks = []
    this.samples = 0
    this.tap = new AudioWorkletNode(context, 'tap', { numberOfOutputs: 0 })
    this.tap.port.onmessage = ({ data }) => {
      if (this.seconds >= MAX_SECONDS) return
      this.chunks.push(data)
      this.samples += data.length
    }
    context.createMediaStreamSource(stream).connect(this.tap)
  }

  get seconds() {
    return this.samples / this.context.sampleRate
  }

  /** @returns {{ blob: Blob, duration: number }} */
  stop() {
    const rate = this.context.sampleRate
    const duration = Math.round(this.seconds * 10) / 10
    this.cancel()
    return { blob: wav(resample(this.chunks, rate), Math.min(rate, RATE)), duration }
  }

  cancel() {
    this.tap.port.onmessage = null
    this.stream.getTracks().forEach((track) => track.stop())
    this.context.close()
  }
}
