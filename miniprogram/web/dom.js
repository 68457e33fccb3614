// Making elements. Text only ever becomes text: nothing here, or anywhere in this page, parses markup.

/** @returns {any} the element; the page has it */
export const $ = (id) => document.getElementById(id)

/**
 * h('p', { class: 'note', hidden: true, onclick: f, 'aria-label': '…' }, 'text', element, …)
 * Functions become properties, all else attributes; null, undefined and false leave one out.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  setAttributes(element, attributes)
  element.append(...children.filter((child) => child !== null && child !== undefined))
  return element
}

export function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element[name] = value
    else if (value === null || value === undefined || value === false) element.removeAttribute(name)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
}

/** Sets a text where it differs: a live region is not to be read out again for nothing. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/**
 * A line that others' names and words stand in, without the marks that turn the direction of writing: a name with one
 * would turn round all that comes after it, and can close an isolate that is put around it.
 */
export const oneWay = (line) => line.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')

/** Shows the text in its element, which hides when there is none. */
export function tell(element, text) {
  setText(element, text)
  element.hidden = !text
}
