#include "sqlite_db.h"

#include <errno.h>
#include <unistd.h>

static const char *const sql[] = {
    [Q_BEGIN] = "BEGIN IMMEDIATE",
    [Q_COMMIT] = "COMMIT",
    [Q_ROLLBACK] = "ROLLBACK",
    [Q_MARK] = "SAVEPOINT step",
    [Q_KEEP] = "RELEASE step",
    [Q_UNDO] = "ROLLBACK TO step",
    /* No row comes back when the uid is another openid's. */
    [Q_PUT_USER] = "INSERT INTO users(uid, openid, unionid, nick, avatar, created_s, seen_s)"
                   " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?6)"
                   " ON CONFLICT(uid) DO UPDATE SET"
                   "  unionid = coalesce(excluded.unionid, unionid),"
                   "  nick = CASE excluded.nick WHEN '' THEN nick ELSE excluded.nick END,"
                   "  avatar = CASE excluded.avatar WHEN '' THEN avatar ELSE excluded.avatar END,"
                   "  seen_s = excluded.seen_s"
                   " WHERE openid = excluded.openid"
                   " RETURNING nick, avatar",
    [Q_ADD_SESSION] = "INSERT INTO sessions(sid, uid, sealed_key, created_s, expires_s) VALUES(?1, ?2, ?3, ?4, ?5)",
    [Q_SWEEP] = "DELETE FROM sessions WHERE sid IN (SELECT sid FROM sessions WHERE expires_s <= ?1 LIMIT ?2)",
    /* One state for each subject: an entry replaces those that said otherwise, so followers see it last. */
    [Q_REPLACE_CHANGE] = "DELETE FROM changes WHERE who = ?1 AND room = ?2 AND type IN (?3, ?4)",
    [Q_APPEND_CHANGE] = "INSERT INTO changes(at_s, type, who, room, until_s, nick, avatar)"
                        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [Q_DROP_CHANGES] = "DELETE FROM changes WHERE seq IN (SELECT seq FROM changes WHERE until_s <= ?1 LIMIT ?2)",
    [Q_READ_CHANGES] = "SELECT seq, at_s, type, who, room, until_s, nick, avatar FROM changes"
                       " WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    [Q_PULSE] = "PRAGMA data_version",
    [Q_NAME] = "SELECT name FROM store",
    [Q_FIND_SESSION] = ("SELECT s.uid, s.created_s, s.expires_s, s.sealed_key, u.nick, u.avatar"
                        " FROM sessions s JOIN users u ON u.uid = s.uid WHERE s.sid = ?1"),
    [Q_PING] = "SELECT count(*) FROM (SELECT 1 FROM sessions LIMIT 1)",
};
_Static_assert(sizeof sql / sizeof sql[0] == Q_COUNT, "one text for each query");

static const struct sqlite_kind kind = {
    .schema = &sqlite_sessions_schema,
    .sql = sql,
    .count = Q_COUNT,
    .first_read = Q_FIRST_READ,
    .pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
               "PRAGMA journal_size_limit = 67108864;",
    /* A writer may wait for the other process; a reader sits on a thread that serves everybody. */
    .writer_busy_ms = 2000,
    .reader_busy_ms = 50,
};

static enum mw_err sqlite_begin(void *ctx) {
    return sqlite_run(ctx, Q_BEGIN);
}

static enum mw_err sqlite_commit(void *ctx) {
    return sqlite_run(ctx, Q_COMMIT);
}

static void sqlite_rollback(void *ctx) {
    sqlite_roll_back(ctx, Q_ROLLBACK);
}

static enum mw_err sqlite_mark(void *ctx) {
    return sqlite_run(ctx, Q_MARK);
}

static enum mw_err sqlite_keep(void *ctx) {
    return sqlite_run(ctx, Q_KEEP);
}

static enum mw_err sqlite_undo(void *ctx) {
    struct store_sqlite *st = ctx;
    if (sqlite3_get_autocommit(st->db)) return MW_EIO;
    enum mw_err err = sqlite_run(st, Q_UNDO);
    return err == MW_OK ? sqlite_run(st, Q_KEEP) : err;
}

