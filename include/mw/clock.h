/* Time is handed in. Names carry kind and unit: _at_s is an instant (Unix seconds), _ms a span or Unix milliseconds. */
#ifndef MW_CLOCK_H
#define MW_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct mw_clock {
    int64_t (*unix_ms)(void *ctx); /* wall clock, may step */
    int64_t (*mono_ms)(void *ctx); /* never steps back */
    void *ctx;
};

/* Both >= 0; saturates. */
static inline int64_t mw_add_sat(int64_t a, int64_t b) {
    return b > INT64_MAX - a ? INT64_MAX : a + b;
}
/* A session, skey or code with this end is valid while now < exp. */
static inline bool mw_expired(int64_t expires_at_s, int64_t now_s) {
    return now_s >= expires_at_s;
}

#endif
