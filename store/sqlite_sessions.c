#include "sqlite_db.h"

/* For a statement that changes one row, its parameters bound. */
static enum mw_err change_one(struct store_sqlite *st, sqlite3_stmt *stmt, bool bound) {
    enum mw_err err = bound ? sqlite_err_of(st, sqlite3_step(stmt)) : MW_EIO;
    if (err == MW_OK && sqlite3_changes(st->db) == 0) err = MW_ENOENT;
    sqlite_done_with(stmt);
    return err;
}

static enum mw_err find_user(struct store_sqlite *st, struct mw_str uid, int64_t *id, struct mw_profile *profile) {
    sqlite3_stmt *stmt = st->stmts[Q_FIND_USER];
    struct mw_profile found;
    enum mw_err err = MW_EIO;
    if (sqlite_bind_str(stmt, 1, uid)) goto done;
    int rc = sqlite3_step(stmt);
    err = rc == SQLITE_DONE ? MW_ENOENT : sqlite_err_of(st, rc);
    if (err == MW_OK && (!sqlite_column_field(stmt, 1, found.nick, sizeof found.nick) ||
                         !sqlite_column_field(stmt, 2, found.avatar, sizeof found.avatar)))
        err = sqlite_err_of(st, SQLITE_CORRUPT);
    if (err != MW_OK) goto done;
    *id = sqlite3_column_int64(stmt, 0);
    *profile = found;
done:
    sqlite_done_with(stmt);
    return err;
}

static bool bind_user(sqlite3_stmt *stmt, const struct mw_user *user, const struct mw_profile *profile, int64_t now_s) {
    return !sqlite_bind_field(stmt, 2, user->openid) &&
           (!user->unionid[0] || !sqlite_bind_field(stmt, 3, user->unionid)) &&
           !sqlite_bind_field(stmt, 4, profile->nick) && !sqlite_bind_field(stmt, 5, profile->avatar) &&
           !sqlite3_bind_int64(stmt, 6, now_s);
}

static enum mw_err add_user(struct store_sqlite *st, const struct mw_user *user, int64_t now_s, int64_t *id) {
    sqlite3_stmt *stmt = st->stmts[Q_ADD_USER];
    enum mw_err err =
        change_one(st, stmt, !sqlite_bind_field(stmt, 1, user->uid) && bind_user(stmt, user, &user->profile, now_s));
    if (err == MW_OK) *id = sqlite3_last_insert_rowid(st->db);
    return err;
}

static enum mw_err set_user(struct store_sqlite *st, int64_t id, const struct mw_user *user,
                            const struct mw_profile *profile, int64_t now_s) {
    sqlite3_stmt *stmt = st->stmts[Q_SET_USER];
    enum mw_err err = change_one(st, stmt, !sqlite3_bind_int64(stmt, 1, id) && bind_user(stmt, user, profile, now_s));
    return err == MW_ENOENT ? MW_EEXIST : err; /* the id is there, so the openid is another */
}

static enum mw_err insert_session(struct store_sqlite *st, const struct mw_session *s, int64_t user) {
    sqlite3_stmt *stmt = st->stmts[Q_ADD_SESSION];
    enum mw_err err = MW_EIO;
    if (!sqlite_bind_field(stmt, 1, s->sid) && !sqlite3_bind_int64(stmt, 2, user) &&
        !sqlite3_bind_blob(stmt, 3, s->sealed_key, sizeof s->sealed_key, SQLITE_STATIC) &&
        !sqlite3_bind_int64(stmt, 4, s->created_s) && !sqlite3_bind_int64(stmt, 5, s->expires_s))
        err = sqlite_err_of(st, sqlite3_step(stmt));
    sqlite_done_with(stmt);
    return err;
}

enum mw_err sqlite_add_session(void *ctx, const struct mw_user *user, const struct mw_session *session,
                               struct mw_profile *effective, bool *renamed) {
    struct mw_profile before, after = user->profile;
    int64_t id = 0, now_s = session->created_s;
    enum mw_err err = find_user(ctx, mw_cstr(user->uid), &id, &before);
    const bool known = err == MW_OK;
    if (err == MW_ENOENT) {
        err = add_user(ctx, user, now_s, &id);
    } else if (known) {
        after = before; /* what is not said now was said before */
        mw_profile_merge(&after, &user->profile);
        err = set_user(ctx, id, user, &after, now_s);
    }
    if (err == MW_OK) err = insert_session(ctx, session, id);
    if (err != MW_OK) return err;
    *effective = after;
    if (renamed) *renamed = known && !mw_profile_eq(&before, &after);
    return MW_OK;
}

enum mw_err sqlite_sweep(void *ctx, int64_t now_s, uint32_t max, uint32_t *dropped) {
    struct store_sqlite *st = ctx;
    sqlite3_stmt *stmt = st->stmts[Q_SWEEP];
    enum mw_err err = MW_EIO;
    if (!sqlite3_bind_int64(stmt, 1, now_s) && !sqlite3_bind_int64(stmt, 2, max))
        err = sqlite_err_of(st, sqlite3_step(stmt));
    if (err == MW_OK) *dropped = (uint32_t)sqlite3_changes(st->db);
    sqlite_done_with(stmt);
    return err;
}

