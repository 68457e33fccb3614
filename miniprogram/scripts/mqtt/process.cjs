module.exports = require('./realm.js').process
