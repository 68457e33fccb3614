/** One row of a conversation: a message, or a line between messages. What was written is shown as text, nothing else. */
Component({
  properties: {
    /** As view/timeline gives it. */
    row: { type: Object, value: {} },
    playing: { type: Boolean, value: false }
  },

  data: { broken: false },

  observers: {
    'row.src': function () {
      if (this.data.broken) this.setData({ broken: false })
    }
  },

  methods: {
    fail: function () {
      this.setData({ broken: true })
    },
    /** The bubble was tapped: what that means depends on what is in it. */
    open: function () {
      this.tell('open')
    },
    menu: function () {
      this.tell('menu')
    },
    again: function () {
      this.tell('again')
    },
    unfold: function () {
      this.tell('unfold')
    },
    edit: function () {
      this.tell('edit')
    },
    /** @param {string} event */
    tell: function (event) {
      this.triggerEvent(event, { row: this.data.row })
    }
  }
})
