/* A binary heap of what is due when. Intrusive: the node lives in what it times, so the heap owns nothing but its array
 * of pointers. */
#ifndef MW_EXPIRY_H
#define MW_EXPIRY_H

#include "mw/err.h"

#include <stddef.h>
#include <stdint.h>

struct mw_expiry {
    int64_t at_ms;
    size_t slot; /* 1-based place in the heap; 0: not in it */
};

struct mw_expiry_heap {
    struct mw_expiry **nodes;
    size_t count, cap;
};

/* Puts the node in, or moves it when it is in already. MW_ENOMEM: a new node was not put in. */
MW_MUST_CHECK enum mw_err mw_expiry_set(struct mw_expiry_heap *h, struct mw_expiry *node, int64_t at_ms);
/* No-op when the node is not in the heap. */
void mw_expiry_remove(struct mw_expiry_heap *h, struct mw_expiry *node);
/* Takes out and returns the earliest node with at_ms <= now_ms, or NULL. With nothing due: two compares. */
struct mw_expiry *mw_expiry_pop(struct mw_expiry_heap *h, int64_t now_ms);
void mw_expiry_heap_free(struct mw_expiry_heap *h);

#endif
