#include "sqlite_db.h"

/* What a type takes the place of, besides itself. The numbers are the file's: never change one. */
static const enum mw_change_type opposite[] = {
    [MW_CHANGE_NONE] = MW_CHANGE_NONE,     [MW_CHANGE_EXTEND] = MW_CHANGE_EXTEND,
    [MW_CHANGE_REVOKE] = MW_CHANGE_EXTEND, [MW_CHANGE_PROFILE] = MW_CHANGE_PROFILE,
    [MW_CHANGE_GRANT] = MW_CHANGE_UNGRANT, [MW_CHANGE_UNGRANT] = MW_CHANGE_GRANT,
    [MW_CHANGE_MUTE] = MW_CHANGE_UNMUTE,   [MW_CHANGE_UNMUTE] = MW_CHANGE_MUTE,
    [MW_CHANGE_BAN] = MW_CHANGE_UNBAN,     [MW_CHANGE_UNBAN] = MW_CHANGE_BAN,
};
_Static_assert(sizeof opposite / sizeof opposite[0] == MW_CHANGE_TYPES, "one for each type");
_Static_assert(MW_CHANGE_EXTEND == 1 && MW_CHANGE_REVOKE == 2 && MW_CHANGE_PROFILE == 3 && MW_CHANGE_BAN == 8 &&
                   MW_CHANGE_UNBAN == 9,
               "types are written to files");

static enum mw_err replace_former(struct store_sqlite *st, const struct mw_change *c) {
    sqlite3_stmt *stmt = st->stmts[Q_REPLACE_CHANGE];
    enum mw_err err = MW_EIO;
    if (!sqlite_bind_field(stmt, 1, c->who) && !sqlite_bind_field(stmt, 2, c->room) &&
        !sqlite3_bind_int(stmt, 3, (int)c->type) && !sqlite3_bind_int(stmt, 4, (int)opposite[c->type]))
        err = sqlite_err_of(st, sqlite3_step(stmt));
    sqlite_done_with(stmt);
    return err;
}

enum mw_err sqlite_append_change(void *ctx, const struct mw_change *change, int64_t *seq) {
    struct store_sqlite *st = ctx;
    sqlite3_stmt *stmt = st->stmts[Q_APPEND_CHANGE];
    if (!mw_change_is_valid(change)) return MW_EINVAL;
    enum mw_err err = replace_former(st, change);
    if (err != MW_OK) return err;
    err = MW_EIO;
    if (!sqlite3_bind_int64(stmt, 1, change->at_s) && !sqlite3_bind_int(stmt, 2, (int)change->type) &&
        !sqlite_bind_field(stmt, 3, change->who) && !sqlite_bind_field(stmt, 4, change->room) &&
        !sqlite3_bind_int64(stmt, 5, change->until_s) && !sqlite_bind_field(stmt, 6, change->profile.nick) &&
        !sqlite_bind_field(stmt, 7, change->profile.avatar))
        err = sqlite_err_of(st, sqlite3_step(stmt));
    if (err == MW_OK) *seq = sqlite3_last_insert_rowid(st->db);
    sqlite_done_with(stmt);
    return err;
}

enum mw_err sqlite_drop_changes(void *ctx, int64_t now_s, uint32_t max, uint32_t *dropped) {
    struct store_sqlite *st = ctx;
    sqlite3_stmt *stmt = st->stmts[Q_DROP_CHANGES];
    enum mw_err err = MW_EIO;
    if (!sqlite3_bind_int64(stmt, 1, now_s) && !sqlite3_bind_int64(stmt, 2, max))
        err = sqlite_err_of(st, sqlite3_step(stmt));
    if (err == MW_OK) *dropped = (uint32_t)sqlite3_changes(st->db);
    sqlite_done_with(stmt);
    return err;
}

/* An entry of a newer version, or one that somebody else wrote, comes out as MW_CHANGE_NONE: followers pass it over. */
static void read_change(sqlite3_stmt *stmt, struct mw_change *out) {
    out->seq = sqlite3_column_int64(stmt, 0);
    out->at_s = sqlite3_column_int64(stmt, 1);
    int64_t type = sqlite3_column_int64(stmt, 2);
    out->type = type > 0 && type < MW_CHANGE_TYPES ? (enum mw_change_type)type : MW_CHANGE_NONE;
    out->until_s = sqlite3_column_int64(stmt, 5);
    bool fits = sqlite_column_field(stmt, 3, out->who, sizeof out->who) &&
                sqlite_column_field(stmt, 4, out->room, sizeof out->room) &&
                sqlite_column_field(stmt, 6, out->profile.nick, sizeof out->profile.nick) &&
                sqlite_column_field(stmt, 7, out->profile.avatar, sizeof out->profile.avatar);
    if (!fits || !mw_change_is_valid(out)) out->type = MW_CHANGE_NONE;
}

enum mw_err sqlite_read_changes(void *ctx, int64_t after, struct mw_change *out, size_t cap, size_t *count) {
    struct store_sqlite *st = ctx;
    sqlite3_stmt *stmt = st->stmts[Q_READ_CHANGES];
    enum mw_err err = MW_EIO;
    size_t got = 0;
    if (cap > INT32_MAX) cap = INT32_MAX;
    if (sqlite3_bind_int64(stmt, 1, after) || sqlite3_bind_int64(stmt, 2, (int64_t)cap)) goto done;
    for (;;) {
        int rc = sqlite3_step(stmt);
        err = sqlite_err_of(st, rc);
        if (rc != SQLITE_ROW || got == cap) break;
        read_change(stmt, &out[got++]);
    }
    if (err == MW_OK) *count = got;
done:
    sqlite_done_with(stmt);
    return err;
}

enum mw_err sqlite_find_change(void *ctx, enum mw_change_type type, struct mw_str who, struct mw_str room,
                               int64_t *until_s) {
    struct store_sqlite *st = ctx;
    sqlite3_stmt *stmt = st->stmts[Q_FIND_CHANGE];
    enum mw_err err = MW_EIO;
    if (!sqlite_bind_str(stmt, 1, who) && !sqlite3_bind_int(stmt, 2, (int)type) && !sqlite_bind_str(stmt, 3, room)) {
        int rc = sqlite3_step(stmt);
        err = rc == SQLITE_DONE ? MW_ENOENT : sqlite_err_of(st, rc);
    }
    if (err == MW_OK) *until_s = sqlite3_column_int64(stmt, 0);
    sqlite_done_with(stmt);
    return err;
}

enum mw_err sqlite_pulse(void *ctx, int64_t *pulse) {
    struct store_sqlite *st = ctx;
    sqlite3_stmt *stmt = st->stmts[Q_PULSE];
    enum mw_err err = sqlite_err_of(st, sqlite3_step(stmt));
    if (err == MW_OK) *pulse = sqlite3_column_int64(stmt, 0);
    sqlite_done_with(stmt);
    return err;
}
