#include "mw/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], path[80], url[96];
static struct mw_store_error why;

static int set_up(void **state) {
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/mw-store-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    (void)snprintf(path, sizeof path, "%s/s.db", folder);
    (void)snprintf(url, sizeof url, "sqlite:%s", path);
    return 0;
}

static int tear_down(void **state) {
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    (void)state;
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char file[96];
        (void)snprintf(file, sizeof file, "%s%s", path, suffixes[i]);
        (void)unlink(file);
    }
    return rmdir(folder);
}

static struct mw_store *open_store(enum mw_store_mode mode) {
    struct mw_store *st = NULL;
    if (mw_store_open(mw_cstr(url), mode, &st, &why) != MW_OK) fail_msg("%s", why.text);
    return st;
}

/* A uid and a sid out of one letter each. */
static struct mw_user user_of(char letter, const char *nick, const char *avatar) {
    struct mw_user u = {.openid = "oA"};
    memset(u.uid, letter, MW_UID_LEN);
    u.openid[1] = letter;
    (void)snprintf(u.profile.nick, sizeof u.profile.nick, "%s", nick);
    (void)snprintf(u.profile.avatar, sizeof u.profile.avatar, "%s", avatar);
    return u;
}

static struct mw_session session_of(char letter, const struct mw_user *u, int64_t expires_s) {
    struct mw_session s = {.created_s = 1000, .expires_s = expires_s};
    memset(s.sid, letter, MW_SID_LEN);
    memcpy(s.uid, u->uid, sizeof s.uid);
    memset(s.sealed_key, letter, sizeof s.sealed_key);
    return s;
}

static enum mw_err add(struct mw_store *st, const struct mw_user *u, const struct mw_session *s,
                       struct mw_profile *effective) {
    enum mw_err err = mw_store_begin(st);
    if (err == MW_OK) err = mw_store_add_session(st, u, s, effective, NULL);
    if (err == MW_OK) err = mw_store_commit(st);
    if (err != MW_OK) mw_store_rollback(st);
    return err;
}

static void add__session__is_found_by_another_handle(void **state) {
    struct mw_store *writer = open_store(MW_STORE_WRITE), *reader = open_store(MW_STORE_READ);
    struct mw_user u = user_of('u', "Band", "https://a/b");
    struct mw_session s = session_of('s', &u, 2000), found;
    struct mw_profile p;
    (void)state;
    assert_int_equal(add(writer, &u, &s, &p), MW_OK);
    assert_string_equal(p.nick, "Band");
    assert_int_equal(mw_store_find_session(reader, mw_cstr(s.sid), &found), MW_OK);
    assert_string_equal(found.sid, s.sid);
    assert_string_equal(found.uid, u.uid);
    assert_int_equal(found.created_s, 1000);
    assert_int_equal(found.expires_s, 2000);
    assert_memory_equal(found.sealed_key, s.sealed_key, sizeof s.sealed_key);
    assert_string_equal(found.profile.nick, "Band");
    assert_string_equal(found.profile.avatar, "https://a/b");
    mw_store_close(&reader);
    mw_store_close(&writer);
    assert_null(writer);
}

static void find__unknown_or_no_sid__is_told_apart(void **state) {
    struct mw_store *st = open_store(MW_STORE_WRITE);
    struct mw_session found;
    (void)state;
    assert_int_equal(mw_store_find_session(st, MW_STR("aaaaaaaaaaaaaaaaaaaaaaaaaa"), &found), MW_ENOENT);
    assert_int_equal(mw_store_find_session(st, MW_STR("' OR 1"), &found), MW_EINVAL);
    assert_int_equal(mw_store_find_session(st, (struct mw_str){NULL, 0}, &found), MW_EINVAL);
    mw_store_close(&st);
}

static void add__profile_unknown__keeps_the_stored_one(void **state) {
    static const struct {
        const char *nick, *avatar, *want_nick, *want_avatar;
    } rows[] = {
        {"", "", "", ""},
        {"Band", "https://a/1", "Band", "https://a/1"},
        {"", "", "Band", "https://a/1"},
        {"", "https://a/2", "Band", "https://a/2"},
        {"Bund", "", "Bund", "https://a/2"},
    };
    struct mw_store *st = open_store(MW_STORE_WRITE);
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_user u = user_of('u', rows[i].nick, rows[i].avatar);
        struct mw_session s = session_of((char)('a' + i), &u, 2000);
        struct mw_profile p;
        if (add(st, &u, &s, &p) != MW_OK) fail_msg("row %zu: %s", i, mw_store_why(st));
        if (strcmp(p.nick, rows[i].want_nick) != 0 || strcmp(p.avatar, rows[i].want_avatar) != 0)
            fail_msg("row %zu: %s, %s", i, p.nick, p.avatar);
    }
    mw_store_close(&st);
}

