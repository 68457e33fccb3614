/* Refusals go to the log, but anybody may have himself refused as often as he likes: so many lines a second, and the
 * next one says how many were left out. */
#ifndef REFUSAL_LOG_H
#define REFUSAL_LOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define REFUSAL_LINES_A_SECOND 20U

/* All zero at first. */
struct refusal_log {
    atomic_uint_fast64_t window; /* the second of the last line, and in the low byte how many it has had */
    atomic_uint_fast64_t unsaid;
};

/* True: this refusal has its line, and *unsaid is how many had none since the last. Any thread. mono_ms: not negative.
 */
bool refusal_log_take(struct refusal_log *r, int64_t mono_ms, uint64_t *unsaid);

#endif
