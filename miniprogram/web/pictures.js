// Pictures on their way out: how big they are, and smaller when they are too big.

const LONGEST_SIDE = 2048
const GOOD_ENOUGH_BYTES = 1 << 20

/**
 * What to send of a file that the user chose: photos are scaled down as WeChat does it, everything else stays as it is.
 * @param {Blob} file
 * @returns {Promise<{ blob: Blob, width: number, height: number }>} rejected when it is no picture
 */
export async function preparePicture(file) {
  const image = await createImageBitmap(file)
  const { width, height } = image
  try {
    const moves = file.type === 'image/gif' || file.type === 'image/webp'
    if (moves || file.size <= GOOD_ENOUGH_BYTES) return { blob: file, width, height }
    const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height))
    return await scaled(image, Math.round(width * scale), Math.round(height * scale))
  } finally {
    image.close()
  }
}

/** The middle of a picture as a square, for an avatar. */
export async function square(file, side) {
  const image = await createImageBitmap(file)
  try {
    const from = Math.min(image.width, image.height)
    const left = (image.width - from) / 2
    const top = (image.height - from) / 2
    return (await toJpeg(side, side, (pen) => pen.drawImage(image, left, top, from, from, 0, 0, side, side))).blob
  } finally {
    image.close()
  }
}

const scaled = (image, width, height) => toJpeg(width, height, (pen) => pen.drawImage(image, 0, 0, width, height))

function toJpeg(width, height, paint) {
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width, height })
  const pen = canvas.getContext('2d')
  pen.fillStyle = '#fff' // what was transparent
  pen.fillRect(0, 0, width, height)
  paint(pen)
  return new Promise((resolve) => {
    canvas.toBlob((blob) => resolve({ blob, width, height }), 'image/jpeg', 0.85)
  })
}
