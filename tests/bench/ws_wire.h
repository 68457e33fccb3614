/* The client's side of RFC 6455, as far as MQTT needs it: the upgrade, masked binary frames out, a stream of frames in.
 * No socket here. */
#ifndef BENCH_WS_WIRE_H
#define BENCH_WS_WIRE_H

#include <sys/types.h>

#include "mw/str.h"

void ws_put_upgrade(struct mw_buf *b, struct mw_str path);
/* The answer to it. Returns its length, 0 when it is not complete yet, -1 when the upgrade was refused. */
ssize_t ws_read_upgrade(struct mw_str stream);

/* One masked binary frame. */
void ws_put_frame(struct mw_buf *b, struct mw_str payload, uint32_t mask);

#define WS_HEADER_MAX 10

/* Where we are in the stream of frames. Zero is its beginning. */
struct ws_in {
    uint8_t header[WS_HEADER_MAX]; /* of the frame that begins, as far as it came */
    size_t header_len;
    uint64_t left; /* payload bytes still to come */
    bool in_payload, control;
    bool closed; /* the peer sent a close frame */
};

/* Takes the framing out of bytes, in place. Returns how many bytes of payload stand at its beginning, -1 when the
 * stream breaks the protocol. */
ssize_t ws_unframe(struct ws_in *in, uint8_t *bytes, size_t len);

#endif
