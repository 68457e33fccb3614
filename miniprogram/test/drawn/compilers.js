/** WeChat's own compilers for markup and styles, as npm has them. They are programs, for these systems only. */

'use strict'

const fs = require('node:fs')
const path = require('node:path')
const { spawnSync } = require('node:child_process')

const PLATFORMS = { linux: 'linux', darwin: 'mac', win32: 'windows' }

const runs = process.platform in PLATFORMS && process.arch === 'x64'

/** @param {string} folder where copies may lie: the package comes without the bit that lets them run */
function createCompilers(folder) {
  const from = path.join(path.dirname(require.resolve('miniprogram-compiler/package.json')), 'bin', PLATFORMS[process.platform])

  function program(name) {
    const file = process.platform === 'win32' ? name + '.exe' : name
    const copy = path.join(folder, file)
    if (!fs.existsSync(copy)) {
      fs.copyFileSync(path.join(from, file), copy)
      fs.chmodSync(copy, 0o755)
    }
    return copy
  }

  /**
   * @param {'wcc' | 'wcsc'} name  @param {string[]} args  @param {string} cwd
   * @returns {{output: string, errors: string}} errors: '' when all is well
   */
  function run(name, args, cwd) {
    const done = spawnSync(program(name), args, { cwd, encoding: 'utf8', maxBuffer: 16 << 20 })
    if (done.error) throw done.error
    // wcsc says what is wrong and ends well all the same.
    const errors = done.stderr.replace(/error file count: 0\s*/, '').trim()
    const good = done.status === 0 && !/ERR/.test(errors)
    return { output: done.stdout, errors: good ? '' : errors || 'ended with ' + done.status }
  }

  return { run }
}

module.exports = { createCompilers, runs, system: process.platform + ' on ' + process.arch }
