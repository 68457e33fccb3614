#include "store_ops.h"

#include <stdio.h>
#include <stdlib.h>

struct mw_store {
    const struct store_ops *ops;
    void *ctx;
};

static const struct kind {
    struct mw_str scheme;
    const struct store_ops *ops;
    enum mw_err (*open)(struct mw_str where, enum mw_store_mode mode, void **ctx, struct mw_store_error *err);
    enum mw_err (*probe)(struct mw_str where, struct mw_store_error *err);
} kinds[] = {
    {{STORE_SQLITE_SCHEME, sizeof STORE_SQLITE_SCHEME - 1}, &store_sqlite_ops, store_sqlite_open, store_sqlite_probe},
};

/* NULL, and *err says so, when it is none of ours. */
static const struct kind *kind_of(struct mw_str url, struct mw_store_error *err) {
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (mw_str_starts(url, kinds[i].scheme)) return &kinds[i];
    (void)snprintf(err->text, sizeof err->text, "%s", STORE_NO_URL);
    return NULL;
}

enum mw_err store_wrap(const struct store_ops *ops, void *ctx, struct mw_store **out) {
    struct mw_store *st = malloc(sizeof *st);
    if (!st) return MW_ENOMEM;
    *st = (struct mw_store){ops, ctx};
    *out = st;
    return MW_OK;
}

enum mw_err mw_store_open(struct mw_str url, enum mw_store_mode mode, struct mw_store **out,
                          struct mw_store_error *err) {
    const struct kind *kind = kind_of(url, err);
    if (!kind) return MW_EINVAL;
    void *ctx = NULL;
    enum mw_err rc = kind->open(mw_str_skip(url, kind->scheme.len), mode, &ctx, err);
    if (rc != MW_OK) return rc;
    rc = store_wrap(kind->ops, ctx, out);
    if (rc != MW_OK) {
        kind->ops->close(ctx);
        (void)snprintf(err->text, sizeof err->text, "no memory");
    }
    return rc;
}

enum mw_err mw_store_probe(struct mw_str url, struct mw_store_error *err) {
    const struct kind *kind = kind_of(url, err);
    return kind ? kind->probe(mw_str_skip(url, kind->scheme.len), err) : MW_EINVAL;
}

void mw_store_close(struct mw_store **st) {
    if (!*st) return;
    (*st)->ops->close((*st)->ctx);
    free(*st);
    *st = NULL;
}

const char *mw_store_why(const struct mw_store *st) {
    return st->ops->why(st->ctx);
}

enum mw_err mw_store_begin(struct mw_store *st) {
    return st->ops->begin(st->ctx);
}

enum mw_err mw_store_commit(struct mw_store *st) {
    return st->ops->commit(st->ctx);
}

void mw_store_rollback(struct mw_store *st) {
    st->ops->rollback(st->ctx);
}

int64_t mw_store_written(const struct mw_store *st) {
    return st->ops->written(st->ctx);
}

bool mw_store_untouched(const struct mw_store *st, int64_t written) {
    return st->ops->untouched(st->ctx, written);
}

enum mw_err mw_store_add_session(struct mw_store *st, const struct mw_user *user, const struct mw_session *session,
                                 struct mw_profile *effective, bool *renamed) {
    return st->ops->add_session(st->ctx, user, session, effective, renamed);
}

enum mw_err mw_store_sweep(struct mw_store *st, int64_t now_s, uint32_t max, uint32_t *dropped) {
    return st->ops->sweep(st->ctx, now_s, max, dropped);
}

enum mw_err mw_store_find_session(struct mw_store *st, struct mw_str sid, struct mw_session *out) {
    return st->ops->find_session(st->ctx, sid, out);
}

enum mw_err mw_store_set_session_end(struct mw_store *st, struct mw_str sid, int64_t expires_s) {
    return st->ops->set_session_end(st->ctx, sid, expires_s);
}

enum mw_err mw_store_drop_session(struct mw_store *st, struct mw_str sid) {
    return st->ops->drop_session(st->ctx, sid);
}

enum mw_err mw_store_set_profile(struct mw_store *st, struct mw_str uid, const struct mw_profile *profile) {
    return st->ops->set_profile(st->ctx, uid, profile);
}

enum mw_err mw_store_list_sessions(struct mw_store *st, struct mw_str uid, struct mw_str after,
                                   struct mw_session_brief *out, size_t cap, size_t *count) {
    return st->ops->list_sessions(st->ctx, uid, after, out, cap, count);
}

enum mw_err mw_store_count_sessions(struct mw_store *st, int64_t now_s, int64_t *count) {
    return st->ops->count_sessions(st->ctx, now_s, count);
}

enum mw_err mw_store_find_user(struct mw_store *st, struct mw_str uid) {
    return st->ops->find_user(st->ctx, uid);
}

enum mw_err mw_store_ping(struct mw_store *st) {
    return st->ops->ping(st->ctx);
}

enum mw_err mw_store_append_change(struct mw_store *st, const struct mw_change *change, int64_t *seq) {
    return st->ops->append_change(st->ctx, change, seq);
}

enum mw_err mw_store_drop_changes(struct mw_store *st, int64_t now_s, uint32_t max, uint32_t *dropped) {
    return st->ops->drop_changes(st->ctx, now_s, max, dropped);
}

enum mw_err mw_store_read_changes(struct mw_store *st, int64_t after, struct mw_change *out, size_t cap,
                                  size_t *count) {
    return st->ops->read_changes(st->ctx, after, out, cap, count);
}

enum mw_err mw_store_find_change(struct mw_store *st, enum mw_change_type type, struct mw_str who, struct mw_str room,
                                 int64_t *until_s) {
    return st->ops->find_change(st->ctx, type, who, room, until_s);
}

enum mw_err mw_store_pulse(struct mw_store *st, int64_t *pulse) {
    return st->ops->pulse(st->ctx, pulse);
}

bool mw_store_in_place(const struct mw_store *st) {
    return st->ops->in_place(st->ctx);
}
