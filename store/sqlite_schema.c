#include "sqlite_schema.h"

#include <sqlite3.h>
#include <stdio.h>

/* Steps are never changed once released: add one. */
static const char *const sessions_steps[] = {
    "CREATE TABLE users ("
    "  uid TEXT PRIMARY KEY NOT NULL,"
    "  openid TEXT NOT NULL,"
    "  unionid TEXT,"
    "  nick TEXT NOT NULL DEFAULT '',"
    "  avatar TEXT NOT NULL DEFAULT '',"
    "  created_s INTEGER NOT NULL,"
    "  seen_s INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE sessions ("
    "  sid TEXT PRIMARY KEY NOT NULL,"
    "  uid TEXT NOT NULL REFERENCES users(uid) ON DELETE CASCADE,"
    "  sealed_key BLOB NOT NULL,"
    "  created_s INTEGER NOT NULL,"
    "  expires_s INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX sessions_uid ON sessions(uid);"
    "CREATE INDEX sessions_expires ON sessions(expires_s);",

    "CREATE TABLE changes ("
    "  seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  at_s INTEGER NOT NULL,"
    "  type INTEGER NOT NULL,"
    "  who TEXT NOT NULL,"
    "  room TEXT NOT NULL DEFAULT '',"
    "  until_s INTEGER NOT NULL,"
    "  nick TEXT NOT NULL DEFAULT '',"
    "  avatar TEXT NOT NULL DEFAULT ''"
    ") STRICT;"
    "CREATE INDEX changes_who ON changes(who);"
    "CREATE INDEX changes_until ON changes(until_s);"
    "CREATE TABLE store (name TEXT NOT NULL) STRICT;"
    "INSERT INTO store(name) VALUES(lower(hex(randomblob(16))));",

    /* Users and sessions in the order in which they came, so that what a batch of log-ins writes lies side by side;
     * only the short entries of the indexes by uid and sid, which are random, go all over the place. */
    "CREATE TABLE new_users ("
    "  id INTEGER PRIMARY KEY,"
    "  uid TEXT NOT NULL UNIQUE,"
    "  openid TEXT NOT NULL,"
    "  unionid TEXT,"
    "  nick TEXT NOT NULL DEFAULT '',"
    "  avatar TEXT NOT NULL DEFAULT '',"
    "  created_s INTEGER NOT NULL,"
    "  seen_s INTEGER NOT NULL"
    ") STRICT;"
    "INSERT INTO new_users(uid, openid, unionid, nick, avatar, created_s, seen_s)"
    "  SELECT uid, openid, unionid, nick, avatar, created_s, seen_s FROM users ORDER BY created_s;"
    "CREATE TABLE new_sessions ("
    "  id INTEGER PRIMARY KEY,"
    "  sid TEXT NOT NULL UNIQUE,"
    "  user INTEGER NOT NULL REFERENCES new_users(id) ON DELETE CASCADE,"
    "  sealed_key BLOB NOT NULL,"
    "  created_s INTEGER NOT NULL,"
    "  expires_s INTEGER NOT NULL"
    ") STRICT;"
    "INSERT INTO new_sessions(sid, user, sealed_key, created_s, expires_s)"
    "  SELECT s.sid, u.id, s.sealed_key, s.created_s, s.expires_s FROM sessions s JOIN new_users u ON u.uid = s.uid"
    "  ORDER BY s.created_s;"
    "DROP TABLE sessions;"
    "DROP TABLE users;"
    "ALTER TABLE new_users RENAME TO users;"
    "ALTER TABLE new_sessions RENAME TO sessions;"
    "CREATE INDEX sessions_user ON sessions(user, sid);"
    "CREATE INDEX sessions_expires ON sessions(expires_s);",
};

/* The primary key grows with every message, so the newest are at one end and writing is appending. */
static const char *const history_steps[] = {
    "CREATE TABLE messages ("
    "  seq INTEGER PRIMARY KEY,"
    "  room TEXT NOT NULL,"
    "  id INTEGER NOT NULL,"
    "  time_ms INTEGER NOT NULL,"
    "  uid TEXT NOT NULL,"
    "  m2 BLOB NOT NULL,"
    "  UNIQUE (room, id)"
    ") STRICT;",
};

const struct sqlite_schema sqlite_sessions_schema = {
    .application_id = 0x6d777353, /* "mwsS" */
    .holds = "sessions",
    .not_a_database = "is not a database of sessions",
    .steps = sessions_steps,
    .version = sizeof sessions_steps / sizeof sessions_steps[0],
};
const struct sqlite_schema sqlite_history_schema = {
    .application_id = 0x6d777348, /* "mwsH" */
    .holds = "messages",
    .not_a_database = "is not a database of messages",
    .steps = history_steps,
    .version = sizeof history_steps / sizeof history_steps[0],
};
static const struct sqlite_schema *const ours[] = {&sqlite_sessions_schema, &sqlite_history_schema};

