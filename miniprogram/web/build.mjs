// node build.mjs FOLDER: the page as nginx serves it, bundled into one script and one style sheet.

import { copyFile, mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const out = resolve(process.argv[2] || join(here, 'dist'))

await mkdir(out, { recursive: true })
await build({
  entryPoints: ['page.js', 'page.css', 'recorder-worklet.js'].map((name) => join(here, name)),
  outdir: out,
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['chrome100', 'firefox102', 'safari15'],
  charset: 'utf8',
  legalComments: 'linked',
  logLevel: 'warning',
})
await Promise.all(['index.html', 'icon.svg'].map((name) => copyFile(join(here, name), join(out, name))))
