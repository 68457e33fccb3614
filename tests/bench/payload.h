/* The chat message that is sent: an m1 text with the time of sending and the sender's number at its end, so that both
 * are found in whatever a broker puts in front. */
#ifndef BENCH_PAYLOAD_H
#define BENCH_PAYLOAD_H

#include "mw/str.h"

#define PAYLOAD_MIN 56
#define PAYLOAD_MAX 8192

/* `len` bytes, PAYLOAD_MIN..PAYLOAD_MAX. */
void payload_put(struct mw_buf *b, size_t len, uint64_t sent_ns, uint32_t sender);
/* False when it does not end like one of ours. */
bool payload_read(struct mw_str payload, uint64_t *sent_ns, uint32_t *sender);

#endif
