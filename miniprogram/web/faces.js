// Avatars for people who have no picture at hand: a face drawn from a number.

const SIZE = 200
const BACKGROUNDS = ['#f2b5a7', '#f6d186', '#b8dcae', '#a3d5d3', '#aec6ea', '#c9b6e4', '#f0b8d0', '#d9cbb5']
const SKINS = ['#ffe2c8', '#fbd0ac', '#eab78d', '#d49a6c', '#a9714a']
const HAIRS = ['#33272a', '#5b3a29', '#8a5a34', '#c58940', '#3c4a73', '#7a3b4f']
const CLOTHES = ['#2f6fb0', '#d05f4e', '#3f9a6a', '#7a5ab5', '#e0963c', '#3b3f4c']

/** A row of numbers that is the same for the same seed. */
function dice(seed) {
  let state = seed >>> 0 || 1
  return (list) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return list[(state >>> 0) % list.length]
  }
}

function disc(pen, colour, x, y, rx, ry = rx) {
  pen.fillStyle = colour
  pen.beginPath()
  pen.ellipse(x, y, rx, ry, 0, 0, 2 * Math.PI)
  pen.fill()
}

function line(pen, colour, width, draw) {
  pen.strokeStyle = colour
  pen.lineWidth = width
  pen.lineCap = 'round'
  pen.beginPath()
  draw(pen)
  pen.stroke()
}

const HAIR = [
  (pen, colour) => { // short
    pen.fillStyle = colour
    pen.beginPath()
    pen.arc(100, 92, 56, Math.PI * 0.98, Math.PI * 2.02)
    pen.quadraticCurveTo(140, 66, 104, 70)
    pen.quadraticCurveTo(66, 70, 44, 94)
    pen.fill()
  },
  (pen, colour) => { // a bun
    disc(pen, colour, 100, 34, 21)
    HAIR[0](pen, colour)
  },
  (pen, colour) => { // curls
    for (let i = 0; i <= 6; i++) {
      const angle = Math.PI * (1 + i / 6)
      disc(pen, colour, 100 + 50 * Math.cos(angle), 84 + 44 * Math.sin(angle), 18)
    }
  },
  (pen, colour) => { // a fringe
    pen.fillStyle = colour
    pen.beginPath()
    pen.arc(100, 94, 57, Math.PI, 2 * Math.PI)
    pen.lineTo(150, 98)
    pen.quadraticCurveTo(100, 70, 50, 98)
    pen.fill()
  },
  () => {}, // none
]

const BEHIND = [
  () => {},
  () => {},
  (pen, colour) => { // long hair
    disc(pen, colour, 100, 108, 63, 72)
  },
]

const MOUTHS = [
  (pen) => line(pen, '#8a3f35', 5, (p) => p.arc(100, 116, 17, 0.15 * Math.PI, 0.85 * Math.PI)),
  (pen) => line(pen, '#8a3f35', 5, (p) => p.arc(100, 106, 24, 0.3 * Math.PI, 0.7 * Math.PI)),
  (pen) => {
    pen.fillStyle = '#8a3f35'
    pen.beginPath()
    pen.arc(100, 119, 16, 0, Math.PI)
    pen.fill()
  },
]

const EYES = [
  (pen) => [79, 121].forEach((x) => disc(pen, '#2b2320', x, 98, 5.5, 6.5)),
  (pen) => [79, 121].forEach((x) => line(pen, '#2b2320', 5, (p) => p.arc(x, 102, 8, 1.15 * Math.PI, 1.85 * Math.PI))),
  (pen) => { // glasses
    EYES[0](pen)
    for (const x of [79, 121]) line(pen, '#3b3f4c', 4, (p) => p.arc(x, 98, 16, 0, 2 * Math.PI))
    line(pen, '#3b3f4c', 4, (p) => { p.moveTo(95, 96); p.lineTo(105, 96) })
  },
]

function draw(pen, seed) {
  const pick = dice(seed)
  for (let i = 0; i < 8; i++) pick([0]) // small seeds begin alike
  const hair = pick(HAIRS)
  const skin = pick(SKINS)
  pen.fillStyle = pick(BACKGROUNDS)
  pen.fillRect(0, 0, SIZE, SIZE)
  pick(BEHIND)(pen, hair)
  disc(pen, pick(CLOTHES), 100, 208, 76, 56)
  disc(pen, skin, 100, 150, 19, 28)
  disc(pen, skin, 100, 98, 51, 55)
  pick(HAIR)(pen, hair)
  pick(EYES)(pen)
  pick(MOUTHS)(pen)
  for (const x of [66, 134]) disc(pen, 'rgb(232 110 90 / 25%)', x, 113, 10, 7)
}

/** @returns {HTMLCanvasElement} */
export function drawFace(seed) {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = SIZE
  draw(canvas.getContext('2d'), seed)
  return canvas
}

export const randomSeed = () => crypto.getRandomValues(new Uint32Array(1))[0] || 1

/** @returns {Promise<Blob>} a PNG */
export const faceFile = (seed) => new Promise((resolve) => { drawFace(seed).toBlob(resolve, 'image/png') })
