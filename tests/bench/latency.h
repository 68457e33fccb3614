/* Percentiles of many durations in little memory: buckets that are at most 1/32 wide of their value. */
#ifndef BENCH_LATENCY_H
#define BENCH_LATENCY_H

#include <stdint.h>

#define LATENCY_BUCKETS 1024

struct latency {
    uint64_t count, max_us;
    uint64_t buckets[LATENCY_BUCKETS];
};

void latency_add(struct latency *l, int64_t us);
/* The smallest duration that at least `percent` of all do not pass; 0 when there are none. */
uint64_t latency_percentile(const struct latency *l, double percent);

#endif
