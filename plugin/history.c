#include "history.h"

#include <stdlib.h>
#include <utlist.h>

#define RING_MIN 4

struct message {
    int64_t id, time_ms;
    size_t len;
    char uid[MW_UID_LEN + 1];
    char m2[];
};

struct past_room {
    UT_hash_handle hh;
    struct past_room *prev, *next;
    struct message **ring; /* cap of them, a power of two */
    uint32_t cap, first, count;
    int64_t newest; /* also when that message was removed: its id does not come back */
    char name[];
};

/* What malloc takes for it. */
static size_t chunk(size_t size) {
    size_t taken = (size + sizeof(size_t) + 15) & ~(size_t)15;
    return taken < 32 ? 32 : taken;
}

static size_t cost_of_table(size_t buckets) {
    return chunk(sizeof(UT_hash_table)) + chunk(buckets * sizeof(UT_hash_bucket));
}
static size_t cost_of_ring(size_t cap) {
    return chunk(cap * sizeof(struct message *));
}
static size_t cost_of_room(size_t name_len) {
    return chunk(sizeof(struct past_room) + name_len);
}
static size_t cost_of_message(size_t m2_len) {
    return chunk(sizeof(struct message) + m2_len);
}

/* With nothing else there. */
static size_t cost_alone(size_t name_len, size_t m2_len) {
    return cost_of_table(HASH_INITIAL_NUM_BUCKETS) + cost_of_room(name_len) + cost_of_ring(RING_MIN) +
           cost_of_message(m2_len);
}

static struct past_room *find_room(const struct history *h, struct mw_str name) {
    struct past_room *r = NULL;
    if (name.ptr) HASH_FIND(hh, h->rooms, name.ptr, name.len, r);
    return r;
}

static struct message **slot(const struct past_room *r, uint32_t i) {
    return &r->ring[(r->first + i) & (r->cap - 1)];
}

