// A finger that rests: iPhones have no event of their own for it, and others may send theirs besides.

const LONG_MS = 500
const STILL_PX = 10

/** @param {HTMLElement} area  @param {string} selector  @param {(element: any) => void} action */
export function onLongPress(area, selector, action) {
  let timer = 0
  let start = { x: 0, y: 0 }
  let done = false
  const stop = () => clearTimeout(timer)

  area.addEventListener('pointerdown', (event) => {
    const element = /** @type {any} */ (event.target).closest(selector)
    stop()
    done = false
    if (event.pointerType !== 'touch' || !element) return
    start = { x: event.clientX, y: event.clientY }
    timer = setTimeout(() => {
      done = true
      action(element)
    }, LONG_MS)
  })
  area.addEventListener('pointermove', ({ clientX, clientY }) => {
    if (Math.hypot(clientX - start.x, clientY - start.y) > STILL_PX) stop()
  })
  for (const event of ['pointerup', 'pointercancel', 'scroll', 'contextmenu']) area.addEventListener(event, stop)
  // The finger that goes up again has not clicked.
  area.addEventListener('click', (event) => {
    if (!done) return
    done = false
    event.preventDefault()
    event.stopPropagation()
  }, true)
}
