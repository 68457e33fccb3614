/* Message ids: 41 bits of milliseconds since 2025-01-01T00:00:00Z, 10 bits node, 12 bits count. Rising within a broker
 * also when its clock steps back, across restarts as long as the clock did not step back by more than the broker was
 * down, unique across brokers with different nodes.
 * 4096 ids fit a millisecond, more borrow the next one. A clock outside the 41 bits (before 2025, after 2094) is not
 * believed: the ids go on from the last one. The very last id of all is given again and again rather than a lower one.
 */
#ifndef MW_MSGID_H
#define MW_MSGID_H

#include <stdint.h>

#define MW_MSGID_EPOCH_MS INT64_C(1735689600000)
#define MW_NODE_MAX 1023

struct mw_msgid {
    uint16_t node;   /* 0..MW_NODE_MAX */
    int64_t last_ms; /* since the epoch above; start at 0 */
    uint16_t count;
};

/* Always > 0 and, up to the very last, greater than every id the generator gave before. */
int64_t mw_msgid_next(struct mw_msgid *g, int64_t unix_ms);
/* Makes every later id greater than `id`, one that was handed out before (by an earlier run); 0 and less: no-op. Not
 * for ids that others made up: one from far ahead would be followed for ever. */
void mw_msgid_after(struct mw_msgid *g, int64_t id);
/* Unix milliseconds that an id of this layout was made at. For any number: one that others made up tells nothing. */
int64_t mw_msgid_unix_ms(int64_t id);

#endif
