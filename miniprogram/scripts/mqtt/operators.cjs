module.exports = { streamReturningOperators: {}, promiseReturningOperators: {} }