static enum mw_err put_user(struct store_sqlite *st, const struct mw_user *user, int64_t now_s,
                            struct mw_profile *effective) {
    sqlite3_stmt *stmt = st->stmts[Q_PUT_USER];
    struct mw_profile found;
    enum mw_err err = MW_EIO;
    if (sqlite_bind_field(stmt, 1, user->uid) || sqlite_bind_field(stmt, 2, user->openid) ||
        (user->unionid[0] && sqlite_bind_field(stmt, 3, user->unionid)) ||
        sqlite_bind_field(stmt, 4, user->profile.nick) || sqlite_bind_field(stmt, 5, user->profile.avatar) ||
        sqlite3_bind_int64(stmt, 6, now_s))
        goto done;
    int rc = sqlite3_step(stmt);
    err = rc == SQLITE_DONE ? MW_EEXIST : sqlite_err_of(st, rc);
    if (err != MW_OK) goto done;
    if (!sqlite_column_field(stmt, 0, found.nick, sizeof found.nick) ||
        !sqlite_column_field(stmt, 1, found.avatar, sizeof found.avatar)) {
        err = sqlite_err_of(st, SQLITE_CORRUPT);
        goto done;
    }
    err = sqlite_err_of(st, sqlite3_step(stmt)); /* to the end, as RETURNING wants it */
    if (err == MW_OK) *effective = found;
done:
    sqlite_done_with(stmt);
    return err;
}

static enum mw_err insert_session(struct store_sqlite *st, const struct mw_session *s) {
    sqlite3_stmt *stmt = st->stmts[Q_ADD_SESSION];
    enum mw_err err = MW_EIO;
    if (!sqlite_bind_field(stmt, 1, s->sid) && !sqlite_bind_field(stmt, 2, s->uid) &&
        !sqlite3_bind_blob(stmt, 3, s->sealed_key, sizeof s->sealed_key, SQLITE_STATIC) &&
        !sqlite3_bind_int64(stmt, 4, s->created_s) && !sqlite3_bind_int64(stmt, 5, s->expires_s))
        err = sqlite_err_of(st, sqlite3_step(stmt));
    sqlite_done_with(stmt);
    return err;
}

static enum mw_err sqlite_add_session(void *ctx, const struct mw_user *user, const struct mw_session *session,
                                      struct mw_profile *effective) {
    struct mw_profile found;
    enum mw_err err = put_user(ctx, user, session->created_s, &found);
    if (err == MW_OK) err = insert_session(ctx, session);
    if (err == MW_OK) *effective = found;
    return err;
}

static enum mw_err sqlite_sweep(void *ctx, int64_t now_s, uint32_t max, uint32_t *dropped) {
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
    return sqlite_column_field(stmt, 0, out->uid, sizeof out->uid) &&
           sqlite_column_field(stmt, 4, out->profile.nick, sizeof out->profile.nick) &&
           sqlite_column_field(stmt, 5, out->profile.avatar, sizeof out->profile.avatar);
}

static enum mw_err sqlite_find_session(void *ctx, struct mw_str sid, struct mw_session *out) {
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

static enum mw_err sqlite_ping(void *ctx) {
    return sqlite_run(ctx, Q_PING);
}

const struct store_ops store_sqlite_ops = {
    .close = sqlite_close,
    .why = sqlite_why,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .mark = sqlite_mark,
    .keep = sqlite_keep,
    .undo = sqlite_undo,
    .add_session = sqlite_add_session,
    .sweep = sqlite_sweep,
    .find_session = sqlite_find_session,
    .append_change = sqlite_append_change,
    .drop_changes = sqlite_drop_changes,
    .read_changes = sqlite_read_changes,
    .pulse = sqlite_pulse,
    .name = sqlite_name,
    .in_place = sqlite_in_place,
    .ping = sqlite_ping,
};

enum mw_err store_sqlite_probe(struct mw_str where, struct mw_store_error *err) {
    char path[STORE_PATH_MAX], *folder_end;
    if (where.len == 0 || !mw_str_copy(path, sizeof path, where))
        return sqlite_explain(err, "sqlite:", "a path must follow", MW_EINVAL);
    if (access(path, R_OK | W_OK) == 0) return MW_OK;
    if (errno != ENOENT) return sqlite_explain(err, path, strerror(errno), MW_EIO);
    folder_end = strrchr(path, '/');
    if (folder_end == path) folder_end++; /* the root keeps its slash */
    if (folder_end) *folder_end = '\0';
    const char *folder = folder_end ? path : ".";
    return access(folder, W_OK | X_OK) == 0 ? MW_OK : sqlite_explain(err, folder, strerror(errno), MW_EIO);
}

enum mw_err store_sqlite_open(struct mw_str where, enum mw_store_mode mode, void **ctx, struct mw_store_error *err) {
    struct store_sqlite *st = NULL;
    enum mw_err rc = sqlite_open(&kind, where, mode, &st, err);
    if (rc == MW_OK) *ctx = st;
    return rc;
}
