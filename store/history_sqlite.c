#include "mw/history_store.h"

#include "sqlite_file.h"
#include "store_ops.h"

#include <stdio.h>
#include <stdlib.h>

enum query { Q_BEGIN = 0, Q_COMMIT, Q_ROLLBACK, Q_PUT, Q_REMOVE, Q_PRUNE, Q_USED, Q_TRIM, Q_SIZES, Q_READ, Q_COUNT };

static const char *const sql[] = {
    [Q_BEGIN] = "BEGIN IMMEDIATE",
    [Q_COMMIT] = "COMMIT",
    [Q_ROLLBACK] = "ROLLBACK",
    [Q_PUT] = "INSERT INTO messages(room, id, time_ms, uid, m2) VALUES(?1, ?2, ?3, ?4, ?5)"
              " ON CONFLICT(room, id) DO NOTHING",
    [Q_REMOVE] = "DELETE FROM messages WHERE room = ?1 AND id = ?2",
    [Q_PRUNE] = "DELETE FROM messages WHERE room = ?1 AND id <="
                " (SELECT id FROM messages WHERE room = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
    [Q_USED] = "SELECT (page_count - freelist_count) * page_size"
               " FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()",
    [Q_TRIM] = "DELETE FROM messages WHERE seq IN (SELECT seq FROM messages ORDER BY seq LIMIT ?1)",
    [Q_SIZES] = "SELECT seq, length(room) + length(m2) FROM messages ORDER BY seq DESC",
    [Q_READ] = "SELECT room, id, time_ms, uid, m2 FROM messages WHERE seq >= ?1 ORDER BY seq",
};
_Static_assert(sizeof sql / sizeof sql[0] == Q_COUNT, "one text for each query");

static const struct sqlite_kind kind = {
    .schema = &sqlite_history_schema,
    .sql = sql,
    .count = Q_COUNT,
    /* NORMAL: with a write-ahead log no crash damages the file; what the machine's own crash may take is the last few
     * messages, and waiting for the disk at every transaction would be a high price for those. */
    .pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216;",
    .writer_busy_ms = 50, /* nobody else writes it for long, and the thread has other work */
};

struct mw_history_store {
    struct store_sqlite *file;
};

static struct mw_str as_str(sqlite3_stmt *stmt, int at) {
    const void *bytes = sqlite3_column_blob(stmt, at);
    int len = sqlite3_column_bytes(stmt, at);
    return mw_bytes(bytes ? bytes : "", len > 0 ? (size_t)len : 0);
}

static bool is_room(struct mw_str room) {
    return room.ptr && room.len > 0 && room.len <= MW_ROOM_MAX;
}

static enum mw_err check(const struct mw_history_message *m) {
    if (!is_room(m->room) || m->id <= 0 || m->uid.ptr == NULL || m->m2.ptr == NULL) return MW_EINVAL;
    return m->uid.len <= MW_UID_LEN && m->m2.len <= MW_HISTORY_M2_MAX ? MW_OK : MW_ETOOBIG;
}

enum mw_err mw_history_store_open(struct mw_str url, struct mw_history_store **out, struct mw_store_error *err) {
    if (!mw_str_starts(url, MW_STR(STORE_SQLITE_SCHEME))) {
        (void)snprintf(err->text, sizeof err->text, "%s", STORE_NO_URL);
        return MW_EINVAL;
    }
    struct mw_history_store *st = calloc(1, sizeof *st);
    (void)snprintf(err->text, sizeof err->text, "no memory");
    if (st == NULL) return MW_ENOMEM;
    enum mw_err rc =
        sqlite_open(&kind, mw_str_skip(url, sizeof STORE_SQLITE_SCHEME - 1), MW_STORE_WRITE, &st->file, err);
    if (rc == MW_OK)
        *out = st;
    else
        free(st);
    return rc;
}

void mw_history_store_close(struct mw_history_store **st) {
    if (*st == NULL) return;
    sqlite_close((*st)->file);
    free(*st);
    *st = NULL;
}

const char *mw_history_store_why(const struct mw_history_store *st) {
    return sqlite_why(st->file);
}

bool mw_history_store_in_place(const struct mw_history_store *st) {
    return sqlite_in_place(st->file);
}

enum mw_err mw_history_store_begin(struct mw_history_store *st) {
    return sqlite_run(st->file, Q_BEGIN);
}

enum mw_err mw_history_store_commit(struct mw_history_store *st) {
    return sqlite_run(st->file, Q_COMMIT);
}

void mw_history_store_rollback(struct mw_history_store *st) {
    sqlite_roll_back(st->file, Q_ROLLBACK);
}

