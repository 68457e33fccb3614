#include "mw/history_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define UID "aaaaaaaaaaaaaaaa"
#define ALL ((size_t)1 << 30)

static char folder[64], path[80], url[96];
static struct mw_history_store *st;
static struct mw_store_error why;

static void open_again(void) {
    mw_history_store_close(&st);
    if (mw_history_store_open(mw_cstr(url), &st, &why) != MW_OK) fail_msg("%s", why.text);
}

static int set_up(void **state) {
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/mw-history-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    (void)snprintf(path, sizeof path, "%s/h.db", folder);
    (void)snprintf(url, sizeof url, "sqlite:%s", path);
    return 0;
}

static int tear_down(void **state) {
    static const char *const suffixes[] = {"", "-wal", "-shm", ".old"};
    (void)state;
    mw_history_store_close(&st);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char file[96];
        (void)snprintf(file, sizeof file, "%s%s", path, suffixes[i]);
        (void)unlink(file);
    }
    return rmdir(folder);
}

static enum mw_err put_text(const char *room, int64_t id, struct mw_str m2) {
    const struct mw_history_message m = {mw_cstr(room), id, id * 10, MW_STR(UID), m2};
    return mw_history_store_put(st, &m);
}

static void put(const char *room, int64_t id) {
    if (put_text(room, id, MW_STR("{}")) != MW_OK) fail_msg("%s %d: %s", room, (int)id, mw_history_store_why(st));
}

static void begin(void) {
    if (mw_history_store_begin(st) != MW_OK) fail_msg("%s", mw_history_store_why(st));
}
static void commit(void) {
    if (mw_history_store_commit(st) != MW_OK) fail_msg("%s", mw_history_store_why(st));
}

/* What load gives, as "room:id ". */
struct listing {
    char text[4096];
    size_t count;
};

static void note(void *ctx, const struct mw_history_message *m) {
    struct listing *l = ctx;
    size_t len = strlen(l->text);
    if (len < 4000)
        (void)snprintf(l->text + len, sizeof l->text - len, "%.*s:%lld ", (int)m->room.len, m->room.ptr,
                       (long long)m->id);
    assert_int_equal(m->time_ms, m->id * 10);
    assert_true(mw_str_eq(m->uid, MW_STR(UID)));
    l->count++;
}

static struct listing load(size_t max_bytes) {
    struct listing l = {"", 0};
    if (mw_history_store_load(st, max_bytes, note, &l) != MW_OK) fail_msg("%s", mw_history_store_why(st));
    return l;
}

static void expect(const char *want) {
    struct listing l = load(ALL);
    if (strcmp(l.text, want) != 0) fail_msg("[%s], wanted [%s]", l.text, want);
}

static void put__messages__are_there_after_opening_again(void **state) {
    (void)state;
    open_again();
    expect("");
    begin();
    put("大厅", 7);
    put("b", 6);
    put("大厅", 9);
    put("大厅", 9); /* again: once */
    commit();
    open_again();
    expect("大厅:7 b:6 大厅:9 ");
}

static struct mw_history_message seen;
static char seen_m2[MW_HISTORY_M2_MAX];
static void keep(void *ctx, const struct mw_history_message *m) {
    (void)ctx;
    seen = *m;
    memcpy(seen_m2, m->m2.ptr, m->m2.len);
}

