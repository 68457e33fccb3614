/* What the files of the SQLite store of sessions share. */
#ifndef STORE_SQLITE_DB_H
#define STORE_SQLITE_DB_H

#include "sqlite_file.h"
#include "store_ops.h"

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

/* The change log, in sqlite_changes.c. */
enum mw_err sqlite_append_change(void *ctx, const struct mw_change *change, int64_t *seq);
enum mw_err sqlite_drop_changes(void *ctx, int64_t now_s, uint32_t max, uint32_t *dropped);
enum mw_err sqlite_read_changes(void *ctx, int64_t after, struct mw_change *out, size_t cap, size_t *count);
enum mw_err sqlite_pulse(void *ctx, int64_t *pulse);
enum mw_err sqlite_name(void *ctx, char out[static MW_STORE_NAME_LEN + 1]);

#endif
