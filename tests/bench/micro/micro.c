#include "micro.h"

#include "mw/parse.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define ROUNDS 5 /* the best one counts: everything else on the machine only ever adds */
#define ROUND_NS 100000000

static const struct micro *const tables[] = {micro_skey, micro_json, micro_m1, micro_plugin};

static const char usage[] = "Usage: mw-micro [--times N] [NAME]\n"
                            "\n"
                            "Measures each operation whose name holds NAME: nanoseconds (the best of five rounds) and\n"
                            "allocations. With --times it runs each N times and does not measure: for callgrind and\n"
                            "for the test that nothing allocates more than it should.\n";

static int64_t now_ns(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool run_times(const struct micro *m, uint64_t times) {
    while (times-- > 0)
        if (!m->run()) return false;
    return true;
}

/* As many as take a round's time, found by doubling. */
static bool find_times(const struct micro *m, uint64_t *out) {
    for (uint64_t times = 16;; times *= 2) {
        const int64_t start = now_ns();
        if (!run_times(m, times)) return false;
        const int64_t took = now_ns() - start;
        if (took < ROUND_NS / 4) continue;
        *out = times * 4;
        return true;
    }
}

static bool measure(const struct micro *m, uint64_t allocs) {
    uint64_t times = 0;
    double best_ns = 0;
    if (!find_times(m, &times)) return false;
    for (int round = 0; round < ROUNDS; round++) {
        const int64_t start = now_ns();
        if (!run_times(m, times)) return false;
        const double ns = (double)(now_ns() - start) / (double)times;
        if (round == 0 || ns < best_ns) best_ns = ns;
    }
    (void)printf("%-44s %10.0f ns %6" PRIu64 " allocations", m->name, best_ns, allocs);
    if (m->bytes) (void)printf(" %8zu bytes %6.2f ns/byte", m->bytes(), best_ns / (double)m->bytes());
    (void)putchar('\n');
    return true;
}

static bool judge(const struct micro *m, uint64_t times) {
    if ((m->prepare && !m->prepare()) || !m->run()) return false; /* once before: caches are made */
    const uint64_t before = alloc_count();
    if (!m->run()) return false;
    const uint64_t allocs = alloc_count() - before;
    if (allocs > m->allocs_max) {
        (void)printf("%s: %" PRIu64 " allocations, at most %" PRIu64 " wanted\n", m->name, allocs, m->allocs_max);
        return false;
    }
    return times > 0 ? run_times(m, times) : measure(m, allocs);
}

int main(int argc, char **argv) {
    uint64_t times = 0;
    int status = 0;
    if (argc > 2 && mw_str_eq(mw_cstr(argv[1]), MW_STR("--times"))) {
        if (mw_parse_u64(mw_cstr(argv[2]), UINT32_MAX, &times) != MW_OK) argc = 0;
        argc -= 2;
        argv += 2;
    }
    if (argc < 1 || argc > 2 || (argc == 2 && argv[1][0] == '-')) {
        (void)fputs(usage, stderr);
        return 2;
    }
    if (!alloc_count_libraries()) return 1;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (const struct micro *m = tables[i]; m->name; m++) {
            if ((argc == 2 && !strstr(m->name, argv[1])) || judge(m, times)) continue;
            (void)printf("%s: FAILED\n", m->name);
            status = 1;
        }
    return status;
}