static void put__bytes_and_bounds__come_back_or_are_refused(void **state) {
    static char large[MW_HISTORY_M2_MAX + 1], name[MW_ROOM_MAX + 1];
    (void)state;
    open_again();
    memset(name, 'r', sizeof name);
    memset(large, '\xff', sizeof large);
    large[7] = '\0';
    struct mw_history_message m = {mw_bytes(name, MW_ROOM_MAX), INT64_MAX, -1, MW_STR(""),
                                   mw_bytes(large, MW_HISTORY_M2_MAX)};
    begin();
    assert_int_equal(mw_history_store_put(st, &m), MW_OK);
    static const struct {
        size_t room, uid, m2;
        int64_t id;
        enum mw_err want;
    } rows[] = {
        {MW_ROOM_MAX + 1, 16, 2, 5, MW_EINVAL}, {0, 16, 2, 5, MW_EINVAL}, {4, 17, 2, 5, MW_ETOOBIG},
        {4, 16, sizeof large, 5, MW_ETOOBIG},   {4, 16, 2, 0, MW_EINVAL}, {4, 16, 2, -3, MW_EINVAL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct mw_history_message bad = {mw_bytes(name, rows[i].room), rows[i].id, 0,
                                               mw_bytes("aaaaaaaaaaaaaaaaa", rows[i].uid), mw_bytes(large, rows[i].m2)};
        if (mw_history_store_put(st, &bad) != rows[i].want) fail_msg("row %zu", i);
    }
    m.m2 = mw_cstr(NULL);
    assert_int_equal(mw_history_store_put(st, &m), MW_EINVAL);
    assert_int_equal(mw_history_store_remove(st, MW_STR(""), 1), MW_EINVAL);
    assert_int_equal(mw_history_store_prune(st, MW_STR("r"), 0), MW_EINVAL);
    commit();
    open_again();
    assert_int_equal(mw_history_store_load(st, ALL, keep, NULL), MW_OK);
    assert_int_equal(seen.id, INT64_MAX);
    assert_int_equal(seen.time_ms, -1);
    assert_int_equal(seen.room.len, MW_ROOM_MAX);
    assert_int_equal(seen.uid.len, 0);
    assert_int_equal(seen.m2.len, MW_HISTORY_M2_MAX);
    assert_memory_equal(seen_m2, large, MW_HISTORY_M2_MAX);
}

static void remove__one__is_gone_and_others_stay(void **state) {
    (void)state;
    open_again();
    begin();
    put("a", 1);
    put("a", 2);
    put("b", 2);
    assert_int_equal(mw_history_store_remove(st, MW_STR("a"), 2), MW_OK);
    assert_int_equal(mw_history_store_remove(st, MW_STR("a"), 3), MW_OK);
    commit();
    expect("a:1 b:2 ");
}

static void prune__room__keeps_its_newest(void **state) {
    (void)state;
    open_again();
    begin();
    for (int64_t id = 1; id <= 6; id++)
        put("a", id);
    put("b", 1);
    put("b", 2);
    assert_int_equal(mw_history_store_prune(st, MW_STR("a"), 3), MW_OK);
    assert_int_equal(mw_history_store_prune(st, MW_STR("b"), 2), MW_OK);
    assert_int_equal(mw_history_store_prune(st, MW_STR("c"), 1), MW_OK);
    commit();
    expect("a:4 a:5 a:6 b:1 b:2 ");
}

static void trim__too_much_in_use__what_was_put_first_goes(void **state) {
    static char text[8000];
    bool over = true;
    (void)state;
    open_again();
    begin();
    for (int64_t id = 1; id <= 200; id++)
        assert_int_equal(put_text(id % 2 ? "a" : "b", id, mw_bytes(text, sizeof text)), MW_OK);
    assert_int_equal(mw_history_store_trim(st, 10000000, 10, &over), MW_OK);
    assert_false(over);
    size_t calls = 0;
    do {
        assert_int_equal(mw_history_store_trim(st, 1000000, 10, &over), MW_OK);
        calls++;
    } while (over);
    commit();
    struct listing l = load(ALL);
    assert_int_equal(l.count, 200 - 10 * (calls - 1));
    assert_true(l.count >= 90 && l.count <= 125);
    assert_non_null(strstr(l.text, ":200 "));
}

static void load__so_many_bytes__the_newest_of_all(void **state) {
    enum { EACH = 1 + 2 + MW_HISTORY_MESSAGE_COST };
    static const struct {
        size_t max;
        const char *want;
    } rows[] = {
        {0, ""},
        {EACH - 1, ""},
        {EACH, "b:30 "},
        {3 * EACH - 1, "a:20 b:30 "},
        {3 * EACH, "b:5 a:20 b:30 "},
        {SIZE_MAX, "a:10 b:5 a:20 b:30 "},
    };
    (void)state;
    open_again();
    begin();
    put("a", 10);
    put("b", 5);
    put("a", 20);
    put("b", 30);
    commit();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct listing l = load(rows[i].max);
        if (strcmp(l.text, rows[i].want) != 0) fail_msg("row %zu: [%s]", i, l.text);
    }
}

static void rollback__and_close__leave_nothing(void **state) {
    (void)state;
    open_again();
    begin();
    put("a", 1);
    mw_history_store_rollback(st);
    expect("");
    begin();
    put("a", 2);
    open_again();
    expect("");
}

