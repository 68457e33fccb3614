export class LRUCache extends Map {
  constructor() {
    super()
  }
}
