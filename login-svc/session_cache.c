#include "session_cache.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define SHARDS 64U
#define SETS 48U /* of a shard: 24,576 sessions in 2.0 MB */
#define WAYS 8U  /* of a set: so many sessions may meet in one before one of them has to go */

struct slot {
    uint64_t mark; /* 0: empty */
    struct session_owner owner;
};

struct shard {
    pthread_mutex_t lock;
    unsigned victim; /* the way that goes next when all are in use */
    struct slot sets[SETS][WAYS];
};

struct session_cache {
    atomic_uint_fast64_t mark;
    atomic_int_fast64_t fresh_until_ms;
    struct shard shards[SHARDS];
};

struct session_owner session_owner_of(const struct mw_session *session) {
    struct session_owner owner = {.expires_s = session->expires_s,
                                  .banned_until_s = session->banned_until_s,
                                  .profile_print = mw_profile_print(&session->profile)};
    memcpy(owner.sid, session->sid, sizeof owner.sid);
    memcpy(owner.uid, session->uid, sizeof owner.uid);
    return owner;
}

enum mw_err session_cache_new(struct session_cache **out) {
    struct session_cache *c = calloc(1, sizeof *c);
    if (!c) return MW_ENOMEM;
    atomic_init(&c->mark, 1);
    for (size_t i = 0; i < SHARDS; i++)
        (void)pthread_mutex_init(&c->shards[i].lock, NULL);
    *out = c;
    return MW_OK;
}

void session_cache_free(struct session_cache **c) {
    if (!*c) return;
    for (size_t i = 0; i < SHARDS; i++)
        (void)pthread_mutex_destroy(&(*c)->shards[i].lock);
    free(*c);
    *c = NULL;
}

/* FNV-1a. Sids are random, and were signed by us: nobody can choose two that meet. */
static uint32_t hash(struct mw_str sid) {
    uint32_t h = 2166136261U;
    for (size_t i = 0; i < sid.len; i++)
        h = (h ^ (unsigned char)sid.ptr[i]) * 16777619U;
    return h ^ h >> 16;
}

static struct shard *shard_of(struct session_cache *c, uint32_t h) {
    return &c->shards[h % SHARDS];
}

static struct slot *set_of(struct shard *shard, uint32_t h) {
    return shard->sets[h / SHARDS % SETS];
}

bool session_cache_get(struct session_cache *c, struct mw_str sid, int64_t mono_ms, struct session_owner *out) {
    if (mono_ms >= atomic_load_explicit(&c->fresh_until_ms, memory_order_acquire)) return false;
    uint32_t h = hash(sid);
    struct shard *shard = shard_of(c, h);
    const struct slot *set = set_of(shard, h);
    bool found = false;
    (void)pthread_mutex_lock(&shard->lock);
    uint64_t mark = session_cache_mark(c);
    for (size_t i = 0; i < WAYS && !found; i++) {
        found = set[i].mark == mark && mw_str_eq(mw_cstr(set[i].owner.sid), sid);
        if (found) *out = set[i].owner;
    }
    (void)pthread_mutex_unlock(&shard->lock);
    return found;
}

uint64_t session_cache_mark(const struct session_cache *c) {
    return atomic_load_explicit(&c->mark, memory_order_acquire);
}

/* The session's own slot, one that no longer counts, or the next to go. */
static struct slot *choose(struct shard *shard, struct slot *set, uint64_t mark, struct mw_str sid) {
    struct slot *stale = NULL;
    for (size_t i = 0; i < WAYS; i++) {
        if (mw_str_eq(mw_cstr(set[i].owner.sid), sid)) return &set[i];
        if (set[i].mark != mark) stale = &set[i];
    }
    return stale ? stale : &set[shard->victim++ % WAYS];
}

void session_cache_put(struct session_cache *c, uint64_t mark, const struct session_owner *owner) {
    struct mw_str sid = mw_cstr(owner->sid);
    uint32_t h = hash(sid);
    struct shard *shard = shard_of(c, h);
    (void)pthread_mutex_lock(&shard->lock);
    *choose(shard, set_of(shard, h), mark, sid) = (struct slot){mark, *owner};
    (void)pthread_mutex_unlock(&shard->lock);
}

void session_cache_forget(struct session_cache *c) {
    atomic_fetch_add_explicit(&c->mark, 1, memory_order_acq_rel);
}

void session_cache_confirm(struct session_cache *c, int64_t looked_ms) {
    atomic_store_explicit(&c->fresh_until_ms, looked_ms + SESSION_CACHE_FRESH_MS, memory_order_release);
}
