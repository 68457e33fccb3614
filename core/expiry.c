#include "mw/expiry.h"

#include <stdlib.h>

#define FIRST_CAP 16

static void place(struct mw_expiry_heap *h, size_t slot, struct mw_expiry *node) {
    h->nodes[slot - 1] = node;
    node->slot = slot;
}

/* Both move a hole from `slot` until `node` fits into it, and put the node there. */
static void sift_up(struct mw_expiry_heap *h, size_t slot, struct mw_expiry *node) {
    while (slot > 1 && h->nodes[slot / 2 - 1]->at_ms > node->at_ms) {
        place(h, slot, h->nodes[slot / 2 - 1]);
        slot /= 2;
    }
    place(h, slot, node);
}

static void sift_down(struct mw_expiry_heap *h, size_t slot, struct mw_expiry *node) {
    while (slot <= h->count / 2) {
        size_t child = slot * 2;
        if (child < h->count && h->nodes[child]->at_ms < h->nodes[child - 1]->at_ms) child++;
        if (h->nodes[child - 1]->at_ms >= node->at_ms) break;
        place(h, slot, h->nodes[child - 1]);
        slot = child;
    }
    place(h, slot, node);
}

static void settle(struct mw_expiry_heap *h, size_t slot, struct mw_expiry *node) {
    if (slot > 1 && h->nodes[slot / 2 - 1]->at_ms > node->at_ms)
        sift_up(h, slot, node);
    else
        sift_down(h, slot, node);
}

static enum mw_err grow(struct mw_expiry_heap *h) {
    const size_t cap = h->cap > 0 ? h->cap * 2 : FIRST_CAP;
    if (cap > SIZE_MAX / sizeof(struct mw_expiry *)) return MW_ENOMEM;
    struct mw_expiry **nodes = realloc(h->nodes, cap * sizeof(struct mw_expiry *));
    if (!nodes) return MW_ENOMEM;
    h->nodes = nodes;
    h->cap = cap;
    return MW_OK;
}

enum mw_err mw_expiry_set(struct mw_expiry_heap *h, struct mw_expiry *node, int64_t at_ms) {
    if (node->slot == 0) {
        if (h->count == h->cap && grow(h) != MW_OK) return MW_ENOMEM;
        node->slot = ++h->count;
    }
    node->at_ms = at_ms;
    settle(h, node->slot, node);
    return MW_OK;
}

void mw_expiry_remove(struct mw_expiry_heap *h, struct mw_expiry *node) {
    const size_t slot = node->slot;
    if (slot == 0) return;
    struct mw_expiry *last = h->nodes[--h->count];
    node->slot = 0;
    if (last != node) settle(h, slot, last);
}

struct mw_expiry *mw_expiry_pop(struct mw_expiry_heap *h, int64_t now_ms) {
    if (h->count == 0 || h->nodes[0]->at_ms > now_ms) return NULL;
    struct mw_expiry *first = h->nodes[0];
    mw_expiry_remove(h, first);
    return first;
}

void mw_expiry_heap_free(struct mw_expiry_heap *h) {
    for (size_t i = 0; i < h->count; i++)
        h->nodes[i]->slot = 0;
    free(h->nodes);
    *h = (struct mw_expiry_heap){0};
}
