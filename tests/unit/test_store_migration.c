/* Stores that earlier versions made, and stores that another program makes at the same time. */
#include "mw/store.h"
#include "sqlite_schema.h"

#include <pthread.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], path[80], url[96];
static struct mw_store_error why;

static int set_up(void **state) {
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/mw-migrate-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    (void)snprintf(path, sizeof path, "%s/s.db", folder);
    (void)snprintf(url, sizeof url, "sqlite:%s", path);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

static void run(sqlite3 *db, const char *sql) {
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

static void make_version(int version, const char *rows) {
    struct sqlite_schema old = sqlite_sessions_schema;
    sqlite3 *db = NULL;
    old.version = version;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite_schema_update(db, &old, &why) != MW_OK) fail_msg("%s", why.text);
    run(db, rows);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

#define UIDS                                                                                                           \
    "INSERT INTO users VALUES('uuuuuuuuuuuuuuuu', 'oU', NULL, '小明', 'https://a/b', 2, 9);"                         \
    "INSERT INTO users VALUES('aaaaaaaaaaaaaaaa', 'oA', 'union', '', '', 5, 5);"
#define SIDS                                                                                                           \
    "INSERT INTO sessions VALUES('zzzzzzzzzzzzzzzzzzzzzzzzzz', 'uuuuuuuuuuuuuuuu', zeroblob(44), 2, 3000);"            \
    "INSERT INTO sessions VALUES('bbbbbbbbbbbbbbbbbbbbbbbbbb', 'uuuuuuuuuuuuuuuu', randomblob(44), 3, 2000);"          \
    "INSERT INTO sessions VALUES('cccccccccccccccccccccccccc', 'aaaaaaaaaaaaaaaa', randomblob(44), 5, 1000);"

static void check_sessions(struct mw_store *st) {
    static const struct {
        const char *sid, *uid, *nick, *avatar;
        int64_t created_s, expires_s;
    } rows[] = {
        {"zzzzzzzzzzzzzzzzzzzzzzzzzz", "uuuuuuuuuuuuuuuu", "小明", "https://a/b", 2, 3000},
        {"bbbbbbbbbbbbbbbbbbbbbbbbbb", "uuuuuuuuuuuuuuuu", "小明", "https://a/b", 3, 2000},
        {"cccccccccccccccccccccccccc", "aaaaaaaaaaaaaaaa", "", "", 5, 1000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_session s;
        if (mw_store_find_session(st, mw_cstr(rows[i].sid), &s) != MW_OK) fail_msg("row %zu: gone", i);
        if (strcmp(s.uid, rows[i].uid) != 0 || strcmp(s.profile.nick, rows[i].nick) != 0 ||
            strcmp(s.profile.avatar, rows[i].avatar) != 0 || s.created_s != rows[i].created_s ||
            s.expires_s != rows[i].expires_s)
            fail_msg("row %zu: %s, %s, %s, %lld, %lld", i, s.uid, s.profile.nick, s.profile.avatar,
                     (long long)s.created_s, (long long)s.expires_s);
        for (size_t at = 0; i == 0 && at < sizeof s.sealed_key; at++)
            assert_int_equal(s.sealed_key[at], 0);
    }
}

static void open__store_of_every_version__keeps_users_and_sessions(void **state) {
    (void)state;
    for (int version = 1; version < sqlite_sessions_schema.version; version++) {
        struct mw_session_brief briefs[4];
        struct mw_store *st = NULL;
        size_t count = 0;
        make_version(version, UIDS SIDS);
        assert_int_equal(mw_store_open(mw_cstr(url), MW_STORE_READ, &st, &why), MW_ENOENT);
        assert_non_null(strstr(why.text, "older format"));
        if (mw_store_open(mw_cstr(url), MW_STORE_WRITE, &st, &why) != MW_OK) fail_msg("%d: %s", version, why.text);
        check_sessions(st);
        assert_int_equal(
            mw_store_list_sessions(st, MW_STR("uuuuuuuuuuuuuuuu"), (struct mw_str){NULL, 0}, briefs, 4, &count), MW_OK);
        assert_int_equal(count, 2);
        assert_string_equal(briefs[0].sid, "bbbbbbbbbbbbbbbbbbbbbbbbbb");
        mw_store_close(&st);
        assert_int_equal(unlink(path), 0);
    }
}

static void open__version_2__keeps_the_change_log(void **state) {
    struct mw_change changes[4];
    struct mw_store *st = NULL;
    size_t count = 0;
    (void)state;
    make_version(2, "INSERT INTO changes(seq, at_s, type, who, until_s) VALUES(41, 7, 8, 'uuuuuuuuuuuuuuuu', 9999);");
    if (mw_store_open(mw_cstr(url), MW_STORE_WRITE, &st, &why) != MW_OK) fail_msg("%s", why.text);
    assert_int_equal(mw_store_read_changes(st, 40, changes, 4, &count), MW_OK);
    assert_int_equal(count, 1);
    assert_int_equal(changes[0].seq, 41);
    mw_store_close(&st);
}

/* What was moved hangs together as what is new does: no session without its user. */
static void open__migrated__references_hold(void **state) {
    struct mw_store *st = NULL;
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    (void)state;
    make_version(2, UIDS SIDS);
    if (mw_store_open(mw_cstr(url), MW_STORE_WRITE, &st, &why) != MW_OK) fail_msg("%s", why.text);
    mw_store_close(&st);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    run(db, "PRAGMA foreign_keys = ON; DELETE FROM users WHERE uid = 'uuuuuuuuuuuuuuuu'");
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT group_concat(sid) FROM sessions", -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    assert_string_equal(sqlite3_column_text(stmt, 0), "cccccccccccccccccccccccccc");
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void *hold_for_longer_than_a_writer_waits(void *arg) {
    sqlite3 *db = arg;
    const struct timespec while_it_migrates = {.tv_sec = 2, .tv_nsec = 200000000};
    (void)nanosleep(&while_it_migrates, NULL);
    return sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK ? NULL : db;
}

/* The broker starts while the login service still brings a big store to its version. */
static void open__another_is_migrating__waits_for_it(void **state) {
    struct mw_store *st = NULL;
    sqlite3 *db = NULL;
    pthread_t thread;
    void *failed = NULL;
    (void)state;
    make_version(2, UIDS SIDS);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    run(db, "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE");
    assert_int_equal(pthread_create(&thread, NULL, hold_for_longer_than_a_writer_waits, db), 0);
    if (mw_store_open(mw_cstr(url), MW_STORE_WRITE, &st, &why) != MW_OK) fail_msg("%s", why.text);
    assert_int_equal(pthread_join(thread, &failed), 0);
    assert_null(failed);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    check_sessions(st);
    mw_store_close(&st);
}

struct meanwhile {
    struct mw_store *made;
    unsigned statements;
};

/* When another statement begins and none is under way: what the first one saw may be of before. */
static int make_the_store(unsigned event, void *ctx, void *begins, void *unused) {
    struct meanwhile *m = ctx;
    sqlite3 *db = sqlite3_db_handle(begins);
    (void)event;
    (void)unused;
    if (m->statements++ == 0 || m->made) return 0;
    for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s; s = sqlite3_next_stmt(db, s))
        if (s != begins && sqlite3_stmt_busy(s)) return 0;
    if (mw_store_open(mw_cstr(url), MW_STORE_WRITE, &m->made, &why) != MW_OK) fail_msg("%s", why.text);
    return 0;
}

static void admit__another_makes_the_store_meanwhile__is_no_strangers(void **state) {
    struct meanwhile meanwhile = {NULL, 0};
    sqlite3 *db = NULL;
    (void)state;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_trace_v2(db, SQLITE_TRACE_STMT, make_the_store, &meanwhile), SQLITE_OK);
    if (sqlite_schema_admit(db, &sqlite_sessions_schema, true, &why) != MW_OK) fail_msg("%s", why.text);
    assert_true(meanwhile.statements > 0);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    mw_store_close(&meanwhile.made);
}

static void *hold_for_a_moment(void *arg) {
    sqlite3 *db = arg;
    const struct timespec while_it_opens = {.tv_nsec = 200000000};
    (void)nanosleep(&while_it_opens, NULL);
    /* COMMIT would write the first page, and is refused while the other looks at it. */
    return sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK ? NULL : db;
}

/* Broker and login service start for the first time, at the same time. */
static void open__another_has_the_new_file__waits_for_it(void **state) {
    struct mw_store *st = NULL;
    sqlite3 *db = NULL;
    pthread_t thread;
    void *failed = NULL;
    (void)state;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    run(db, "BEGIN IMMEDIATE");
    assert_int_equal(pthread_create(&thread, NULL, hold_for_a_moment, db), 0);
    const enum mw_err err = mw_store_open(mw_cstr(url), MW_STORE_WRITE, &st, &why);
    assert_int_equal(pthread_join(thread, &failed), 0);
    assert_null(failed);
    if (err != MW_OK) fail_msg("%s", why.text);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    mw_store_close(&st);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(open__store_of_every_version__keeps_users_and_sessions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(open__version_2__keeps_the_change_log, set_up, tear_down),
        cmocka_unit_test_setup_teardown(open__migrated__references_hold, set_up, tear_down),
        cmocka_unit_test_setup_teardown(open__another_is_migrating__waits_for_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(admit__another_makes_the_store_meanwhile__is_no_strangers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(open__another_has_the_new_file__waits_for_it, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
