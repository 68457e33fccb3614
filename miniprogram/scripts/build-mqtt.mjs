// Makes lib/mqtt.js, MQTT.js for the mini-program, from the package `mqtt` as npm has installed it. Why this way:
// README.md, "Which MQTT.js".
import { build } from 'esbuild'
import { readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { version } = JSON.parse(readFileSync(here('../node_modules/mqtt/package.json'), 'utf8'))
const out = here('../lib/mqtt.js')

// What a name leads to, in place of what npm has for it.
const instead = [
  // Says nothing.
  [/^debug$/, here('mqtt/debug.cjs')],
  // Timers that a browser does not slow down in a tab behind: the library hands in its own.
  [/^worker-timers$/, here('mqtt/timers.js')],
  // For topic aliases towards the broker, which nobody asks for.
  [/^lru-cache$/, here('mqtt/lru-cache.js')],
  // map(), filter() and the like of streams.
  [/\/internal\/streams\/operators$/, here('mqtt/operators.cjs')],
  // Streams joined into one, which the client never does.
  [/\/(pipeline|compose|duplexify)$/, here('mqtt/pipelines.cjs')],
  // Signals that end a stream: it takes none.
  [/^abort-controller$/, here('mqtt/abort-controller.cjs')],
  // One Buffer and one process for all.
  [/^buffer\/?$/, here('../node_modules/buffer/index.js')],
  [/^process\/$/, here('mqtt/process.cjs')],
  // All but the version.
  [/^(\.\.\/)+package\.json$/, here('mqtt/package.cjs')],
]

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
  define: { globalThis: 'realm', global: 'realm', MQTT_VERSION: JSON.stringify(version) },
  plugins: [{
    name: 'instead',
    setup: ({ onResolve }) => {
      for (const [filter, path] of instead) onResolve({ filter }, () => ({ path }))
    },
  }],
  logLevel: 'warning',
})
console.log(`lib/mqtt.js: MQTT.js ${version}, ${statSync(out).size} bytes`)
