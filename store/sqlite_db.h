/* What the files of the SQLite store of sessions share. */
#ifndef STORE_SQLITE_DB_H
#define STORE_SQLITE_DB_H

#include "sqlite_file.h"
#include "store_ops.h"

enum query {
    Q_BEGIN = 0,
    Q_COMMIT,
    Q_ROLLBACK,
    Q_ADD_USER,
    Q_SET_USER,
    Q_ADD_SESSION,
    Q_SWEEP,
    Q_SET_END,
    Q_DROP_SESSION,
    Q_SET_PROFILE,
    Q_REPLACE_CHANGE,
    Q_APPEND_CHANGE,
    Q_DROP_CHANGES,
    Q_FIRST_READ, /* a reader has those from here on */
    Q_FIND_SESSION = Q_FIRST_READ,
    Q_LIST_SESSIONS,
    Q_COUNT_SESSIONS,
    Q_FIND_USER,
    Q_READ_CHANGES,
    Q_FIND_CHANGE,
    Q_PULSE,
    Q_PING,
    Q_COUNT
};

/* Sessions and users, in sqlite_sessions.c. */
enum mw_err sqlite_add_session(void *ctx, const struct mw_user *user, const struct mw_session *session,
                               struct mw_profile *effective, bool *renamed);
enum mw_err sqlite_sweep(void *ctx, int64_t now_s, uint32_t max, uint32_t *dropped);
enum mw_err sqlite_set_session_end(void *ctx, struct mw_str sid, int64_t expires_s);
enum mw_err sqlite_drop_session(void *ctx, struct mw_str sid);
enum mw_err sqlite_set_profile(void *ctx, struct mw_str uid, const struct mw_profile *profile);
enum mw_err sqlite_find_session(void *ctx, struct mw_str sid, struct mw_session *out);
enum mw_err sqlite_list_sessions(void *ctx, struct mw_str uid, struct mw_str after, struct mw_session_brief *out,
                                 size_t cap, size_t *count);
enum mw_err sqlite_count_sessions(void *ctx, int64_t now_s, int64_t *count);
enum mw_err sqlite_find_user(void *ctx, struct mw_str uid);

/* The change log, in sqlite_changes.c. */
enum mw_err sqlite_append_change(void *ctx, const struct mw_change *change, int64_t *seq);
enum mw_err sqlite_drop_changes(void *ctx, int64_t now_s, uint32_t max, uint32_t *dropped);
enum mw_err sqlite_read_changes(void *ctx, int64_t after, struct mw_change *out, size_t cap, size_t *count);
enum mw_err sqlite_find_change(void *ctx, enum mw_change_type type, struct mw_str who, struct mw_str room,
                               int64_t *until_s);
enum mw_err sqlite_pulse(void *ctx, int64_t *pulse);

#endif
