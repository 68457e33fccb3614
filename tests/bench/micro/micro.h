/* One operation, again and again: nanoseconds and allocations of each. */
#ifndef MICRO_H
#define MICRO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct micro {
    const char *name;
    bool (*prepare)(void); /* once before; may be NULL */
    bool (*run)(void);     /* one operation; false: it did not do what it should */
    size_t (*bytes)(void); /* how many it works on, for the column ns/byte; may be NULL */
    uint64_t allocs_max;   /* more for one operation are a defect */
};

/* Each ends with a row without a name. */
extern const struct micro micro_skey[], micro_json[], micro_m1[], micro_plugin[];

/* Calls of malloc, calloc and realloc so far. */
uint64_t alloc_count(void);
/* To be called before anything else: libcrypto and cJSON are counted too. */
bool alloc_count_libraries(void);

#endif
