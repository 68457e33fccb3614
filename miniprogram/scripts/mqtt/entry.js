// MQTT.js's client over any socket: its own wx transport keeps the socket in a variable of the module, so that an old
// connection that ends closes the new one. The library hands in its own, lib/socket.js.
export { default as MqttClient } from 'mqtt/lib/client'
export { Duplex } from 'readable-stream'
export { Buffer } from 'buffer/'
