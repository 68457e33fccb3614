/** Somebody's picture, or the first character of the name on a colour. */
Component({
  properties: {
    src: { type: String, value: '' },
    name: { type: String, value: '' },
    initial: { type: String, value: '' },
    colour: { type: String, value: '#707070' },
    size: { type: Number, value: 40 }
  },

  data: { broken: false },

  observers: {
    src: function () {
      if (this.data.broken) this.setData({ broken: false })
    }
  },

  methods: {
    fail: function () {
      this.setData({ broken: true })
    }
  }
})
