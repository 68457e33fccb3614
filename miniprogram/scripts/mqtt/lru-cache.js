// All that is asked of it a Map can do. It is none of its own that extends Map: made ES5 by an older compiler such a class
// throws as soon as the broker allows topic aliases.
export function LRUCache() {
  return new Map()
}