static void add__sid_taken_or_uid_of_another__is_refused_whole(void **state) {
    struct mw_store *st = open_store(MW_STORE_WRITE);
    struct mw_user u = user_of('u', "Band", ""), thief = user_of('u', "Thief", ""), other = user_of('v', "", "");
    struct mw_session s = session_of('s', &u, 2000), again = session_of('s', &other, 3000);
    struct mw_session stolen = session_of('t', &u, 2000), found;
    struct mw_profile p = {"unchanged", ""};
    (void)state;
    assert_int_equal(add(st, &u, &s, &p), MW_OK);
    memcpy(p.nick, "unchanged", sizeof "unchanged");
    assert_int_equal(add(st, &other, &again, &p), MW_EEXIST);
    thief.openid[1] = 'x';
    assert_int_equal(add(st, &thief, &stolen, &p), MW_EEXIST);
    assert_string_equal(p.nick, "unchanged");
    assert_int_equal(mw_store_find_session(st, mw_cstr(s.sid), &found), MW_OK);
    assert_int_equal(found.expires_s, 2000);
    assert_string_equal(found.profile.nick, "Band");
    assert_int_equal(mw_store_find_session(st, mw_cstr(stolen.sid), &found), MW_ENOENT);
    mw_store_close(&st);
}

static void untouched__rows(void **state) {
    struct mw_store *st = open_store(MW_STORE_WRITE);
    struct mw_user u = user_of('u', "", ""), thief = user_of('u', "", "");
    struct mw_session s = session_of('s', &u, 2000), again = session_of('s', &u, 2000), found;
    struct mw_profile p;
    (void)state;
    assert_int_equal(mw_store_begin(st), MW_OK);
    int64_t written = mw_store_written(st);
    assert_true(mw_store_untouched(st, written));
    assert_int_equal(mw_store_find_session(st, mw_cstr(s.sid), &found), MW_ENOENT);
    assert_int_equal(mw_store_drop_session(st, mw_cstr(s.sid)), MW_ENOENT);
    assert_true(mw_store_untouched(st, written));
    assert_int_equal(mw_store_add_session(st, &u, &s, &p, NULL), MW_OK);
    assert_false(mw_store_untouched(st, written));
    written = mw_store_written(st);
    thief.openid[1] = 'x';
    assert_int_equal(mw_store_add_session(st, &thief, &s, &p, NULL), MW_EEXIST);
    assert_true(mw_store_untouched(st, written)); /* refused before anything was written */
    assert_int_equal(mw_store_add_session(st, &u, &again, &p, NULL), MW_EEXIST);
    assert_false(mw_store_untouched(st, written)); /* the user was, the session was not */
    mw_store_rollback(st);
    assert_false(mw_store_untouched(st, mw_store_written(st))); /* no transaction: what comes next is on its own */
    mw_store_close(&st);
}

static void rollback__and_close_without_commit__leave_nothing(void **state) {
    struct mw_user u = user_of('u', "", "");
    struct mw_session s = session_of('s', &u, 2000), found;
    struct mw_profile p;
    (void)state;
    for (int closed = 0; closed < 2; closed++) {
        struct mw_store *st = open_store(MW_STORE_WRITE);
        assert_int_equal(mw_store_begin(st), MW_OK);
        assert_int_equal(mw_store_add_session(st, &u, &s, &p, NULL), MW_OK);
        if (!closed) mw_store_rollback(st);
        mw_store_close(&st);
        st = open_store(MW_STORE_READ);
        assert_int_equal(mw_store_find_session(st, mw_cstr(s.sid), &found), MW_ENOENT);
        mw_store_close(&st);
    }
}

