// Voice messages: one plays at a time, a second press stops it.

const audio = new Audio()
let playing = null

function mark(button) {
  if (playing) playing.classList.remove('playing')
  playing = button
  if (playing) playing.classList.add('playing')
}

audio.onended = audio.onpause = () => mark(null)

/** @returns {Promise<void>} rejected when it cannot be played */
export async function play(url, button) {
  if (playing === button) {
    audio.pause()
    return
  }
  mark(null)
  audio.src = url
  await audio.play()
  mark(button)
}
