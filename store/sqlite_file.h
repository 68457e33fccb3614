/* One open SQLite file of ours and its prepared statements, whatever it holds. */
#ifndef STORE_SQLITE_FILE_H
#define STORE_SQLITE_FILE_H

#include "sqlite_schema.h"

#include <sqlite3.h>
#include <sys/types.h>

#define STORE_PATH_MAX 4096

struct store_sqlite {
    sqlite3 *db;
    sqlite3_stmt **stmts; /* one for each query of its kind; a reader has those only that read */
    size_t count;
    dev_t device; /* the file that was opened; its name may be another's by now */
    ino_t inode;
    char path[STORE_PATH_MAX];
    int why; /* SQLite's extended code of the last failure */
};

/* What a kind of file holds and how it is used. */
struct sqlite_kind {
    const struct sqlite_schema *schema;
    const char *const *sql;
    size_t count, first_read;   /* of queries; a reader has those from first_read on */
    const char *pragmas;        /* a writer's */
    const char *reader_pragmas; /* may be NULL */
    bool gathers;               /* a writer's log goes out in big pieces; see sqlite_gather.h for what it asks for */
    int writer_busy_ms, reader_busy_ms;
};

/* `where` is the URL behind "sqlite:". On success the caller owns *out. */
MW_MUST_CHECK enum mw_err sqlite_open(const struct sqlite_kind *kind, struct mw_str where, enum mw_store_mode mode,
                                      struct store_sqlite **out, struct mw_store_error *err);
void sqlite_close(void *ctx);
/* "<path>: <what is wrong>", a long path cut. Returns rc, so that a failure is one line. */
enum mw_err sqlite_explain(struct mw_store_error *err, const char *path, const char *what, enum mw_err rc);
const char *sqlite_why(const void *ctx);
/* False once the file that was opened is no longer what its name stands for. */
bool sqlite_in_place(const void *ctx);

/* For statements without parameters and rows; `query` is of the file's kind. */
enum mw_err sqlite_run(struct store_sqlite *st, size_t query);
/* `rollback` is the query of the file's kind for it. */
void sqlite_roll_back(struct store_sqlite *st, size_t rollback);
enum mw_err sqlite_err_of(struct store_sqlite *st, int rc);
/* Steps once; the statement's bindings and its place are gone then. */
enum mw_err sqlite_step_once(struct store_sqlite *st, sqlite3_stmt *stmt);
/* For a value that could not be bound. */
enum mw_err sqlite_bind_failed(struct store_sqlite *st, sqlite3_stmt *stmt);
/* Bound values are borrowed by SQLite until here. */
void sqlite_done_with(sqlite3_stmt *stmt);
/* An absent text is NULL in SQL. */
int sqlite_bind_str(sqlite3_stmt *stmt, int at, struct mw_str text);
/* Length taken from the field's own size: every text field is NUL-terminated within it. */
int sqlite_bind_field(sqlite3_stmt *stmt, int at, const char *text);
/* False when the column does not fit: the file was changed by somebody who is not us. */
bool sqlite_column_field(sqlite3_stmt *stmt, int at, char *dst, size_t cap);

#endif
