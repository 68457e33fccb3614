#include "readers.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct readers {
    pthread_mutex_t lock;
    struct mw_str url;
    size_t opened, idle;
    struct mw_store *stores[]; /* the first `idle` are free. NULL: its file went away */
};

enum mw_err readers_open(struct mw_str url, size_t count, struct readers **out, struct mw_store_error *err) {
    struct readers *r = calloc(1, sizeof *r + count * sizeof(struct mw_store *));
    if (!r) {
        (void)snprintf(err->text, sizeof err->text, "no memory");
        return MW_ENOMEM;
    }
    (void)pthread_mutex_init(&r->lock, NULL);
    r->url = url;
    enum mw_err rc = MW_OK;
    while (rc == MW_OK && r->opened < count) {
        rc = mw_store_open(url, MW_STORE_READ, &r->stores[r->opened], err);
        if (rc == MW_OK) r->idle = ++r->opened;
    }
    if (rc == MW_OK)
        *out = r;
    else
        readers_close(&r);
    return rc;
}

void readers_close(struct readers **r) {
    if (!*r) return;
    for (size_t i = 0; i < (*r)->opened; i++)
        mw_store_close(&(*r)->stores[i]);
    (void)pthread_mutex_destroy(&(*r)->lock);
    free(*r);
    *r = NULL;
}

static void give_back(struct readers *r, struct mw_store *st) {
    (void)pthread_mutex_lock(&r->lock);
    r->stores[r->idle++] = st;
    (void)pthread_mutex_unlock(&r->lock);
}

/* MW_ENOENT would mean that the session is not there: what is away is not known. */
static enum mw_err find_again(struct readers *r, struct mw_store **st) {
    struct mw_store_error why;
    return mw_store_open(r->url, MW_STORE_READ, st, &why) == MW_OK ? MW_OK : MW_EIO;
}

static enum mw_err take(struct readers *r, struct mw_store **out) {
    struct mw_store *st = NULL;
    (void)pthread_mutex_lock(&r->lock);
    bool free_one = r->idle > 0;
    if (free_one) st = r->stores[--r->idle];
    (void)pthread_mutex_unlock(&r->lock);
    if (!free_one) return MW_EBUSY;
    if (st && !mw_store_in_place(st)) mw_store_close(&st);
    enum mw_err err = st ? MW_OK : find_again(r, &st);
    if (err == MW_OK)
        *out = st;
    else
        give_back(r, st);
    return err;
}

enum mw_err readers_find_session(struct readers *r, struct mw_str sid, struct mw_session *out) {
    struct mw_store *st = NULL;
    enum mw_err err = take(r, &st);
    if (err != MW_OK) return err;
    err = mw_store_find_session(st, sid, out);
    give_back(r, st);
    return err;
}

enum mw_err readers_list_sessions(struct readers *r, struct mw_str uid, struct mw_str after,
                                  struct mw_session_brief *out, size_t cap, size_t *count) {
    struct mw_store *st = NULL;
    enum mw_err err = take(r, &st);
    if (err != MW_OK) return err;
    err = mw_store_list_sessions(st, uid, after, out, cap, count);
    give_back(r, st);
    return err;
}

enum mw_err readers_count_sessions(struct readers *r, int64_t now_s, int64_t *count) {
    struct mw_store *st = NULL;
    enum mw_err err = take(r, &st);
    if (err != MW_OK) return err;
    err = mw_store_count_sessions(st, now_s, count);
    give_back(r, st);
    return err;
}

enum mw_err readers_find_user(struct readers *r, struct mw_str uid) {
    struct mw_store *st = NULL;
    enum mw_err err = take(r, &st);
    if (err != MW_OK) return err;
    err = mw_store_find_user(st, uid);
    give_back(r, st);
    return err;
}

enum mw_err readers_ping(struct readers *r) {
    struct mw_store *st = NULL;
    enum mw_err err = take(r, &st);
    if (err != MW_OK) return err;
    err = mw_store_ping(st);
    give_back(r, st);
    return err;
}
