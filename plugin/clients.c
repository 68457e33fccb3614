#include "clients.h"

#include "mw/clock.h"

#include <stdlib.h>
#include <utlist.h>

/* How long an entry is kept after its connection, for the will and the queue. */
#define KEEP_CLEAN_MS INT64_C(60000)                  /* nothing can be queued: the will at most */
#define IDLE_GROUP_MS INT64_C(120000)                 /* the slower bucket is full again by then, as options go */
#define KEEP_AWAY_MS (INT64_C(30) * 24 * 3600 * 1000) /* a persistent session, after its skey's end */

struct client *clients_find(struct clients *all, const struct mosquitto *ptr) {
    unsigned hash = clients_hash(ptr);
    struct client *found = clients_recent(all, ptr);
    if (found) return found;
    HASH_FIND_BYHASHVALUE(by_ptr, all->ptrs, &ptr, sizeof ptr, hash, found);
    if (found) all->recent[hash % RECENT_CLIENTS] = found;
    return found;
}

void clients_settle(struct client *c) {
    bool fine = c->connected && !(c->strict || c->learning || c->greeting) && c->subject.ended == MW_REASON_NONE &&
                c->subject.exp_s > LAST_SECONDS;
    c->carefree_until_s = fine ? c->subject.exp_s - LAST_SECONDS : 0;
}

struct client *clients_get(struct clients *all, const struct mosquitto *ptr) {
    struct client *c = clients_find(all, ptr);
    if (c == NULL) return NULL;
    bool same = mw_str_eq(host_client_id(ptr), mw_cstr(c->id)) &&
                mw_username_fits(host_username(ptr), mw_cstr(c->uid), mw_cstr(c->sid));
    return same ? c : NULL;
}

struct client *clients_holder(const struct clients *all, struct mw_str id) {
    struct client *found = NULL;
    if (id.ptr) HASH_FIND(by_id, all->ids, id.ptr, id.len, found);
    return found;
}

static int64_t ends_at_ms(int64_t exp_s) {
    return exp_s > INT64_MAX / 1000 ? INT64_MAX : exp_s * 1000;
}

static struct client_group *group_get(struct client_group **all, const char *name) {
    struct client_group *g = NULL;
    size_t len = mw_cstr(name).len;
    HASH_FIND(hh, *all, name, len, g);
    if (g) return g;
    g = calloc(1, sizeof *g);
    if (g == NULL || !mw_str_copy(g->name, sizeof g->name, mw_cstr(name))) goto fail;
    HASH_ADD_KEYPTR(hh, *all, g->name, len, g);
    if (g->hh.tbl) return g;
fail:
    free(g);
    return NULL;
}

static void group_free(struct clients *all, struct client_group **of, struct client_group *g) {
    HASH_DEL(*of, g);
    mw_expiry_remove(&all->idle, &g->idle);
    free(g);
}

/* Somebody who is back at once must not find the buckets full: a session's group waits. Without memory for that it
 * goes. */
static void group_put_back(struct clients *all, struct client_group **of, struct client_group *g) {
    if (g == NULL || g->members) return;
    bool waits = of == &all->sessions && mw_expiry_set(&all->idle, &g->idle, host_mono_ms() + IDLE_GROUP_MS) == MW_OK;
    if (!waits) group_free(all, of, g);
}

void clients_sweep(struct clients *all, int64_t mono_ms) {
    struct mw_expiry *due = mw_expiry_pop(&all->idle, mono_ms);
    for (; due; due = mw_expiry_pop(&all->idle, mono_ms)) {
        struct client_group *g = (struct client_group *)(void *)((char *)due - offsetof(struct client_group, idle));
        if (g->members == NULL) group_free(all, &all->sessions, g);
    }
}

static struct client *group_first(const struct client_group *all, struct mw_str name) {
    const struct client_group *g = NULL;
    if (name.ptr) HASH_FIND(hh, all, name.ptr, name.len, g);
    return g ? g->members : NULL;
}

struct client *clients_of_session(const struct clients *all, struct mw_str sid) {
    return group_first(all->sessions, sid);
}

struct client *clients_of_person(const struct clients *all, struct mw_str uid) {
    return group_first(all->persons, uid);
}

