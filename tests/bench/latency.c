#include "latency.h"

#include <math.h>

#define SUB_BITS 5 /* 32 buckets for each power of two */
#define SUB (1U << SUB_BITS)

static unsigned bucket_of(uint64_t us) {
    if (us < UINT64_C(2) * SUB) return (unsigned)us;
    unsigned power = 63U - (unsigned)__builtin_clzll(us) - SUB_BITS; /* us >> power lies in [SUB, 2 SUB) */
    unsigned bucket = (power + 1) * SUB + (unsigned)(us >> power) - SUB;
    return bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1;
}

static uint64_t bucket_low(unsigned bucket) {
    if (bucket < 2 * SUB) return bucket;
    unsigned power = bucket / SUB - 1;
    return (uint64_t)(bucket % SUB + SUB) << power;
}

void latency_add(struct latency *l, int64_t us) {
    uint64_t v = us > 0 ? (uint64_t)us : 0;
    l->count++;
    if (v > l->max_us) l->max_us = v;
    l->buckets[bucket_of(v)]++;
}

uint64_t latency_percentile(const struct latency *l, double percent) {
    uint64_t want = (uint64_t)ceil((double)l->count * percent / 100.0), seen = 0;
    for (unsigned i = 0; i < LATENCY_BUCKETS; i++) {
        seen += l->buckets[i];
        if (seen >= want && seen > 0) return bucket_low(i);
    }
    return 0;
}