enum mw_err mw_history_store_put(struct mw_history_store *st, const struct mw_history_message *m) {
    sqlite3_stmt *stmt = st->file->stmts[Q_PUT];
    enum mw_err err = check(m);
    if (err != MW_OK) return err;
    if (sqlite_bind_str(stmt, 1, m->room) || sqlite3_bind_int64(stmt, 2, m->id) ||
        sqlite3_bind_int64(stmt, 3, m->time_ms) || sqlite_bind_str(stmt, 4, m->uid) ||
        sqlite3_bind_blob(stmt, 5, m->m2.ptr, (int)m->m2.len, SQLITE_STATIC))
        return sqlite_bind_failed(st->file, stmt);
    return sqlite_step_once(st->file, stmt);
}

enum mw_err mw_history_store_remove(struct mw_history_store *st, struct mw_str room, int64_t id) {
    sqlite3_stmt *stmt = st->file->stmts[Q_REMOVE];
    if (!is_room(room)) return MW_EINVAL;
    if (sqlite_bind_str(stmt, 1, room) || sqlite3_bind_int64(stmt, 2, id)) return sqlite_bind_failed(st->file, stmt);
    return sqlite_step_once(st->file, stmt);
}

enum mw_err mw_history_store_prune(struct mw_history_store *st, struct mw_str room, uint32_t keep) {
    sqlite3_stmt *stmt = st->file->stmts[Q_PRUNE];
    if (!is_room(room) || keep == 0) return MW_EINVAL;
    if (sqlite_bind_str(stmt, 1, room) || sqlite3_bind_int64(stmt, 2, keep)) return sqlite_bind_failed(st->file, stmt);
    return sqlite_step_once(st->file, stmt);
}

static enum mw_err bytes_in_use(struct mw_history_store *st, int64_t *bytes) {
    sqlite3_stmt *stmt = st->file->stmts[Q_USED];
    int rc = sqlite3_step(stmt);
    enum mw_err err = sqlite_err_of(st->file, rc == SQLITE_DONE ? SQLITE_CORRUPT : rc);
    if (err == MW_OK) *bytes = sqlite3_column_int64(stmt, 0);
    sqlite_done_with(stmt);
    return err;
}

enum mw_err mw_history_store_trim(struct mw_history_store *st, int64_t max_bytes, uint32_t count, bool *over) {
    sqlite3_stmt *stmt = st->file->stmts[Q_TRIM];
    int64_t used = 0;
    enum mw_err err = bytes_in_use(st, &used);
    if (err == MW_OK && used > max_bytes)
        err =
            sqlite3_bind_int64(stmt, 1, count) ? sqlite_bind_failed(st->file, stmt) : sqlite_step_once(st->file, stmt);
    if (err == MW_OK) *over = used > max_bytes;
    return err;
}

/* The first of the newest that fit. */
static enum mw_err find_first(struct mw_history_store *st, size_t max_bytes, int64_t *first) {
    sqlite3_stmt *stmt = st->file->stmts[Q_SIZES];
    int64_t left = max_bytes > INT64_MAX ? INT64_MAX : (int64_t)max_bytes;
    *first = INT64_MAX;
    int rc = sqlite3_step(stmt);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(stmt)) {
        left -= sqlite3_column_int64(stmt, 1) + MW_HISTORY_MESSAGE_COST;
        if (left < 0) break;
        *first = sqlite3_column_int64(stmt, 0);
    }
    enum mw_err err = sqlite_err_of(st->file, rc);
    sqlite_done_with(stmt);
    return err;
}

enum mw_err mw_history_store_load(struct mw_history_store *st, size_t max_bytes, mw_history_load_fn *each, void *ctx) {
    sqlite3_stmt *stmt = st->file->stmts[Q_READ];
    int64_t first = 0;
    enum mw_err err = find_first(st, max_bytes, &first);
    if (err != MW_OK) return err;
    if (sqlite3_bind_int64(stmt, 1, first)) return sqlite_bind_failed(st->file, stmt);
    int rc = sqlite3_step(stmt);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(stmt)) {
        const struct mw_history_message m = {
            .room = as_str(stmt, 0),
            .id = sqlite3_column_int64(stmt, 1),
            .time_ms = sqlite3_column_int64(stmt, 2),
            .uid = as_str(stmt, 3),
            .m2 = as_str(stmt, 4),
        };
        if (check(&m) == MW_OK) each(ctx, &m);
    }
    err = sqlite_err_of(st->file, rc);
    sqlite_done_with(stmt);
    return err;
}
