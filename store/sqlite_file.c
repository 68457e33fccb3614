#include "sqlite_file.h"

#include "sqlite_gather.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define UPDATE_WAIT_MS 60000
#define AGAIN_MS 5
#define AGAIN_MAX 400 /* two seconds */

enum mw_err sqlite_err_of(struct store_sqlite *st, int rc) {
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_DONE:
    case SQLITE_ROW:
        return MW_OK;
    case SQLITE_CONSTRAINT:
        return MW_EEXIST;
    case SQLITE_NOMEM:
        return MW_ENOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        st->why = rc;
        return MW_EBUSY;
    default:
        st->why = rc;
        return MW_EIO;
    }
}

void sqlite_done_with(sqlite3_stmt *stmt) {
    (void)sqlite3_reset(stmt);
    (void)sqlite3_clear_bindings(stmt);
}

enum mw_err sqlite_step_once(struct store_sqlite *st, sqlite3_stmt *stmt) {
    enum mw_err err = sqlite_err_of(st, sqlite3_step(stmt));
    sqlite_done_with(stmt);
    return err;
}

enum mw_err sqlite_run(struct store_sqlite *st, size_t query) {
    return sqlite_step_once(st, st->stmts[query]);
}

void sqlite_roll_back(struct store_sqlite *st, size_t rollback) {
    /* SQLite itself has rolled back after a full disk and the like. */
    if (!sqlite3_get_autocommit(st->db)) (void)sqlite_run(st, rollback);
}

enum mw_err sqlite_bind_failed(struct store_sqlite *st, sqlite3_stmt *stmt) {
    enum mw_err err = sqlite_err_of(st, sqlite3_extended_errcode(st->db));
    sqlite_done_with(stmt);
    return err == MW_OK ? MW_EIO : err;
}

int sqlite_bind_str(sqlite3_stmt *stmt, int at, struct mw_str text) {
    return text.len > INT32_MAX ? SQLITE_TOOBIG : sqlite3_bind_text(stmt, at, text.ptr, (int)text.len, SQLITE_STATIC);
}

int sqlite_bind_field(sqlite3_stmt *stmt, int at, const char *text) {
    return sqlite_bind_str(stmt, at, mw_cstr(text));
}

bool sqlite_column_field(sqlite3_stmt *stmt, int at, char *dst, size_t cap) {
    const void *text = sqlite3_column_text(stmt, at);
    int len = sqlite3_column_bytes(stmt, at);
    return text && len >= 0 && mw_str_copy(dst, cap, mw_bytes(text, (size_t)len));
}

void sqlite_close(void *ctx) {
    struct store_sqlite *st = ctx;
    for (size_t q = 0; st->stmts && q < st->count; q++)
        (void)sqlite3_finalize(st->stmts[q]);
    (void)sqlite3_close(st->db);
    free(st->stmts);
    free(st);
}

const char *sqlite_why(const void *ctx) {
    const struct store_sqlite *st = ctx;
    return sqlite3_errstr(st->why);
}

bool sqlite_in_place(const void *ctx) {
    const struct store_sqlite *st = ctx;
    struct stat file;
    return stat(st->path, &file) == 0 && file.st_dev == st->device && file.st_ino == st->inode;
}

enum mw_err sqlite_explain(struct mw_store_error *err, const char *path, const char *what, enum mw_err rc) {
    (void)snprintf(err->text, sizeof err->text, "%.110s: %.80s", path, what);
    return rc;
}

/* The file gets its mode before there is anything in it; SQLite gives its side files the same. */
static enum mw_err create_file(const char *path, struct mw_store_error *err) {
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0660);
    if (fd < 0) return errno == EEXIST ? MW_OK : sqlite_explain(err, path, strerror(errno), MW_EIO);
    enum mw_err rc = fchmod(fd, 0660) == 0 ? MW_OK : sqlite_explain(err, path, strerror(errno), MW_EIO);
    (void)close(fd);
    return rc;
}

static int prepare(struct store_sqlite *st, const struct sqlite_kind *kind, enum mw_store_mode mode) {
    for (size_t q = mode == MW_STORE_READ ? kind->first_read : 0; q < kind->count; q++) {
        int rc = sqlite3_prepare_v3(st->db, kind->sql[q], -1, SQLITE_PREPARE_PERSISTENT, &st->stmts[q], NULL);
        if (rc != SQLITE_OK) return rc;
    }
    return SQLITE_OK;
}

