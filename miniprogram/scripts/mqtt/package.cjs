module.exports = { version: MQTT_VERSION }