size_t clients_count(const struct clients *all, struct mw_str uid) {
    size_t count = 0;
    for (const struct client *c = clients_of_person(all, uid); c; c = c->person_next)
        count++;
    return count;
}

/* Out of the groups it is in, into these; both NULL: into none. Groups that nobody is in any more go. */
static void regroup(struct clients *all, struct client *c, struct client_group *session, struct client_group *person) {
    struct client_group *old_session = c->session, *old_person = c->person;
    if (old_session) DL_DELETE2(old_session->members, c, session_prev, session_next);
    if (old_person) DL_DELETE2(old_person->members, c, person_prev, person_next);
    if (session) DL_APPEND2(session->members, c, session_prev, session_next);
    if (session) mw_expiry_remove(&all->idle, &session->idle);
    if (person) DL_APPEND2(person->members, c, person_prev, person_next);
    c->session = session;
    c->person = person;
    group_put_back(all, &all->sessions, old_session);
    group_put_back(all, &all->persons, old_person);
}

static void set_from(struct client *c, char *text, size_t len) {
    free(c->from);
    c->from = text;
    c->from_len = len;
}

static char *make_from(struct mw_str uid, struct mw_str nick, struct mw_str avatar, size_t *len) {
    struct mw_from from;
    mw_from_make(uid, nick, avatar, &from);
    char *text = malloc(from.len);
    if (text == NULL) return NULL;
    memcpy(text, from.text, from.len);
    *len = from.len;
    return text;
}

static void fill_buckets(const struct clients *all, struct client_group *session) {
    mw_bucket_fill(&session->messages, all->message_burst, host_mono_ms());
    mw_bucket_fill(&session->entries, all->entry_burst, host_mono_ms());
}

/* Builds what depends on the claims, then swaps it in: on failure the entry is as it was. */
static enum mw_err take_claims(struct clients *all, struct client *c, const struct mw_claims *claims) {
    size_t from_len = 0, rooms_size = claims->rooms_count * sizeof claims->rooms[0];
    char *from = make_from(mw_cstr(claims->uid), mw_cstr(claims->name), mw_cstr(claims->picture), &from_len);
    char(*rooms)[MW_ROOM_MAX + 1] = rooms_size ? malloc(rooms_size) : NULL;
    struct client_group *session = group_get(&all->sessions, claims->sid);
    if (session && session->members == NULL && session->idle.slot == 0) fill_buckets(all, session);
    struct client_group *person = group_get(&all->persons, claims->uid);
    enum mw_err err = MW_ENOMEM;
    if (from == NULL || (rooms_size && rooms == NULL) || session == NULL || person == NULL) goto fail;
    err = mw_expiry_set(&all->due, &c->due, ends_at_ms(claims->exp_s));
    if (err != MW_OK) goto fail;

    regroup(all, c, session, person);
    if (rooms) memcpy(rooms, claims->rooms, rooms_size);
    memcpy(c->uid, claims->uid, sizeof c->uid);
    memcpy(c->sid, claims->sid, sizeof c->sid);
    set_from(c, from, from_len);
    free(c->rooms);
    c->rooms = rooms;
    c->subject = (struct mw_subject){
        .uid = mw_cstr(c->uid),
        .role = claims->role,
        .ended = MW_REASON_NONE,
        .exp_s = claims->exp_s,
        .grants = {(const char(*)[MW_ROOM_MAX + 1]) rooms, claims->rooms_count},
    };
    clients_settle(c);
    return MW_OK;
fail:
    free(from);
    free(rooms);
    group_put_back(all, &all->sessions, session);
    group_put_back(all, &all->persons, person);
    return err;
}

static void supersede(struct clients *all, struct client *c) {
    HASH_DELETE(by_id, all->ids, c);
    c->superseded = true;
}

static void release(struct clients *all, struct client *c) {
    mw_expiry_remove(&all->due, &c->due);
    regroup(all, c, NULL, NULL);
    rooms_end_all(all->rooms, &c->stays, LEAVE_WITH_GRACE, host_mono_ms());
    free(c->kept);
    free(c->from);
    free(c->rooms);
    free(c->id);
    free(c);
}

