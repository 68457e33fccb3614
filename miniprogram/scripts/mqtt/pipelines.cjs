// In place of what joins streams into one: the client joins none. A pipeline has to be there to be exported.
function pipeline() {
  throw new Error('this build has no pipelines')
}

module.exports = { pipeline, pipelineImpl: pipeline }
