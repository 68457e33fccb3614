/* What a kind of store implements. Each function has the contract of its namesake in mw/store.h. */
#ifndef STORE_OPS_H
#define STORE_OPS_H

#include "mw/store.h"

#define STORE_SQLITE_SCHEME "sqlite:"
#define STORE_NO_URL "not a store: write sqlite:/path/to/file"

struct store_ops {
    void (*close)(void *ctx);
    const char *(*why)(const void *ctx);
    enum mw_err (*begin)(void *ctx);
    enum mw_err (*commit)(void *ctx);
    void (*rollback)(void *ctx);
    int64_t (*written)(const void *ctx);
    bool (*untouched)(const void *ctx, int64_t written);
    enum mw_err (*add_session)(void *ctx, const struct mw_user *user, const struct mw_session *session,
                               struct mw_profile *effective, bool *renamed);
    enum mw_err (*sweep)(void *ctx, int64_t now_s, uint32_t max, uint32_t *dropped);
    enum mw_err (*find_session)(void *ctx, struct mw_str sid, struct mw_session *out);
    enum mw_err (*set_session_end)(void *ctx, struct mw_str sid, int64_t expires_s);
    enum mw_err (*drop_session)(void *ctx, struct mw_str sid);
    enum mw_err (*set_profile)(void *ctx, struct mw_str uid, const struct mw_profile *profile);
    enum mw_err (*list_sessions)(void *ctx, struct mw_str uid, struct mw_str after, struct mw_session_brief *out,
                                 size_t cap, size_t *count);
    enum mw_err (*count_sessions)(void *ctx, int64_t now_s, int64_t *count);
    enum mw_err (*find_user)(void *ctx, struct mw_str uid);
    enum mw_err (*append_change)(void *ctx, const struct mw_change *change, int64_t *seq);
    enum mw_err (*drop_changes)(void *ctx, int64_t now_s, uint32_t max, uint32_t *dropped);
    enum mw_err (*read_changes)(void *ctx, int64_t after, struct mw_change *out, size_t cap, size_t *count);
    enum mw_err (*find_change)(void *ctx, enum mw_change_type type, struct mw_str who, struct mw_str room,
                               int64_t *until_s);
    enum mw_err (*pulse)(void *ctx, int64_t *pulse);
    bool (*in_place)(const void *ctx);
    enum mw_err (*ping)(void *ctx);
};

/* A handle over any implementation; tests hand in their own. On failure (MW_ENOMEM) ctx stays the caller's. */
MW_MUST_CHECK enum mw_err store_wrap(const struct store_ops *ops, void *ctx, struct mw_store **out);

/* `where` is the URL behind "sqlite:". On success the caller owns *ctx, to be used with store_sqlite_ops. */
extern const struct store_ops store_sqlite_ops;
MW_MUST_CHECK enum mw_err store_sqlite_open(struct mw_str where, enum mw_store_mode mode, void **ctx,
                                            struct mw_store_error *err);
MW_MUST_CHECK enum mw_err store_sqlite_probe(struct mw_str where, struct mw_store_error *err);

#endif