static bool read_session(sqlite3_stmt *stmt, struct mw_session *out) {
    const void *sealed = sqlite3_column_blob(stmt, 3);
    if (!sealed || sqlite3_column_bytes(stmt, 3) != (int)sizeof out->sealed_key) return false;
    memcpy(out->sealed_key, sealed, sizeof out->sealed_key);
    out->created_s = sqlite3_column_int64(stmt, 1);
    out->expires_s = sqlite3_column_int64(stmt, 2);
    out->banned_until_s = sqlite3_column_int64(stmt, 6); /* NULL reads as 0 */
    return sqlite_column_field(stmt, 0, out->uid, sizeof out->uid) &&
           sqlite_column_field(stmt, 4, out->profile.nick, sizeof out->profile.nick) &&
           sqlite_column_field(stmt, 5, out->profile.avatar, sizeof out->profile.avatar);
}

enum mw_err sqlite_set_session_end(void *ctx, struct mw_str sid, int64_t expires_s) {
    struct store_sqlite *st = ctx;
    sqlite3_stmt *stmt = st->stmts[Q_SET_END];
    return change_one(st, stmt, !sqlite_bind_str(stmt, 1, sid) && !sqlite3_bind_int64(stmt, 2, expires_s));
}

enum mw_err sqlite_drop_session(void *ctx, struct mw_str sid) {
    struct store_sqlite *st = ctx;
    sqlite3_stmt *stmt = st->stmts[Q_DROP_SESSION];
    return change_one(st, stmt, !sqlite_bind_str(stmt, 1, sid));
}

enum mw_err sqlite_set_profile(void *ctx, struct mw_str uid, const struct mw_profile *profile) {
    struct store_sqlite *st = ctx;
    sqlite3_stmt *stmt = st->stmts[Q_SET_PROFILE];
    return change_one(st, stmt,
                      !sqlite_bind_str(stmt, 1, uid) && !sqlite_bind_field(stmt, 2, profile->nick) &&
                          !sqlite_bind_field(stmt, 3, profile->avatar));
}

enum mw_err sqlite_find_session(void *ctx, struct mw_str sid, struct mw_session *out) {
    struct store_sqlite *st = ctx;
    sqlite3_stmt *stmt = st->stmts[Q_FIND_SESSION];
    struct mw_session found;
    enum mw_err err = MW_EINVAL;
    if (!mw_is_sid(sid) || !mw_str_copy(found.sid, sizeof found.sid, sid)) return err;
    if (sqlite_bind_field(stmt, 1, found.sid)) goto done;
    int rc = sqlite3_step(stmt);
    err = rc == SQLITE_DONE ? MW_ENOENT : sqlite_err_of(st, rc);
    if (err == MW_OK && !read_session(stmt, &found)) err = sqlite_err_of(st, SQLITE_CORRUPT);
    if (err == MW_OK) *out = found;
done:
    sqlite_done_with(stmt);
    return err;
}

static bool read_brief(sqlite3_stmt *stmt, struct mw_session_brief *out) {
    out->created_s = sqlite3_column_int64(stmt, 1);
    out->expires_s = sqlite3_column_int64(stmt, 2);
    return sqlite_column_field(stmt, 0, out->sid, sizeof out->sid);
}

enum mw_err sqlite_list_sessions(void *ctx, struct mw_str uid, struct mw_str after, struct mw_session_brief *out,
                                 size_t cap, size_t *count) {
    struct store_sqlite *st = ctx;
    sqlite3_stmt *stmt = st->stmts[Q_LIST_SESSIONS];
    enum mw_err err = MW_EIO;
    size_t got = 0;
    if (cap > INT32_MAX) cap = INT32_MAX;
    if (sqlite_bind_str(stmt, 1, uid) || sqlite_bind_str(stmt, 2, after) || sqlite3_bind_int64(stmt, 3, (int64_t)cap))
        goto done;
    for (;;) {
        int rc = sqlite3_step(stmt);
        err = sqlite_err_of(st, rc);
        if (rc != SQLITE_ROW || got == cap) break;
        if (!read_brief(stmt, &out[got++])) {
            err = sqlite_err_of(st, SQLITE_CORRUPT);
            break;
        }
    }
    if (err == MW_OK) *count = got;
done:
    sqlite_done_with(stmt);
    return err;
}

enum mw_err sqlite_count_sessions(void *ctx, int64_t now_s, int64_t *count) {
    struct store_sqlite *st = ctx;
    sqlite3_stmt *stmt = st->stmts[Q_COUNT_SESSIONS];
    enum mw_err err = MW_EIO;
    if (!sqlite3_bind_int64(stmt, 1, now_s)) err = sqlite_err_of(st, sqlite3_step(stmt));
    if (err == MW_OK) *count = sqlite3_column_int64(stmt, 0);
    sqlite_done_with(stmt);
    return err;
}

enum mw_err sqlite_find_user(void *ctx, struct mw_str uid) {
    struct mw_profile profile;
    int64_t id = 0;
    return find_user(ctx, uid, &id, &profile);
}
