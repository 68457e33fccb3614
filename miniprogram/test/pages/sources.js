/** The sample's files. */

var fs = require('node:fs')
var path = require('node:path')

var ROOT = path.join(__dirname, '../..')

/** @param {string} dir @returns {string[]} all files below, from ROOT on */
function walk(dir) {
  return fs.readdirSync(path.join(ROOT, dir), { withFileTypes: true }).flatMap(function (entry) {
    var name = dir + '/' + entry.name
    return entry.isDirectory() ? walk(name) : [name]
  })
}

module.exports = { ROOT: ROOT, walk: walk }