static void sweep__rows__drops_the_expired_and_no_more_than_asked(void **state) {
    struct mw_store *st = open_store(MW_STORE_WRITE);
    struct mw_user u = user_of('u', "", "");
    struct mw_profile p;
    struct mw_session found;
    uint32_t dropped = 99;
    (void)state;
    for (char letter = 'a'; letter <= 'e'; letter++) {
        struct mw_session s = session_of(letter, &u, 2000 + (letter - 'a'));
        assert_int_equal(add(st, &u, &s, &p), MW_OK);
    }
    static const struct {
        int64_t now_s;
        uint32_t max, want;
    } rows[] = {{1999, 10, 0}, {2000, 10, 1}, {2003, 2, 2}, {2003, 2, 1}, {2003, 2, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(mw_store_begin(st), MW_OK);
        assert_int_equal(mw_store_sweep(st, rows[i].now_s, rows[i].max, &dropped), MW_OK);
        assert_int_equal(mw_store_commit(st), MW_OK);
        if (dropped != rows[i].want) fail_msg("row %zu: %u dropped", i, (unsigned)dropped);
    }
    assert_int_equal(mw_store_find_session(st, MW_STR("eeeeeeeeeeeeeeeeeeeeeeeeee"), &found), MW_OK);
    mw_store_close(&st);
}

static void open__file__is_for_owner_and_group_whatever_the_umask(void **state) {
    struct stat file;
    struct mw_user u = user_of('u', "", "");
    struct mw_session s = session_of('s', &u, 2000);
    struct mw_profile p;
    (void)state;
    mode_t before = umask(0);
    struct mw_store *st = open_store(MW_STORE_WRITE);
    (void)umask(before);
    assert_int_equal(add(st, &u, &s, &p), MW_OK);
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_mode & 07777, 0660);
    char wal[96];
    (void)snprintf(wal, sizeof wal, "%s-wal", path);
    assert_int_equal(stat(wal, &file), 0);
    assert_int_equal(file.st_mode & 07777, 0660);
    mw_store_close(&st);
}

static void put_file(const char *text, size_t len) {
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static void open__what_is_no_store__is_refused_with_a_reason(void **state) {
    static const struct {
        const char *url;
        enum mw_err want;
        const char *text;
    } rows[] = {
        {"", MW_EINVAL, "sqlite:/path"},
        {"/var/lib/x.db", MW_EINVAL, "sqlite:/path"},
        {"redis://localhost", MW_EINVAL, "sqlite:/path"},
        {"sqlite:", MW_EINVAL, "path"},
        {"sqlite:/nonexistent/s.db", MW_EIO, "/nonexistent/s.db"},
    };
    struct mw_store *st = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum mw_err err = mw_store_open(mw_cstr(rows[i].url), MW_STORE_WRITE, &st, &why);
        if (err != rows[i].want || st || !strstr(why.text, rows[i].text))
            fail_msg("row %zu: %s: %s", i, mw_err_text(err), why.text);
        if (mw_store_probe(mw_cstr(rows[i].url), &why) == MW_OK) fail_msg("row %zu passes the probe", i);
    }
    assert_int_equal(mw_store_open(mw_cstr(url), MW_STORE_READ, &st, &why), MW_ENOENT);
    static const char text[] =
        "This is a text and no database, and it is long enough to have a header of one, which takes "
        "one hundred bytes.";
    put_file(text, sizeof text);
    assert_int_equal(mw_store_open(mw_cstr(url), MW_STORE_WRITE, &st, &why), MW_EINVAL);
    assert_non_null(strstr(why.text, "not a database"));
}

/* user_version stands at byte 60 of the file, application_id at byte 68, both big-endian. */
static void patch_byte(long at, int value) {
    FILE *f = fopen(path, "r+e");
    assert_non_null(f);
    assert_int_equal(fseek(f, at, SEEK_SET), 0);
    assert_int_equal(fputc(value, f), value);
    assert_int_equal(fclose(f), 0);
}

static void open__another_programs_or_newer_file__is_left_alone(void **state) {
    struct mw_store *st = open_store(MW_STORE_WRITE);
    (void)state;
    mw_store_close(&st);
    patch_byte(63, 99);
    assert_int_equal(mw_store_open(mw_cstr(url), MW_STORE_WRITE, &st, &why), MW_EINVAL);
    assert_non_null(strstr(why.text, "newer version"));
    assert_int_equal(mw_store_open(mw_cstr(url), MW_STORE_READ, &st, &why), MW_EINVAL);
    patch_byte(68, 1);
    assert_int_equal(mw_store_open(mw_cstr(url), MW_STORE_WRITE, &st, &why), MW_EINVAL);
    assert_non_null(strstr(why.text, "another program"));
}

static void open__again__keeps_what_is_there(void **state) {
    struct mw_user u = user_of('u', "", "");
    struct mw_session s = session_of('s', &u, 2000), found;
    struct mw_profile p;
    (void)state;
    struct mw_store *st = open_store(MW_STORE_WRITE);
    assert_int_equal(add(st, &u, &s, &p), MW_OK);
    mw_store_close(&st);
    st = open_store(MW_STORE_WRITE);
    assert_int_equal(mw_store_find_session(st, mw_cstr(s.sid), &found), MW_OK);
    assert_int_equal(mw_store_ping(st), MW_OK);
    mw_store_close(&st);
}

