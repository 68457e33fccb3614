// Nothing is aborted by a signal here: the names only have to exist.
function AbortSignal() {}
function AbortController() {
  throw new Error('this build has no signals')
}

module.exports = { AbortSignal, AbortController }
