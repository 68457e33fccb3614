// Line drawings on a field of 24 by 24, in the colour of the text around them.

const SHAPES = {
  back: ['M15 5l-7 7 7 7'],
  picture: ['M4 6.5A1.5 1.5 0 0 1 5.5 5h13A1.5 1.5 0 0 1 20 6.5v11a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 17.5z', 'M4 16l4.5-4.5L13 16l3-3 4 4', 'M15.5 9.2v.1'],
  microphone: ['M12 4a2.5 2.5 0 0 1 2.5 2.5v5a2.5 2.5 0 0 1-5 0v-5A2.5 2.5 0 0 1 12 4z', 'M6.5 11.5a5.5 5.5 0 0 0 11 0', 'M12 17v3'],
  enter: ['M5 12h13', 'M13 6.5l5.5 5.5-5.5 5.5'],
  leave: ['M14 5H7a1.5 1.5 0 0 0-1.5 1.5v11A1.5 1.5 0 0 0 7 19h7', 'M11 12h9', 'M16.5 8.5L20 12l-3.5 3.5'],
  close: ['M6 6l12 12', 'M18 6L6 18'],
  previous: ['M15 5l-7 7 7 7'],
  next: ['M9 5l7 7-7 7'],
  waves: ['M7 9.5a4 4 0 0 1 0 5', 'M10.5 7a8 8 0 0 1 0 10', 'M14 4.5a12 12 0 0 1 0 15'],
  file: ['M7 4h7l4 4v11.5a.5.5 0 0 1-.5.5h-10a.5.5 0 0 1-.5-.5z', 'M14 4v4h4'],
  again: ['M18.5 12a6.5 6.5 0 1 1-2-4.7', 'M17 3.5v4h-4'],
  play: ['M8 5.5v13l10.5-6.5z'],
}

const SVG = 'http://www.w3.org/2000/svg'

export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  for (const shape of SHAPES[name]) {
    const path = document.createElementNS(SVG, 'path')
    path.setAttribute('d', shape)
    svg.append(path)
  }
  return svg
}