/* Another program may be at it already: that takes as long as the file is big. */
static enum mw_err update(struct store_sqlite *st, const struct sqlite_kind *kind, struct mw_store_error *why) {
    (void)sqlite3_busy_timeout(st->db, UPDATE_WAIT_MS);
    enum mw_err err = sqlite_schema_update(st->db, kind->schema, why);
    (void)sqlite3_busy_timeout(st->db, kind->writer_busy_ms);
    return err;
}

/* Two programs that open a new file at the same time both want it alone, to give it its write-ahead log, and SQLite
 * lets neither wait for the other: so who is refused comes again. */
static int set_pragmas(struct store_sqlite *st, const char *pragmas) {
    const struct timespec pause = {.tv_nsec = AGAIN_MS * 1000000};
    if (!pragmas) return SQLITE_OK;
    for (unsigned tries = 1;; tries++) {
        const int rc = sqlite3_exec(st->db, pragmas, NULL, NULL, NULL);
        if ((rc & 0xff) != SQLITE_BUSY || tries == AGAIN_MAX) return rc;
        (void)nanosleep(&pause, NULL);
    }
}

static enum mw_err fill(struct store_sqlite *st, const struct sqlite_kind *kind, const char *path,
                        enum mw_store_mode mode, struct mw_store_error *err) {
    /* No mutex: a handle is one thread's at a time. */
    bool writes = mode != MW_STORE_READ;
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
    bool gathers = writes && kind->gathers;
    int rc = gathers ? sqlite_open_gathering(path, &st->db, flags) : sqlite3_open_v2(path, &st->db, flags, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_busy_timeout(st->db, writes ? kind->writer_busy_ms : kind->reader_busy_ms);
    if (rc != SQLITE_OK) goto failed;

    struct mw_store_error why;
    enum mw_err out = writes ? sqlite_schema_admit(st->db, kind->schema, mode == MW_STORE_WRITE, &why) : MW_OK;
    if (out != MW_OK) return sqlite_explain(err, path, why.text, out);
    rc = set_pragmas(st, writes ? kind->pragmas : kind->reader_pragmas);
    if (rc != SQLITE_OK) goto failed;
    out = writes ? update(st, kind, &why) : sqlite_schema_check(st->db, kind->schema, &why);
    if (out != MW_OK) return sqlite_explain(err, path, why.text, out);
    if (!sqlite_in_place(st)) return sqlite_explain(err, path, "went away while it was opened", MW_EIO);
    rc = prepare(st, kind, mode);
    if (rc == SQLITE_OK) return MW_OK;
failed:
    return sqlite_explain(err, path, sqlite3_errstr(rc), (rc & 0xff) == SQLITE_NOMEM ? MW_ENOMEM : MW_EIO);
}

static const char *const absent[] = {
    [MW_STORE_READ] = "is not there: start the login service first",
    [MW_STORE_WRITE] = "went away while it was opened",
    [MW_STORE_WRITE_AGAIN] = "is not there",
};

enum mw_err sqlite_open(const struct sqlite_kind *kind, struct mw_str where, enum mw_store_mode mode,
                        struct store_sqlite **out, struct mw_store_error *err) {
    char path[STORE_PATH_MAX];
    if (where.len == 0 || !mw_str_copy(path, sizeof path, where))
        return sqlite_explain(err, "sqlite:", "a path must follow", MW_EINVAL);
    enum mw_err rc = mode == MW_STORE_WRITE ? create_file(path, err) : MW_OK;
    if (rc != MW_OK) return rc;
    struct stat file = {.st_ino = 0}; /* what can not be looked at can not be opened either, and that says why */
    if (stat(path, &file) != 0 && errno == ENOENT) return sqlite_explain(err, path, absent[mode], MW_ENOENT);
    struct store_sqlite *st = calloc(1, sizeof *st);
    if (!st) return sqlite_explain(err, path, "no memory", MW_ENOMEM);
    (void)mw_str_copy(st->path, sizeof st->path, where);
    st->device = file.st_dev;
    st->inode = file.st_ino;
    st->count = kind->count;
    st->stmts = calloc(kind->count, sizeof(sqlite3_stmt *));
    rc = st->stmts ? fill(st, kind, path, mode, err) : sqlite_explain(err, path, "no memory", MW_ENOMEM);
    if (rc == MW_OK)
        *out = st;
    else
        sqlite_close(st);
    return rc;
}
