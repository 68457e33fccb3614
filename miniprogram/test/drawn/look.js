/**
 * Looks at a drawn page as it stands in a browser, into its components too. Evaluated there: gives what is wrong with it.
 */
(function look() {
  'use strict'

  const width = document.documentElement.clientWidth
  const SMALLEST_TARGET = 24 // px: WCAG 2.2, 2.5.8
  const wrong = []

  const parentOf = (node) => node.assignedSlot || node.parentNode || null
  const hostOf = (node) => (node instanceof ShadowRoot ? node.host : node)

  /** @returns {Element[]} from an element up to the page, through components */
  function up(element) {
    const path = []
    for (let at = element; at && at.nodeType !== Node.DOCUMENT_NODE; at = hostOf(parentOf(at))) path.push(at)
    return path
  }

  function* all(root) {
    for (const element of root.querySelectorAll('*')) {
      yield element
      if (element.shadowRoot) yield* all(element.shadowRoot)
    }
  }

  const words = (element) => [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data).join('').trim()
  const name = (element) => `<${element.localName} class="${element.className}"> ${words(element).slice(0, 20)}`

  const numbers = (colour) => (colour.match(/[\d.]+/g) || []).map(Number)

  /** Over a picture there is nothing to compare with. @returns {number[] | null} */
  function behind(element) {
    const layers = []
    for (const at of up(element)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(at)
      if (backgroundImage !== 'none' || opacity !== '1') return null
      const [r, g, b, a = 1] = numbers(backgroundColor)
      if (a) layers.push([r, g, b, a])
      if (a === 1) break
    }
    return layers.reverse().reduce((under, [r, g, b, a]) => [r, g, b].map((value, i) => value * a + under[i] * (1 - a)), [255, 255, 255])
  }

  function luminance(colour) {
    const [r, g, b] = colour.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }

  function contrast(one, other) {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b)
    return (light + 0.05) / (dark + 0.05)
  }

  function checkWords(element, style) {
    const text = words(element)
    if (/undefined|null|NaN|\[object|\{\{/.test(text)) wrong.push(`says ${text}: ${name(element)}`)
    const ground = behind(element)
    const enough = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5
    const found = ground ? contrast(numbers(style.color).slice(0, 3), ground) : Infinity
    if (found < enough) wrong.push(`contrast of ${found.toFixed(2)}: ${name(element)}`)
  }

  /** Cut off without a sign that there is more. */
  function checkRoom(element, style) {
    const cut = style.overflowX === 'hidden' && style.textOverflow !== 'ellipsis' && element.scrollWidth > element.clientWidth + 1
    if (cut && element.textContent.trim()) wrong.push(`cut off: ${name(element)}`)
  }

  const scroller = (element) => up(element).some((at) => /auto|scroll|hidden/.test(getComputedStyle(at).overflowX))

  for (const element of all(document.querySelector('page'))) {
    if (element.localName.startsWith('own-') && !element.shadowRoot) wrong.push(`not drawn: ${name(element)}`)
    const box = element.getBoundingClientRect()
    const style = getComputedStyle(element)
    if (!box.width || !box.height || style.visibility === 'hidden') continue
    if ((box.right > width + 0.5 || box.left < -0.5) && !scroller(hostOf(element.parentNode))) wrong.push(`beside the screen: ${name(element)}`)
    checkRoom(element, style)
    if (words(element)) checkWords(element, style)
    if ('taps' in element.dataset && Math.min(box.width, box.height) < SMALLEST_TARGET)
      wrong.push(`${Math.round(box.width)}×${Math.round(box.height)} to tap on: ${name(element)}`)
  }
  if (document.scrollingElement.scrollWidth > width) wrong.push(`wider than the screen: ${document.scrollingElement.scrollWidth}`)
  return wrong
})()