enum mw_err clients_add(struct clients *all, const struct client_is *is, struct client **out) {
    clients_forget(all, is->ptr);
    struct client *c = calloc(1, sizeof *c);
    if (c == NULL) return MW_ENOMEM;
    c->ptr = is->ptr;
    c->connected = true;
    c->extended = is->extended;
    mw_bucket_fill(&c->notices, NOTICES_PER_S, is->mono_ms);
    c->id = malloc(is->id.len + 1);
    if (c->id == NULL || !mw_str_copy(c->id, is->id.len + 1, is->id) || take_claims(all, c, is->claims) != MW_OK)
        goto fail;
    HASH_ADD_KEYPTR_BYHASHVALUE(by_ptr, all->ptrs, &c->ptr, sizeof c->ptr, clients_hash(c->ptr), c);
    if (c->by_ptr.tbl == NULL) goto fail;

    struct client *former = clients_holder(all, is->id);
    if (former) supersede(all, former);
    HASH_ADD_KEYPTR(by_id, all->ids, c->id, is->id.len, c);
    if (c->by_id.tbl == NULL) { /* nobody holds the id now, so nobody can be mistaken for its holder */
        c->superseded = true;
        clients_drop(all, c);
        return MW_ENOMEM;
    }
    *out = c;
    return MW_OK;
fail:
    release(all, c);
    return MW_ENOMEM;
}

/* It was told of an end that is none any more. */
static void untell(struct clients *all, struct client *c) {
    if (!c->told) return;
    DL_DELETE2(all->to_kick, c, kick_prev, kick_next);
    c->told = false;
}

void clients_schedule(struct clients *all, struct client *c, int64_t at_ms) {
    (void)(mw_expiry_set(&all->due, &c->due, at_ms) == MW_OK);
}

enum mw_err clients_renew(struct clients *all, struct client *c, const struct mw_claims *claims) {
    enum mw_err err = take_claims(all, c, claims);
    if (err == MW_OK) untell(all, c);
    return err;
}

void clients_extend(struct clients *all, struct client *c, int64_t exp_s) {
    if (c->subject.ended != MW_REASON_NONE && c->subject.ended != MW_REASON_EXPIRED) return;
    if (exp_s <= c->subject.exp_s) return;
    c->subject.exp_s = exp_s;
    c->subject.ended = MW_REASON_NONE;
    untell(all, c);
    clients_settle(c);
    if (c->connected) clients_schedule(all, c, ends_at_ms(exp_s));
}

enum mw_err clients_rename(struct client *c, struct mw_str nick, struct mw_str avatar) {
    size_t len = 0;
    char *from = make_from(mw_cstr(c->uid), nick, avatar, &len);
    if (from == NULL) return MW_ENOMEM;
    set_from(c, from, len);
    return MW_OK;
}

void clients_left(struct clients *all, struct client *c, bool ends_with_connection, int64_t unix_ms) {
    if (!c->connected) return;
    c->connected = false;
    clients_settle(c);
    bool short_life = ends_with_connection || c->superseded;
    int64_t from_ms = short_life || unix_ms > ends_at_ms(c->subject.exp_s) ? unix_ms : ends_at_ms(c->subject.exp_s);
    int64_t forget_at_ms = mw_add_sat(from_ms, short_life ? KEEP_CLEAN_MS : KEEP_AWAY_MS);
    clients_schedule(all, c, forget_at_ms);
}

void clients_forget(struct clients *all, const struct mosquitto *ptr) {
    struct client *c = clients_find(all, ptr);
    if (c) clients_drop(all, c);
}

void clients_drop(struct clients *all, struct client *c) {
    struct client **recent = &all->recent[clients_hash(c->ptr) % RECENT_CLIENTS];
    if (*recent == c) *recent = NULL;
    HASH_DELETE(by_ptr, all->ptrs, c);
    if (!c->superseded) HASH_DELETE(by_id, all->ids, c);
    untell(all, c);
    release(all, c);
}

void clients_free(struct clients *all) {
    struct client *c, *next;
    HASH_ITER(by_ptr, all->ptrs, c, next) clients_drop(all, c);
    mw_expiry_heap_free(&all->due);
    struct client_group *g = NULL, *next_group = NULL;
    HASH_ITER(hh, all->sessions, g, next_group) group_free(all, &all->sessions, g);
    mw_expiry_heap_free(&all->idle);
}