static enum mw_err fail(struct mw_store_error *err, enum mw_err rc, const char *what, sqlite3 *db) {
    (void)snprintf(err->text, sizeof err->text, "%s: %s", what, sqlite3_errstr(sqlite3_extended_errcode(db)));
    return rc;
}

struct found {
    int app, version, tables;
};

/* In one statement: another program may be making the file right now, and whoever saw its tables and not its mark would
 * take it for a stranger's. */
static int read_found(sqlite3 *db, struct found *out) {
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db,
                                "SELECT (SELECT application_id FROM pragma_application_id),"
                                " (SELECT user_version FROM pragma_user_version),"
                                " (SELECT count(*) FROM sqlite_schema)",
                                -1, &stmt, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        *out = (struct found){sqlite3_column_int(stmt, 0), sqlite3_column_int(stmt, 1), sqlite3_column_int(stmt, 2)};
        rc = SQLITE_OK;
    }
    sqlite3_finalize(stmt);
    return rc;
}

static enum mw_err refuse_other(int application_id, const struct sqlite_schema *want, struct mw_store_error *err) {
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        if (ours[i]->application_id != application_id) continue;
        (void)snprintf(err->text, sizeof err->text, "holds %s, not %s: each needs a file of its own", ours[i]->holds,
                       want->holds);
        return MW_EINVAL;
    }
    (void)snprintf(err->text, sizeof err->text, "is another program's database");
    return MW_EINVAL;
}

/* *version 0 means an empty file, which is ours to fill. */
static enum mw_err read_version(sqlite3 *db, const struct sqlite_schema *want, int *version,
                                struct mw_store_error *err) {
    struct found f = {0, 0, 0};
    if (read_found(db, &f) != SQLITE_OK) {
        if (sqlite3_errcode(db) == SQLITE_NOTADB) return fail(err, MW_EINVAL, want->not_a_database, db);
        return fail(err, MW_EIO, "can not be read", db);
    }
    if (f.app != want->application_id && !(f.app == 0 && f.version == 0 && f.tables == 0))
        return refuse_other(f.app, want, err);
    if (f.version > want->version) {
        (void)snprintf(err->text, sizeof err->text, "was made by a newer version (its format is %d, ours %d)",
                       f.version, want->version);
        return MW_EINVAL;
    }
    *version = f.version;
    return MW_OK;
}

static int run_steps(sqlite3 *db, const struct sqlite_schema *schema, int from) {
    for (int i = from; i < schema->version; i++) {
        int rc = sqlite3_exec(db, schema->steps[i], NULL, NULL, NULL);
        if (rc != SQLITE_OK) return rc;
    }
    char sql[96];
    (void)snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
                   schema->application_id, schema->version);
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

enum mw_err sqlite_schema_admit(sqlite3 *db, const struct sqlite_schema *schema, bool may_be_empty,
                                struct mw_store_error *err) {
    int version = 0;
    enum mw_err rc = read_version(db, schema, &version, err);
    if (rc != MW_OK || version > 0 || may_be_empty) return rc;
    (void)snprintf(err->text, sizeof err->text, "is empty");
    return MW_ENOENT;
}

enum mw_err sqlite_schema_update(sqlite3 *db, const struct sqlite_schema *schema, struct mw_store_error *err) {
    int version = 0;
    enum mw_err rc = read_version(db, schema, &version, err);
    if (rc != MW_OK || version == schema->version) return rc;
    if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        return fail(err, MW_EIO, "can not be written", db);
    /* Again, now that nobody else can change it: two programs may start at the same time. */
    rc = read_version(db, schema, &version, err);
    if (rc == MW_OK && run_steps(db, schema, version) != SQLITE_OK) rc = fail(err, MW_EIO, "can not be set up", db);
    if (rc != MW_OK) (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}

enum mw_err sqlite_schema_check(sqlite3 *db, const struct sqlite_schema *schema, struct mw_store_error *err) {
    int version = 0;
    enum mw_err rc = read_version(db, schema, &version, err);
    if (rc != MW_OK || version == schema->version) return rc;
    (void)snprintf(err->text, sizeof err->text,
                   version ? "is of an older format: start the login service first"
                           : "is empty: start the login service first");
    return MW_ENOENT;
}
