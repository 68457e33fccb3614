/* A token bucket: `rate` per second, at most `burst` at once. Counted in thousandths so that no time is lost to
 * rounding. */
#ifndef MW_BUCKET_H
#define MW_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct mw_bucket {
    int64_t milli;   /* thousandths of a token */
    int64_t last_ms; /* monotonic */
};

/* Full: a burst of 0 counts as 1, else nothing would ever pass. */
void mw_bucket_fill(struct mw_bucket *b, uint32_t burst, int64_t mono_ms);
/* Takes one. When there is none: false, and *wait_ms (may be NULL) is how long until there is one. rate 0: always true.
 */
bool mw_bucket_take(struct mw_bucket *b, uint32_t rate, uint32_t burst, int64_t mono_ms, int64_t *wait_ms);

#endif