/* A child opens the file, puts a and b in two transactions, and is gone within the second, or after it. */
static void die_within(bool committed) {
    pid_t child = fork();
    if (child == 0) {
        struct mw_history_store *mine = NULL;
        const struct mw_history_message a = {MW_STR("a"), 1, 10, MW_STR(UID), MW_STR("{}")};
        const struct mw_history_message b = {MW_STR("b"), 1, 10, MW_STR(UID), MW_STR("{}")};
        bool fine = mw_history_store_open(mw_cstr(url), &mine, &why) == MW_OK &&
                    mw_history_store_begin(mine) == MW_OK && mw_history_store_put(mine, &a) == MW_OK &&
                    mw_history_store_commit(mine) == MW_OK && mw_history_store_begin(mine) == MW_OK &&
                    mw_history_store_put(mine, &b) == MW_OK && (!committed || mw_history_store_commit(mine) == MW_OK);
        _exit(fine ? 0 : 1);
    }
    int status = -1;
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    assert_int_equal(status, 0);
}

static void killed__within_a_transaction__what_was_committed_is_there(void **state) {
    (void)state;
    die_within(false);
    open_again();
    expect("a:1 ");
    mw_history_store_close(&st);
    die_within(true);
    open_again();
    expect("a:1 b:1 ");
    begin(); /* and it goes on */
    put("c", 1);
    commit();
}

static void disk_full__is_said_and_what_was_there_stays(void **state) {
    static char text[60000];
    struct rlimit former, tight;
    (void)state;
    open_again();
    begin();
    put("a", 1);
    commit();
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &former), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    tight = (struct rlimit){200000, former.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    enum mw_err err = mw_history_store_begin(st);
    for (int64_t id = 2; err == MW_OK && id < 100; id++)
        err = put_text("a", id, mw_bytes(text, sizeof text));
    if (err == MW_OK) err = mw_history_store_commit(st);
    const char *reason = mw_history_store_why(st);
    mw_history_store_rollback(st);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &former), 0);
    (void)signal(SIGXFSZ, handler);
    assert_int_equal(err, MW_EIO);
    assert_non_null(strstr(reason, "disk"));
    expect("a:1 ");
    begin();
    put("a", 2);
    commit();
    open_again();
    expect("a:1 a:2 ");
}

static void put_file(const void *bytes, size_t len) {
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static void expect_refused(enum mw_err want, const char *text) {
    enum mw_err err = mw_history_store_open(mw_cstr(url), &st, &why);
    if (err != want || st || !strstr(why.text, text)) fail_msg("%s: %s", mw_err_text(err), why.text);
}

static void open__what_is_no_store__is_refused_with_a_reason(void **state) {
    static const struct {
        const char *url;
        enum mw_err want;
        const char *text;
    } rows[] = {
        {"", MW_EINVAL, "sqlite:/path"},
        {NULL, MW_EINVAL, "sqlite:/path"},
        {"/var/lib/x.db", MW_EINVAL, "sqlite:/path"},
        {"redis://localhost", MW_EINVAL, "sqlite:/path"},
        {"sqlite:", MW_EINVAL, "path"},
        {"sqlite:/nonexistent/h.db", MW_EIO, "/nonexistent/h.db"},
        {"sqlite:/tmp", MW_EIO, "/tmp"},
    };
    static const char text[] =
        "This is a text and no database, and it is long enough to have a header of one, which takes "
        "one hundred bytes.";
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum mw_err err = mw_history_store_open(mw_cstr(rows[i].url), &st, &why);
        if (err != rows[i].want || st || !strstr(why.text, rows[i].text))
            fail_msg("row %zu: %s: %s", i, mw_err_text(err), why.text);
    }
    put_file(text, sizeof text);
    expect_refused(MW_EINVAL, "is not a database of messages");
}

static void run_sql(const char *sql) {
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void read_header(char header[static 100]) {
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    assert_int_equal(fread(header, 1, 100, f), 100);
    assert_int_equal(fclose(f), 0);
}

static void open__file_of_others__is_left_alone(void **state) {
    struct mw_store *sessions = NULL;
    (void)state;
    char before[100], after[100]; /* the header says how the file is written, too */
    run_sql("CREATE TABLE notes(text)");
    read_header(before);
    expect_refused(MW_EINVAL, "another program");
    read_header(after);
    assert_memory_equal(before, after, sizeof before);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mw_store_open(mw_cstr(url), MW_STORE_WRITE, &sessions, &why), MW_OK);
    mw_store_close(&sessions);
    expect_refused(MW_EINVAL, "holds sessions, not messages");
    assert_int_equal(unlink(path), 0);
    open_again();
    mw_history_store_close(&st);
    assert_int_equal(mw_store_open(mw_cstr(url), MW_STORE_WRITE, &sessions, &why), MW_EINVAL);
    assert_non_null(strstr(why.text, "holds messages, not sessions"));
    assert_int_equal(mw_store_open(mw_cstr(url), MW_STORE_READ, &sessions, &why), MW_EINVAL);
    run_sql("PRAGMA user_version = 99");
    expect_refused(MW_EINVAL, "newer version");
}

