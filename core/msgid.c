#include "mw/msgid.h"

#define COUNT_BITS 12
#define NODE_BITS 10
#define COUNT_MAX ((1 << COUNT_BITS) - 1)
#define MS_MAX ((INT64_C(1) << 41) - 1) /* in the year 2094 */
_Static_assert(MW_NODE_MAX == (1 << NODE_BITS) - 1, "every node number has its bits");
_Static_assert((MS_MAX << (NODE_BITS + COUNT_BITS)) >> (NODE_BITS + COUNT_BITS) == MS_MAX, "an id fits 63 bits");

/* A clock outside the 41 bits is not believed: the ids go on from the last one, as they do with a clock that stands. */
static int64_t since_epoch(int64_t unix_ms) {
    if (unix_ms < MW_MSGID_EPOCH_MS || unix_ms - MW_MSGID_EPOCH_MS > MS_MAX) return 0;
    return unix_ms - MW_MSGID_EPOCH_MS;
}

int64_t mw_msgid_next(struct mw_msgid *g, int64_t unix_ms) {
    const int64_t ms = since_epoch(unix_ms);
    if (ms > g->last_ms) {
        g->last_ms = ms;
        g->count = 0;
    } else if (g->count < COUNT_MAX) {
        g->count++; /* the first id of millisecond 0 is 1: no id is 0 */
    } else if (g->last_ms < MS_MAX) {
        g->last_ms++; /* borrowed: 4096 ids a millisecond is more than a broker's thread can take in for long */
        g->count = 0;
    }
    return g->last_ms << (NODE_BITS + COUNT_BITS) | (int64_t)(g->node & MW_NODE_MAX) << COUNT_BITS | g->count;
}

void mw_msgid_after(struct mw_msgid *g, int64_t id) {
    const int64_t ms = id >> (NODE_BITS + COUNT_BITS);
    if (id <= 0 || ms < g->last_ms) return;
    /* As if the millisecond were used up, whatever node used it: the next id is of a later one. */
    g->last_ms = ms;
    g->count = COUNT_MAX;
}

int64_t mw_msgid_unix_ms(int64_t id) {
    return id <= 0 ? 0 : MW_MSGID_EPOCH_MS + (id >> (NODE_BITS + COUNT_BITS));
}
