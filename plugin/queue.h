/* A bounded queue of pointers between two threads, one that puts and one that gets. Neither ever waits. */
#ifndef PLUGIN_QUEUE_H
#define PLUGIN_QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct queue {
    _Atomic size_t put, got; /* counts that only rise; each is written by one side */
    size_t size;
    void **slots;
};

/* An empty one over memory of the caller: `size` slots, a power of two. Before the threads meet. */
static inline void queue_over(struct queue *q, void **slots, size_t size) {
    atomic_init(&q->put, 0);
    atomic_init(&q->got, 0);
    q->size = size;
    q->slots = slots;
}

/* How many are in it: for the side that puts at most so many, for the one that gets at least. */
static inline size_t queue_count(struct queue *q) {
    size_t got = atomic_load_explicit(&q->got, memory_order_acquire);
    return atomic_load_explicit(&q->put, memory_order_acquire) - got;
}

/* False: full. */
static inline bool queue_put(struct queue *q, void *item) {
    size_t put = atomic_load_explicit(&q->put, memory_order_relaxed);
    if (put - atomic_load_explicit(&q->got, memory_order_acquire) == q->size) return false;
    q->slots[put & (q->size - 1)] = item;
    atomic_store_explicit(&q->put, put + 1, memory_order_release);
    return true;
}

/* NULL: empty. */
static inline void *queue_get(struct queue *q) {
    size_t got = atomic_load_explicit(&q->got, memory_order_relaxed);
    if (got == atomic_load_explicit(&q->put, memory_order_acquire)) return NULL;
    void *item = q->slots[got & (q->size - 1)];
    atomic_store_explicit(&q->got, got + 1, memory_order_release);
    return item;
}

#endif
