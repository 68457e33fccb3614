/** A voice message: as wide as it is long, with waves that move while it is played. */
Component({
  properties: {
    seconds: { type: Number, value: 1 },
    stretch: { type: Number, value: 0 },
    mine: { type: Boolean, value: false },
    playing: { type: Boolean, value: false }
  }
})
