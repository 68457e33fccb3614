#include "refusal_log.h"

_Static_assert(REFUSAL_LINES_A_SECOND < 256, "the count of a second fits the low byte");

bool refusal_log_take(struct refusal_log *r, int64_t mono_ms, uint64_t *unsaid) {
    const uint64_t second = (uint64_t)mono_ms / 1000;
    uint_fast64_t seen = atomic_load(&r->window), next;
    do {
        const uint64_t lines = seen >> 8 == second ? seen & 0xff : 0;
        if (lines == REFUSAL_LINES_A_SECOND) {
            atomic_fetch_add(&r->unsaid, 1);
            return false;
        }
        next = second << 8 | (lines + 1);
    } while (!atomic_compare_exchange_weak(&r->window, &seen, next));
    *unsaid = atomic_exchange(&r->unsaid, 0);
    return true;
}
