/* What the files of the SQLite store share: one open database and its prepared statements. */
#ifndef STORE_SQLITE_DB_H
#define STORE_SQLITE_DB_H

#include "store_ops.h"

#include <sqlite3.h>
#include <sys/types.h>

#define STORE_PATH_MAX 4096

enum query {
    Q_BEGIN = 0,
    Q_COMMIT,
    Q_ROLLBACK,
    Q_MARK,
    Q_KEEP,
    Q_UNDO,
    Q_PUT_USER,
    Q_ADD_SESSION,
    Q_SWEEP,
    Q_REPLACE_CHANGE,
    Q_APPEND_CHANGE,
    Q_DROP_CHANGES,
    Q_FIRST_READ, /* a reader has those from here on */
    Q_FIND_SESSION = Q_FIRST_READ,
    Q_READ_CHANGES,
    Q_PULSE,
    Q_NAME,
    Q_PING,
    Q_COUNT
};

struct store_sqlite {
    sqlite3 *db;
    sqlite3_stmt *stmts[Q_COUNT]; /* a reader has those only that read */
    dev_t device;                 /* the file that was opened; its name may be another's by now */
    ino_t inode;
    char path[STORE_PATH_MAX];
    int why; /* SQLite's extended code of the last failure */
};

enum mw_err sqlite_err_of(struct store_sqlite *st, int rc);
/* Bound values are borrowed by SQLite until here. */
void sqlite_done_with(sqlite3_stmt *stmt);
/* Length taken from the field's own size: every text field is NUL-terminated within it. */
int sqlite_bind_field(sqlite3_stmt *stmt, int at, const char *text);
/* False when the column does not fit: the file was changed by somebody who is not us. */
bool sqlite_column_field(sqlite3_stmt *stmt, int at, char *dst, size_t cap);

/* The change log, in sqlite_changes.c. */
enum mw_err sqlite_append_change(void *ctx, const struct mw_change *change, int64_t *seq);
enum mw_err sqlite_drop_changes(void *ctx, int64_t now_s, uint32_t max, uint32_t *dropped);
enum mw_err sqlite_read_changes(void *ctx, int64_t after, struct mw_change *out, size_t cap, size_t *count);
enum mw_err sqlite_pulse(void *ctx, int64_t *pulse);
enum mw_err sqlite_name(void *ctx, char out[static MW_STORE_NAME_LEN + 1]);
bool sqlite_in_place(const void *ctx);

#endif
