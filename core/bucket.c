#include "mw/bucket.h"

#include <stddef.h>

#define TOKEN 1000 /* in thousandths */

/* A burst of 0 would never let anything through. */
static int64_t brim(uint32_t burst) {
    return (burst > 0 ? (int64_t)burst : 1) * TOKEN;
}

void mw_bucket_fill(struct mw_bucket *b, uint32_t burst, int64_t mono_ms) {
    b->milli = brim(burst);
    b->last_ms = mono_ms;
}

/* `rate` tokens a second are `rate` thousandths a millisecond. */
static void refill(struct mw_bucket *b, uint32_t rate, uint32_t burst, int64_t mono_ms) {
    const int64_t room = brim(burst) - b->milli;
    if (room <= 0) { /* full, or fuller than a burst that was lowered meanwhile */
        b->milli = brim(burst);
    } else if (mono_ms > b->last_ms) {
        /* Compared before the multiplication, which would overflow after a very long silence. */
        const uint64_t passed_ms = (uint64_t)mono_ms - (uint64_t)b->last_ms;
        if (passed_ms >= (uint64_t)room / rate + 1)
            b->milli = brim(burst);
        else
            b->milli += (int64_t)(passed_ms * rate);
    }
    if (mono_ms > b->last_ms) b->last_ms = mono_ms;
}

bool mw_bucket_take(struct mw_bucket *b, uint32_t rate, uint32_t burst, int64_t mono_ms, int64_t *wait_ms) {
    if (rate == 0) return true;
    refill(b, rate, burst, mono_ms);
    if (b->milli >= TOKEN) {
        b->milli -= TOKEN;
        return true;
    }
    if (wait_ms) *wait_ms = (TOKEN - b->milli + rate - 1) / rate;
    return false;
}
