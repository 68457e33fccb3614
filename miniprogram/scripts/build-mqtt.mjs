// Makes lib/mqtt.js, MQTT.js for the mini-program, from the package `mqtt` as npm has installed it. Why this way:
// README.md, "Which MQTT.js".
import { build } from 'esbuild'
import { readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { version } = JSON.parse(readFileSync(here('../node_modules/mqtt/package.json'), 'utf8'))
const out = here('../lib/mqtt.js')

await build({
  entryPoints: [here('mqtt/entry.js')],
  outfile: out,
  bundle: true,
  format: 'cjs',
  platform: 'browser',
  target: 'es2015',
  minify: true,
  legalComments: 'none',
  banner: { js: `// @ts-nocheck\n/* MQTT.js ${version}, MIT licence. Made by npm run build: do not edit. */` },
  // What a mini-program's realm has not, each a few lines.
  inject: [here('mqtt/realm.js')],
  define: { 'globalThis': 'realm', 'global': 'realm' },
  alias: {
    // Timers that a browser does not slow down in a tab behind: there are no such here.
    'worker-timers': here('mqtt/timers.js'),
    debug: here('mqtt/debug.cjs'),
    // Not the one for browsers, which takes what `self` and `window` have.
    'abort-controller': here('../node_modules/abort-controller/dist/abort-controller.js'),
    // One Buffer and one process for all.
    buffer: here('../node_modules/buffer/index.js'),
  },
  logLevel: 'warning',
})
console.log(`lib/mqtt.js: MQTT.js ${version}, ${statSync(out).size} bytes`)
