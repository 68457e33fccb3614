/* The sessions' store as SQLite leaves it on the disk: what is committed is there, and nothing else ever gets there. */
#include "mw/store.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define FEW 3
#define MANY 9000 /* more than the store's cache holds, and than goes out at once */

static char folder[64], path[80], copy[80], log_path[96];
static const char *const suffixes[] = {"", "-wal", "-shm"};
static const size_t suffix_count = sizeof suffixes / sizeof suffixes[0];

static int set_up(void **state) {
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/mw-gather-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    (void)snprintf(path, sizeof path, "%s/s.db", folder);
    (void)snprintf(copy, sizeof copy, "%s/copy.db", folder);
    (void)snprintf(log_path, sizeof log_path, "%s-wal", path);
    return 0;
}

static void remove_all(const char *db) {
    for (size_t i = 0; i < suffix_count; i++) {
        char file[96];
        (void)snprintf(file, sizeof file, "%s%s", db, suffixes[i]);
        (void)unlink(file);
    }
}

static int tear_down(void **state) {
    (void)state;
    remove_all(path);
    remove_all(copy);
    return rmdir(folder);
}

static struct mw_store *open_store(const char *db) {
    char url[96];
    struct mw_store *st = NULL;
    struct mw_store_error why;
    (void)snprintf(url, sizeof url, "sqlite:%s", db);
    if (mw_store_open(mw_cstr(url), MW_STORE_WRITE, &st, &why) != MW_OK) fail_msg("%s", why.text);
    return st;
}

/* Scattered, so that each falls on another page. */
static void name_session(unsigned n, char sid[static MW_SID_LEN + 1], char uid[static MW_UID_LEN + 1]) {
    uint32_t scattered = n * 2654435761U;
    memset(sid, 'a', MW_SID_LEN);
    memset(uid, 'a', MW_UID_LEN);
    for (size_t i = 0; i < 7; i++, scattered /= 26)
        sid[i] = uid[i] = (char)('a' + scattered % 26);
    sid[MW_SID_LEN] = uid[MW_UID_LEN] = '\0';
}

/* Sessions first..end-1, in one transaction that is still open. */
static enum mw_err add(struct mw_store *st, unsigned first, unsigned end) {
    enum mw_err err = mw_store_begin(st);
    for (unsigned n = first; err == MW_OK && n < end; n++) {
        struct mw_user u = {.profile = {"Band", "https://a/b"}};
        struct mw_session s = {.created_s = 1000, .expires_s = 2000};
        struct mw_profile p;
        name_session(n, s.sid, s.uid);
        memcpy(u.uid, s.uid, sizeof u.uid);
        memcpy(u.openid, s.uid, sizeof s.uid);
        err = mw_store_add_session(st, &u, &s, &p, NULL);
    }
    return err;
}

static void add_all(struct mw_store *st, unsigned first, unsigned end) {
    assert_int_equal(add(st, first, end), MW_OK);
    assert_int_equal(mw_store_commit(st), MW_OK);
}

static void must_hold(struct mw_store *st, unsigned first, unsigned end, enum mw_err want) {
    for (unsigned n = first; n < end; n++) {
        char sid[MW_SID_LEN + 1], uid[MW_UID_LEN + 1];
        struct mw_session found;
        name_session(n, sid, uid);
        enum mw_err err = mw_store_find_session(st, mw_cstr(sid), &found);
        if (err != want) fail_msg("session %u: %s", n, mw_err_text(err));
    }
}

static void copy_file(const char *from, const char *to) {
    static char bytes[65536];
    FILE *in = fopen(from, "re"), *out = fopen(to, "we");
    assert_non_null(in);
    assert_non_null(out);
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
        assert_int_equal(fwrite(bytes, 1, n, out), n);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(fclose(in), 0);
}

/* What a process would find that starts after this one has been killed now. */
static struct mw_store *open_as_left(void) {
    char log_copy[96];
    remove_all(copy);
    (void)snprintf(log_copy, sizeof log_copy, "%s-wal", copy);
    copy_file(path, copy);
    copy_file(log_path, log_copy);
    return open_store(copy);
}

static void commit__any_size__is_all_on_the_disk(void **state) {
    static const unsigned ends[] = {1, FEW, MANY};
    struct mw_store *st = open_store(path);
    unsigned first = 0;
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        add_all(st, first, ends[i]);
        first = ends[i];
        struct mw_store *left = open_as_left();
        must_hold(left, 0, first, MW_OK);
        mw_store_close(&left);
    }
    mw_store_close(&st);
}

static void rollback__any_size__writes_nothing(void **state) {
    static const unsigned ends[] = {FEW, MANY};
    struct mw_store *st = open_store(path);
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct stat before, after;
        assert_int_equal(stat(log_path, &before), 0);
        assert_int_equal(add(st, 0, ends[i]), MW_OK);
        mw_store_rollback(st);
        assert_int_equal(stat(log_path, &after), 0);
        assert_int_equal(after.st_size, before.st_size);
    }
    must_hold(st, 0, MANY, MW_ENOENT);
    mw_store_close(&st);
}

/* The log must not grow beyond its present size, as on a full disk. */
static enum mw_err add_without_room(struct mw_store *st, unsigned first, unsigned end) {
    struct rlimit former, tight;
    struct stat log;
    assert_int_equal(stat(log_path, &log), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &former), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    tight = (struct rlimit){(rlim_t)log.st_size, former.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    enum mw_err err = add(st, first, end);
    if (err == MW_OK) err = mw_store_commit(st);
    if (err != MW_OK) mw_store_rollback(st);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &former), 0);
    (void)signal(SIGXFSZ, handler);
    return err;
}

/* What a failed commit has held back must not be written later: its place is another's by then. */
static void commit__failed__leaves_others_commits_whole(void **state) {
    struct mw_store *st = open_store(path), *other = open_store(path);
    (void)state;
    add_all(st, 0, FEW);
    assert_int_equal(add_without_room(st, FEW, 2 * FEW), MW_EIO);
    add_all(other, 2 * FEW, 20 * FEW);
    add_all(st, 20 * FEW, 21 * FEW);

    struct mw_store *left = open_as_left();
    must_hold(left, 0, FEW, MW_OK);
    must_hold(left, FEW, 2 * FEW, MW_ENOENT);
    must_hold(left, 2 * FEW, 21 * FEW, MW_OK);
    mw_store_close(&left);
    mw_store_close(&other);
    mw_store_close(&st);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(commit__any_size__is_all_on_the_disk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rollback__any_size__writes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(commit__failed__leaves_others_commits_whole, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