/* Everything behind the first page, where the tables are named, is overwritten. */
static void damaged__is_said_when_it_is_read(void **state) {
    static char text[3000], rubbish[4096];
    (void)state;
    open_again();
    begin();
    for (int64_t id = 1; id <= 100; id++)
        assert_int_equal(put_text("a", id, mw_bytes(text, sizeof text)), MW_OK);
    commit();
    mw_history_store_close(&st); /* what the log holds goes into the file */
    struct stat file;
    assert_int_equal(stat(path, &file), 0);
    memset(rubbish, 0xa5, sizeof rubbish);
    FILE *f = fopen(path, "r+e");
    assert_non_null(f);
    assert_int_equal(fseek(f, 4096, SEEK_SET), 0);
    for (off_t at = 4096; at < file.st_size; at += 4096)
        assert_int_equal(fwrite(rubbish, 1, sizeof rubbish, f), sizeof rubbish);
    assert_int_equal(fclose(f), 0);
    open_again();
    struct listing l = {"", 0};
    assert_int_equal(mw_history_store_load(st, ALL, note, &l), MW_EIO);
    assert_non_null(strstr(mw_history_store_why(st), "malformed"));
    assert_int_equal(l.count, 0);
}

static void load__rows_that_are_not_ours__are_passed_over(void **state) {
    (void)state;
    open_again();
    begin();
    put("a", 1);
    commit();
    run_sql("INSERT INTO messages(room, id, time_ms, uid, m2) VALUES"
            " ('', 2, 0, '', x'00'), ('a', -2, 0, '', x'00'), (hex(randomblob(33)), 3, 0, '', x'00'),"
            " ('a', 4, 0, 'aaaaaaaaaaaaaaaaa', x'00'), ('a', 5, 0, '', zeroblob(80000))");
    expect("a:1 ");
}

static void begin__another_writes__is_busy_and_goes_on_afterwards(void **state) {
    struct mw_history_store *other = NULL;
    (void)state;
    open_again();
    assert_int_equal(mw_history_store_open(mw_cstr(url), &other, &why), MW_OK);
    assert_int_equal(mw_history_store_begin(other), MW_OK);
    assert_int_equal(mw_history_store_begin(st), MW_EBUSY);
    assert_non_null(strstr(mw_history_store_why(st), "locked"));
    mw_history_store_rollback(other);
    begin();
    put("a", 1);
    commit();
    mw_history_store_close(&other);
    assert_null(other);
}

static void in_place__removed_or_replaced__is_seen(void **state) {
    char old[96];
    (void)state;
    open_again();
    assert_true(mw_history_store_in_place(st));
    (void)snprintf(old, sizeof old, "%s.old", path);
    assert_int_equal(rename(path, old), 0);
    assert_false(mw_history_store_in_place(st));
    put_file("", 0);
    assert_false(mw_history_store_in_place(st));
}

static void open__file__is_for_owner_and_group_whatever_the_umask(void **state) {
    struct stat file;
    (void)state;
    mode_t before = umask(0);
    open_again();
    (void)umask(before);
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_mode & 07777, 0660);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(put__messages__are_there_after_opening_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(put__bytes_and_bounds__come_back_or_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(remove__one__is_gone_and_others_stay, set_up, tear_down),
        cmocka_unit_test_setup_teardown(prune__room__keeps_its_newest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(trim__too_much_in_use__what_was_put_first_goes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(load__so_many_bytes__the_newest_of_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(load__rows_that_are_not_ours__are_passed_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rollback__and_close__leave_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(killed__within_a_transaction__what_was_committed_is_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(disk_full__is_said_and_what_was_there_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(open__what_is_no_store__is_refused_with_a_reason, set_up, tear_down),
        cmocka_unit_test_setup_teardown(open__file_of_others__is_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(open__file__is_for_owner_and_group_whatever_the_umask, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damaged__is_said_when_it_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(begin__another_writes__is_busy_and_goes_on_afterwards, set_up, tear_down),
        cmocka_unit_test_setup_teardown(in_place__removed_or_replaced__is_seen, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
