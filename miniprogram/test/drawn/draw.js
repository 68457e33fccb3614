/**
 * Draws the sample's pages as documents that any browser shows: FOLDER/chat.html and so on.
 *
 *   node draw.js FOLDER PICTURE     PICTURE: a file that stands for every picture of the conversation
 */

'use strict'

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { pathToFileURL } = require('node:url')
const compilers = require('./compilers')

async function main([folder, picture]) {
  if (!picture) throw new Error('usage: node draw.js FOLDER PICTURE')
  if (!compilers.runs) throw new Error(`WeChat has no compilers for ${compilers.system}`)
  const { scenes, MEDIA } = require('./scenes')
  const { compileMarkup } = require('./markup')
  const { print } = require('./html')
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'mw-drawn-'))
  try {
    const markup = compileMarkup(work)
    fs.mkdirSync(folder, { recursive: true })
    for (const scene of await scenes()) {
      const document = print(markup, scene).replace(new RegExp(MEDIA + '\\w+\\.jpg', 'g'), pathToFileURL(picture).href)
      fs.writeFileSync(path.join(folder, scene.name + '.html'), document)
    }
  } finally {
    fs.rmSync(work, { recursive: true })
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error)
  process.exitCode = 1
})