static uint32_t count_below(const struct past_room *r, int64_t id) {
    uint32_t low = 0, high = r->count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if ((*slot(r, mid))->id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static bool is_at(const struct past_room *r, uint32_t i, int64_t id) {
    return i < r->count && (*slot(r, i))->id == id;
}

static void drop_message(struct history *h, struct message *m) {
    h->bytes -= cost_of_message(m->len);
    h->count--;
    free(m);
}

static void drop_oldest(struct history *h, struct past_room *r) {
    drop_message(h, *slot(r, 0));
    r->first++;
    r->count--;
}

static void drop_room(struct history *h, struct past_room *r) {
    while (r->count > 0)
        drop_oldest(h, r);
    DL_DELETE(h->recent, r);
    h->bytes -= cost_of_table(r->hh.tbl->num_buckets);
    HASH_DEL(h->rooms, r);
    if (h->rooms) h->bytes += cost_of_table(h->rooms->hh.tbl->num_buckets);
    h->bytes -= cost_of_room(r->hh.keylen) + cost_of_ring(r->cap);
    free(r->ring);
    free(r);
}

static struct past_room *new_room(struct history *h, struct mw_str name) {
    struct past_room *r = calloc(1, sizeof *r + name.len);
    if (r == NULL) return NULL;
    memcpy(r->name, name.ptr, name.len);
    r->cap = RING_MIN;
    r->ring = malloc(RING_MIN * sizeof(struct message *));
    if (r->ring == NULL) goto fail;
    if (h->rooms) h->bytes -= cost_of_table(h->rooms->hh.tbl->num_buckets);
    HASH_ADD_KEYPTR(hh, h->rooms, r->name, name.len, r);
    if (h->rooms) h->bytes += cost_of_table(h->rooms->hh.tbl->num_buckets);
    if (r->hh.tbl == NULL) goto fail;
    DL_PREPEND(h->recent, r);
    h->bytes += cost_of_room(name.len) + cost_of_ring(RING_MIN);
    return r;
fail:
    free(r->ring);
    free(r);
    return NULL;
}

static void use(struct history *h, struct past_room *r) {
    if (h->recent == r) return;
    DL_DELETE(h->recent, r);
    DL_PREPEND(h->recent, r);
}

/* Room for one more in the ring. */
static bool widen(struct history *h, struct past_room *r) {
    if (r->count < r->cap) return true;
    struct message **wide = malloc(2 * r->cap * sizeof(struct message *));
    if (wide == NULL) return false;
    for (uint32_t i = 0; i < r->count; i++)
        wide[i] = *slot(r, i);
    free(r->ring);
    h->bytes += cost_of_ring(2 * r->cap) - cost_of_ring(r->cap);
    r->ring = wide;
    r->first = 0;
    r->cap *= 2;
    return true;
}

static struct message *copy_of(const struct past *p) {
    struct message *m = malloc(sizeof *m + p->m2.len);
    if (m == NULL) return NULL;
    m->id = p->id;
    m->time_ms = p->time_ms;
    m->len = p->m2.len;
    memcpy(m->uid, p->uid, sizeof m->uid);
    memcpy(m->m2, p->m2.ptr, p->m2.len);
    return m;
}

/* `last` is the room used last. One message in it fits for sure: it takes half of the limit at most, and a ring and a
 * table that have grown are small beside what made them grow. */
static void keep_within_limit(struct history *h, struct past_room *last) {
    while (h->bytes > h->limit && h->recent->prev != last)
        drop_room(h, h->recent->prev);
    while (h->bytes > h->limit && last->count > 1)
        drop_oldest(h, last);
}

enum mw_err history_add(struct history *h, struct mw_str name, const struct past *message) {
    if (name.ptr == NULL || name.len == 0 || name.len > MW_ROOM_MAX) return MW_EINVAL;
    if (message->m2.ptr == NULL || message->id <= 0) return MW_EINVAL;
    if (cost_alone(name.len, message->m2.len) > h->limit / 2) return MW_ETOOBIG;
    struct past_room *r = find_room(h, name);
    if (r && message->id <= r->newest) return MW_EEXIST;

    struct message *m = copy_of(message);
    if (m == NULL) return MW_ENOMEM;
    if (r == NULL) r = new_room(h, name);
    if (r == NULL) goto fail;
    if (r->count == HISTORY_PER_ROOM) drop_oldest(h, r);
    if (!widen(h, r)) goto fail;
    *slot(r, r->count++) = m;
    r->newest = m->id;
    h->bytes += cost_of_message(m->len);
    h->count++;
    use(h, r);
    keep_within_limit(h, r);
    return MW_OK;
fail:
    if (r && r->count == 0) drop_room(h, r);
    free(m);
    return MW_ENOMEM;
}

static void fill(const struct message *m, struct past *out) {
    out->id = m->id;
    out->time_ms = m->time_ms;
    memcpy(out->uid, m->uid, sizeof out->uid);
    out->m2 = mw_bytes(m->m2, m->len);
}

static uint32_t at_most(size_t max, uint32_t there) {
    return max < there ? (uint32_t)max : there;
}

static size_t hand_out(struct history *h, struct past_room *r, uint32_t from, uint32_t count, history_each_fn *each,
                       void *ctx) {
    struct past p;
    use(h, r);
    for (uint32_t i = from; i < from + count; i++) {
        fill(*slot(r, i), &p);
        each(ctx, &p);
    }
    return count;
}

size_t history_last(struct history *h, struct mw_str room, size_t max, history_each_fn *each, void *ctx) {
    struct past_room *r = find_room(h, room);
    if (r == NULL) return 0;
    uint32_t count = at_most(max, r->count);
    return hand_out(h, r, r->count - count, count, each, ctx);
}

size_t history_before(struct history *h, struct mw_str room, int64_t before, size_t max, history_each_fn *each,
                      void *ctx) {
    struct past_room *r = find_room(h, room);
    if (r == NULL) return 0;
    uint32_t end = count_below(r, before), count = at_most(max, end);
    return hand_out(h, r, end - count, count, each, ctx);
}

size_t history_after(struct history *h, struct mw_str room, int64_t after, size_t max, history_each_fn *each,
                     void *ctx) {
    struct past_room *r = find_room(h, room);
    if (r == NULL) return 0;
    uint32_t from = count_below(r, after);
    if (is_at(r, from, after)) from++;
    return hand_out(h, r, from, at_most(max, r->count - from), each, ctx);
}

bool history_find(const struct history *h, struct mw_str room, int64_t id, struct past *out) {
    const struct past_room *r = find_room(h, room);
    if (r == NULL) return false;
    uint32_t i = count_below(r, id);
    if (!is_at(r, i, id)) return false;
    fill(*slot(r, i), out);
    return true;
}

bool history_remove(struct history *h, struct mw_str room, int64_t id) {
    struct past_room *r = find_room(h, room);
    if (r == NULL) return false;
    uint32_t i = count_below(r, id);
    if (!is_at(r, i, id)) return false;
    drop_message(h, *slot(r, i));
    /* Towards the newer end: what is taken back is recent, so there are few. */
    for (r->count--; i < r->count; i++)
        *slot(r, i) = *slot(r, i + 1);
    if (r->count == 0) drop_room(h, r);
    return true;
}

int64_t history_newest_id(const struct history *h) {
    int64_t newest = 0;
    for (const struct past_room *r = h->recent; r; r = r->next)
        if (r->newest > newest) newest = r->newest;
    return newest;
}

void history_free(struct history *h) {
    struct past_room *r, *next;
    HASH_ITER(hh, h->rooms, r, next) drop_room(h, r);
}