static void open_again__no_file_or_an_empty_one__is_left_so(void **state) {
    struct mw_store *st = NULL;
    struct stat file;
    (void)state;
    assert_int_equal(mw_store_open(mw_cstr(url), MW_STORE_WRITE_AGAIN, &st, &why), MW_ENOENT);
    assert_int_not_equal(stat(path, &file), 0);
    put_file("", 0);
    assert_int_equal(mw_store_open(mw_cstr(url), MW_STORE_WRITE_AGAIN, &st, &why), MW_ENOENT);
    assert_non_null(strstr(why.text, "is empty"));
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_size, 0);
    assert_null(st);
    st = open_store(MW_STORE_WRITE);
    mw_store_close(&st);
    st = open_store(MW_STORE_WRITE_AGAIN);
    assert_int_equal(mw_store_begin(st), MW_OK);
    assert_int_equal(mw_store_commit(st), MW_OK);
    mw_store_close(&st);
}

/* Whoever has lost its file must not take away what belongs to the one in its place. */
static void close__file_was_replaced__leaves_the_new_ones_log_alone(void **state) {
    char moved[96], log[96];
    struct stat file;
    const struct mw_user ann = user_of('a', "", "");
    const struct mw_session a = session_of('a', &ann, 2000);
    struct mw_session found;
    struct mw_profile p;
    (void)state;
    struct mw_store *old = open_store(MW_STORE_WRITE);
    (void)snprintf(moved, sizeof moved, "%s.old", path);
    (void)snprintf(log, sizeof log, "%s-wal", path);
    assert_int_equal(rename(path, moved), 0);
    assert_int_equal(unlink(log), 0);
    struct mw_store *st = open_store(MW_STORE_WRITE);
    assert_int_equal(add(st, &ann, &a, &p), MW_OK);
    assert_false(mw_store_in_place(old));
    mw_store_close(&old);
    assert_int_equal(stat(log, &file), 0);
    struct mw_store *reader = open_store(MW_STORE_READ);
    assert_int_equal(mw_store_find_session(reader, mw_cstr(a.sid), &found), MW_OK);
    mw_store_close(&reader);
    mw_store_close(&st);
    assert_int_equal(unlink(moved), 0);
}

static void probe__file_that_could_be_made__is_not_made(void **state) {
    (void)state;
    assert_int_equal(mw_store_probe(mw_cstr(url), &why), MW_OK);
    assert_int_not_equal(access(path, F_OK), 0);
    struct mw_store *st = open_store(MW_STORE_WRITE);
    assert_int_equal(mw_store_probe(mw_cstr(url), &why), MW_OK);
    mw_store_close(&st);
}

static void begin__another_writes__is_busy_and_goes_on_afterwards(void **state) {
    struct mw_store *one = open_store(MW_STORE_WRITE), *two = open_store(MW_STORE_WRITE);
    (void)state;
    assert_int_equal(mw_store_begin(one), MW_OK);
    assert_int_equal(mw_store_begin(two), MW_EBUSY);
    assert_non_null(strstr(mw_store_why(two), "locked"));
    assert_int_equal(mw_store_ping(two), MW_OK); /* who reads need not wait */
    mw_store_rollback(one);
    assert_int_equal(mw_store_begin(two), MW_OK);
    mw_store_rollback(two);
    mw_store_close(&one);
    mw_store_close(&two);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(add__session__is_found_by_another_handle, set_up, tear_down),
        cmocka_unit_test_setup_teardown(find__unknown_or_no_sid__is_told_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(add__profile_unknown__keeps_the_stored_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(add__sid_taken_or_uid_of_another__is_refused_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(untouched__rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rollback__and_close_without_commit__leave_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sweep__rows__drops_the_expired_and_no_more_than_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(open__file__is_for_owner_and_group_whatever_the_umask, set_up, tear_down),
        cmocka_unit_test_setup_teardown(open__what_is_no_store__is_refused_with_a_reason, set_up, tear_down),
        cmocka_unit_test_setup_teardown(open__another_programs_or_newer_file__is_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(open__again__keeps_what_is_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(open_again__no_file_or_an_empty_one__is_left_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(close__file_was_replaced__leaves_the_new_ones_log_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(probe__file_that_could_be_made__is_not_made, set_up, tear_down),
        cmocka_unit_test_setup_teardown(begin__another_writes__is_busy_and_goes_on_afterwards, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
