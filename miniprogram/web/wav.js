// Sound as a WAV file: the one format that every browser can make and every phone can play.

export const RATE = 16000

/**
 * To RATE, one channel. Each output sample is the mean of the input samples that fall on it, so nothing folds back.
 * @param {Float32Array[]} chunks  @param {number} rate
 * @returns {Float32Array}
 */
export function resample(chunks, rate) {
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  const all = new Float32Array(total)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  if (rate <= RATE) return all
  const out = new Float32Array(Math.floor(total * RATE / rate))
  for (let i = 0; i < out.length; i++) {
    const from = Math.floor(i * rate / RATE)
    const to = Math.max(from + 1, Math.floor((i + 1) * rate / RATE))
    let sum = 0
    for (let j = from; j < to; j++) sum += all[j]
    out[i] = sum / (to - from)
  }
  return out
}

/** @param {Float32Array} samples -1..1  @param {number} rate  @returns {Blob} 16 bits, one channel */
export function wav(samples, rate) {
  const data = new DataView(new ArrayBuffer(44 + samples.length * 2))
  const text = (at, word) => [...word].forEach((letter, i) => data.setUint8(at + i, letter.charCodeAt(0)))
  text(0, 'RIFF')
  data.setUint32(4, 36 + samples.length * 2, true)
  text(8, 'WAVEfmt ')
  data.setUint32(16, 16, true) // length of what follows
  data.setUint16(20, 1, true) // PCM
  data.setUint16(22, 1, true) // channels
  data.setUint32(24, rate, true)
  data.setUint32(28, rate * 2, true)
  data.setUint16(32, 2, true)
  data.setUint16(34, 16, true)
  text(36, 'data')
  data.setUint32(40, samples.length * 2, true)
  samples.forEach((sample, i) => data.setInt16(44 + i * 2, Math.max(-1, Math.min(1, sample)) * 0x7fff, true))
  return new Blob([data], { type: 'audio/wav' })
}
