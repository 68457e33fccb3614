/* A bounded queue of pointers between two threads, one that puts and one that gets. Neither ever waits. */
#ifndef PLUGIN_QUEUE_H
#define PLUGIN_QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#define QUEUE_SLOTS 256 /* a power of two */

/* Zeroed is empty. */
struct queue {
    _Atomic size_t put, got; /* counts that only rise; each is written by one side */
    void *slots[QUEUE_SLOTS];
};

/* False: full. */
static inline bool queue_put(struct queue *q, void *item) {
    size_t put = atomic_load_explicit(&q->put, memory_order_relaxed);
    if (put - atomic_load_explicit(&q->got, memory_order_acquire) == QUEUE_SLOTS) return false;
    q->slots[put % QUEUE_SLOTS] = item;
    atomic_store_explicit(&q->put, put + 1, memory_order_release);
    return true;
}

/* NULL: empty. */
static inline void *queue_get(struct queue *q) {
    size_t got = atomic_load_explicit(&q->got, memory_order_relaxed);
    if (got == atomic_load_explicit(&q->put, memory_order_acquire)) return NULL;
    void *item = q->slots[got % QUEUE_SLOTS];
    atomic_store_explicit(&q->got, got + 1, memory_order_release);
    return item;
}

#endif
