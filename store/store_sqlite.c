#include "sqlite_db.h"

#include <errno.h>
#include <unistd.h>

static const char *const sql[] = {
    [Q_BEGIN] = "BEGIN IMMEDIATE",
    [Q_COMMIT] = "COMMIT",
    [Q_ROLLBACK] = "ROLLBACK",
    [Q_ADD_USER] = "INSERT INTO users(uid, openid, unionid, nick, avatar, created_s, seen_s)"
                   " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?6)",
    [Q_SET_USER] = "UPDATE users SET unionid = coalesce(?3, unionid), nick = ?4, avatar = ?5, seen_s = ?6"
                   " WHERE id = ?1 AND openid = ?2",
    [Q_ADD_SESSION] = "INSERT INTO sessions(sid, user, sealed_key, created_s, expires_s) VALUES(?1, ?2, ?3, ?4, ?5)",
    [Q_SWEEP] = "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_s <= ?1 LIMIT ?2)",
    [Q_SET_END] = "UPDATE sessions SET expires_s = ?2 WHERE sid = ?1",
    [Q_DROP_SESSION] = "DELETE FROM sessions WHERE sid = ?1",
    [Q_SET_PROFILE] = "UPDATE users SET nick = ?2, avatar = ?3 WHERE uid = ?1",
    /* One state for each subject: an entry replaces those that said otherwise, so followers see it last. */
    [Q_REPLACE_CHANGE] = "DELETE FROM changes WHERE who = ?1 AND room = ?2 AND type IN (?3, ?4)",
    [Q_APPEND_CHANGE] = "INSERT INTO changes(at_s, type, who, room, until_s, nick, avatar)"
                        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [Q_DROP_CHANGES] = "DELETE FROM changes WHERE seq IN (SELECT seq FROM changes WHERE until_s <= ?1 LIMIT ?2)",
    [Q_READ_CHANGES] = "SELECT seq, at_s, type, who, room, until_s, nick, avatar FROM changes"
                       " WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    [Q_FIND_CHANGE] = "SELECT until_s FROM changes WHERE who = ?1 AND type = ?2 AND room = ?3",
    [Q_PULSE] = "PRAGMA data_version",
    /* 8: MW_CHANGE_BAN */
    [Q_FIND_SESSION] = "SELECT u.uid, s.created_s, s.expires_s, s.sealed_key, u.nick, u.avatar,"
                       " (SELECT c.until_s FROM changes c WHERE c.who = u.uid AND c.type = 8 AND c.room = '')"
                       " FROM sessions s JOIN users u ON u.id = s.user WHERE s.sid = ?1",
    [Q_LIST_SESSIONS] = "SELECT sid, created_s, expires_s FROM sessions"
                        " WHERE user = (SELECT id FROM users WHERE uid = ?1) AND sid > coalesce(?2, '')"
                        " ORDER BY sid LIMIT ?3",
    [Q_COUNT_SESSIONS] = "SELECT count(*) FROM sessions WHERE expires_s > ?1",
    [Q_FIND_USER] = "SELECT id, nick, avatar FROM users WHERE uid = ?1",
    [Q_PING] = "SELECT count(*) FROM (SELECT 1 FROM sessions LIMIT 1)",
};
_Static_assert(sizeof sql / sizeof sql[0] == Q_COUNT, "one text for each query");

static const struct sqlite_kind kind = {
    .schema = &sqlite_sessions_schema,
    .sql = sql,
    .count = Q_COUNT,
    .first_read = Q_FIRST_READ,
    .pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_spill = OFF;"
               "PRAGMA foreign_keys = ON; PRAGMA cache_size = -1024;"
               "PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 4000;",
    .gathers = true,
    /* There is one for each thread, and the system keeps the same pages. */
    .reader_pragmas = "PRAGMA cache_size = -256;",
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

static int64_t sqlite_written(const void *ctx) {
    return sqlite3_total_changes64(((const struct store_sqlite *)ctx)->db);
}

/* After a full disk and the like SQLite itself has rolled back, and what came next would be on its own. */
static bool sqlite_untouched(const void *ctx, int64_t written) {
    return !sqlite3_get_autocommit(((const struct store_sqlite *)ctx)->db) && sqlite_written(ctx) == written;
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
    .written = sqlite_written,
    .untouched = sqlite_untouched,
    .add_session = sqlite_add_session,
    .sweep = sqlite_sweep,
    .find_session = sqlite_find_session,
    .set_session_end = sqlite_set_session_end,
    .drop_session = sqlite_drop_session,
    .set_profile = sqlite_set_profile,
    .list_sessions = sqlite_list_sessions,
    .count_sessions = sqlite_count_sessions,
    .find_user = sqlite_find_user,
    .append_change = sqlite_append_change,
    .drop_changes = sqlite_drop_changes,
    .read_changes = sqlite_read_changes,
    .find_change = sqlite_find_change,
    .pulse = sqlite_pulse,
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
