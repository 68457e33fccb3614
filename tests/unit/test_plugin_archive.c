/* The archive against files: its turns are called by hand, save where the thread itself is the subject. */
#include "archive.h"
#include "worker.h"

#include "mw/history_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define UID "aaaaaaaaaaaaaaaa"
#define LARGE ((size_t)1 << 30)
#define ENOUGH_TURNS 200

static char folder[64], gone[80], path[80], url[96];
static struct archive *a;
static struct history h;

static struct {
    size_t away, back, lost, kept;
    char last[256];
} said;

static void log_line(void *ctx, enum mw_log_level level, const char *line) {
    (void)ctx;
    (void)level;
    said.away += strncmp(line, "history.away", 12) == 0;
    said.back += strncmp(line, "history.back", 12) == 0;
    said.lost += strncmp(line, "history.lost", 12) == 0;
    said.kept += strncmp(line, "history.kept", 12) == 0;
    (void)snprintf(said.last, sizeof said.last, "%s", line);
}
static const struct mw_log logger = {log_line, NULL, MW_LOG_INFO};

static size_t open_with(size_t limit) {
    struct mw_store_error why;
    size_t count = 99;
    archive_close(&a, &logger);
    history_free(&h);
    h.limit = limit;
    if (archive_open(url, &h, &a, &count, &why) != MW_OK) fail_msg("%s", why.text);
    return count;
}

static int set_up(void **state) {
    (void)state;
    memset(&said, 0, sizeof said);
    (void)snprintf(folder, sizeof folder, "/tmp/mw-archive-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    (void)snprintf(gone, sizeof gone, "%s.gone", folder);
    (void)snprintf(path, sizeof path, "%s/h.db", folder);
    (void)snprintf(url, sizeof url, "sqlite:%s", path);
    return 0;
}

static void remove_files(void) {
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char file[96];
        (void)snprintf(file, sizeof file, "%s%s", path, suffixes[i]);
        (void)unlink(file);
    }
}

static int tear_down(void **state) {
    (void)state;
    archive_close(&a, NULL);
    history_free(&h);
    remove_files();
    return rmdir(folder);
}

static struct past message(int64_t id, struct mw_str m2) {
    return (struct past){.id = id, .time_ms = id, .uid = UID, .m2 = m2};
}

static void put(const char *room, int64_t id) {
    const struct past p = message(id, MW_STR("{\"type\":\"text\"}"));
    archive_put(a, mw_cstr(room), &p);
}

static void turn(unsigned times) {
    for (unsigned i = 0; i < times; i++)
        archive_work(a);
    archive_tick(a, &logger);
}

struct listing {
    int64_t ids[64];
    size_t count;
};

static void note(void *ctx, const struct past *p) {
    struct listing *l = ctx;
    if (l->count < 64) l->ids[l->count] = p->id;
    l->count++;
    assert_string_equal(p->uid, UID);
    assert_int_equal(p->time_ms, p->id);
}

static struct listing in_room(const char *room) {
    struct listing l = {.count = 0};
    (void)history_last(&h, mw_cstr(room), SIZE_MAX, note, &l);
    return l;
}

static void put_and_remove__open_again__what_is_left_is_loaded(void **state) {
    (void)state;
    assert_int_equal(open_with(LARGE), 0);
    put("lobby", 1);
    put("大厅", 1);
    put("lobby", 2);
    put("lobby", 3);
    turn(1);
    archive_remove(a, MW_STR("lobby"), 2);
    archive_remove(a, MW_STR("nowhere"), 2);
    turn(1);
    assert_int_equal(open_with(LARGE), 3);
    struct listing l = in_room("lobby");
    assert_true(l.count == 2 && l.ids[0] == 1 && l.ids[1] == 3);
    struct past found;
    assert_true(history_find(&h, MW_STR("大厅"), 1, &found));
    assert_true(mw_str_eq(found.m2, MW_STR("{\"type\":\"text\"}")));
    assert_int_equal(said.away + said.back + said.lost + said.kept, 0);
}

static void put__hostile__is_not_kept_and_harms_nothing(void **state) {
    static char large[MW_HISTORY_M2_MAX + 1];
    char longest[MW_ROOM_MAX + 2];
    (void)state;
    memset(longest, 'r', sizeof longest);
    assert_int_equal(open_with(LARGE), 0);
    const struct past huge = message(1, mw_bytes(large, sizeof large)), none = message(2, mw_cstr(NULL));
    archive_put(a, MW_STR("lobby"), &huge);
    archive_put(a, MW_STR("lobby"), &none);
    put("", 3);
    put(NULL, 4);
    put("lobby", -5);
    archive_remove(a, mw_bytes(longest, MW_ROOM_MAX + 1), 1);
    archive_remove(a, mw_cstr(NULL), 1);
    const struct past fits = message(6, mw_bytes(large, MW_HISTORY_M2_MAX));
    archive_put(a, mw_bytes(longest, MW_ROOM_MAX), &fits);
    put("lobby", 7);
    turn(1);
    assert_int_equal(said.away, 0);
    assert_int_equal(open_with(LARGE), 2);
}

static void close__what_waits__is_written_first(void **state) {
    (void)state;
    assert_int_equal(open_with(LARGE), 0);
    for (int64_t id = 1; id <= 5000; id++)
        put(id % 2 ? "a" : "b", id);
    assert_int_equal(open_with(LARGE), 2 * HISTORY_PER_ROOM);
    assert_int_equal(said.lost, 0);
}

static size_t rows_on_disk;
static void count_rows(void *ctx, const struct mw_history_message *m) {
    (void)ctx;
    (void)m;
    rows_on_disk++;
}

static size_t rows(void) {
    struct mw_history_store *st = NULL;
    struct mw_store_error why;
    rows_on_disk = 0;
    assert_int_equal(mw_history_store_open(mw_cstr(url), &st, &why), MW_OK);
    assert_int_equal(mw_history_store_load(st, SIZE_MAX, count_rows, NULL), MW_OK);
    mw_history_store_close(&st);
    return rows_on_disk;
}

static void prune__full_room__not_many_more_than_it_may_hold(void **state) {
    (void)state;
    assert_int_equal(open_with(LARGE), 0);
    for (int64_t id = 1; id <= 20000; id++) {
        put("lobby", id << 12);
        if (id % 500 == 0) turn(1);
    }
    turn(1);
    size_t left = rows();
    if (left < HISTORY_PER_ROOM || left > HISTORY_PER_ROOM + 300) fail_msg("%zu rows", left);
    assert_int_equal(open_with(LARGE), HISTORY_PER_ROOM);
    struct past found;
    assert_true(history_find(&h, MW_STR("lobby"), INT64_C(20000) << 12, &found));
}

static void trim__many_rooms__the_file_stays_bounded(void **state) {
    static char text[4000];
    struct stat file;
    (void)state;
    assert_int_equal(open_with(1 << 20), 0);
    for (int64_t id = 1; id <= 5000; id++) { /* 20 MB, into twice 1 MB */
        const struct past p = message(id, mw_bytes(text, sizeof text));
        char room[16];
        (void)snprintf(room, sizeof room, "r%d", (int)(id % 1000));
        archive_put(a, mw_cstr(room), &p);
        if (id % 50 == 0) turn(1);
    }
    turn(2);
    size_t left = rows();
    if (left < 150 || left > 800) fail_msg("%zu rows", left);
    size_t loaded = open_with(1 << 20);
    assert_true(loaded > 150 && loaded <= left);
    assert_true(h.bytes <= h.limit);
    struct past found;
    assert_true(history_find(&h, MW_STR("r0"), 5000, &found));
    assert_int_equal(stat(path, &file), 0);
    if (file.st_size > 8 << 20) fail_msg("%lld bytes", (long long)file.st_size);
}

static void trim__limit_lowered__is_heeded_without_new_messages(void **state) {
    static char text[4000];
    (void)state;
    assert_int_equal(open_with(LARGE), 0);
    for (int64_t id = 1; id <= 2000; id++) {
        const struct past p = message(id, mw_bytes(text, sizeof text));
        archive_put(a, id % 2 ? MW_STR("a") : MW_STR("b"), &p);
    }
    turn(3);
    assert_int_equal(rows(), 2000);
    (void)open_with(1 << 20);
    turn(20);
    assert_true(rows() < 800);
}

static void put__while_it_is_away__said_once_and_written_later(void **state) {
    (void)state;
    assert_int_equal(open_with(LARGE), 0);
    put("lobby", 1);
    turn(1);
    assert_int_equal(rename(folder, gone), 0);
    put("lobby", 2);
    turn(ENOUGH_TURNS);
    put("lobby", 3);
    turn(ENOUGH_TURNS);
    assert_int_equal(said.away, 1);
    assert_int_equal(said.back, 0);
    assert_int_equal(rename(gone, folder), 0);
    turn(ENOUGH_TURNS);
    assert_int_equal(said.back, 1);
    assert_int_equal(said.lost, 0);
    assert_int_equal(open_with(LARGE), 3);
    assert_int_equal(in_room("lobby").ids[2], 3);
}

static void put__file_removed__goes_on_in_a_new_one(void **state) {
    (void)state;
    assert_int_equal(open_with(LARGE), 0);
    put("lobby", 1);
    turn(1);
    remove_files();
    put("lobby", 2);
    turn(5);
    assert_int_equal(said.away, 1);
    assert_int_equal(said.back, 1);
    assert_int_equal(open_with(LARGE), 1);
    assert_int_equal(in_room("lobby").ids[0], 2);
}

static void put__locked__for_a_moment_is_not_said_for_long_is(void **state) {
    struct mw_history_store *other = NULL;
    struct mw_store_error why;
    (void)state;
    assert_int_equal(open_with(LARGE), 0);
    put("lobby", 1);
    assert_int_equal(mw_history_store_open(mw_cstr(url), &other, &why), MW_OK);
    assert_int_equal(mw_history_store_begin(other), MW_OK);
    turn(3);
    mw_history_store_rollback(other);
    turn(1);
    assert_int_equal(said.away, 0);
    put("lobby", 2);
    assert_int_equal(mw_history_store_begin(other), MW_OK);
    turn(60);
    assert_int_equal(said.away, 1);
    assert_non_null(strstr(said.last, "locked"));
    mw_history_store_rollback(other);
    mw_history_store_close(&other);
    turn(ENOUGH_TURNS);
    assert_int_equal(said.back, 1);
    assert_int_equal(open_with(LARGE), 2);
}

static void put__disk_full__said_once_and_written_later(void **state) {
    static char text[60000];
    struct rlimit former;
    (void)state;
    assert_int_equal(open_with(LARGE), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &former), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    const struct rlimit tight = {200000, former.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    for (int64_t id = 1; id <= 50; id++) {
        const struct past p = message(id, mw_bytes(text, sizeof text));
        archive_put(a, MW_STR("lobby"), &p);
    }
    turn(ENOUGH_TURNS);
    turn(ENOUGH_TURNS);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &former), 0);
    (void)signal(SIGXFSZ, handler);
    assert_int_equal(said.away, 1);
    assert_int_equal(said.back, 0);
    turn(ENOUGH_TURNS);
    assert_int_equal(said.back, 1);
    assert_int_equal(open_with(LARGE), 50);
}

static void put__nobody_writes__bounded_and_said_once(void **state) {
    (void)state;
    assert_int_equal(open_with(LARGE), 0);
    for (int64_t id = 1; id <= ARCHIVE_JOBS; id++)
        put("lobby", id);
    turn(0);
    turn(0);
    assert_int_equal(said.lost, 1);
    put("lobby", ARCHIVE_JOBS + 1);
    turn(0);
    archive_remove(a, MW_STR("lobby"), ARCHIVE_PUTS); /* has places of its own */
    turn(0);
    assert_int_equal(said.kept, 0);
    turn(20);
    assert_int_equal(said.kept, 1);
    put("lobby", ARCHIVE_JOBS + 1);
    turn(1);
    char want[64];
    (void)snprintf(want, sizeof want, "messages_lost=%d", ARCHIVE_JOBS - ARCHIVE_PUTS + 1);
    assert_non_null(strstr(said.last, want));
    (void)open_with(LARGE);
    struct past found;
    assert_true(history_find(&h, MW_STR("lobby"), ARCHIVE_PUTS - 1, &found));
    assert_false(history_find(&h, MW_STR("lobby"), ARCHIVE_PUTS, &found));
    assert_false(history_find(&h, MW_STR("lobby"), ARCHIVE_PUTS + 1, &found));
    assert_true(history_find(&h, MW_STR("lobby"), ARCHIVE_JOBS + 1, &found));
}

static void put__large_ones__so_many_bytes_may_wait(void **state) {
    static char text[60000];
    (void)state;
    assert_int_equal(open_with(LARGE), 0);
    for (int64_t id = 1; id <= 400; id++) { /* 24 MB */
        const struct past p = message(id, mw_bytes(text, sizeof text));
        archive_put(a, MW_STR("lobby"), &p);
    }
    turn(0);
    assert_int_equal(said.lost, 1);
    turn(1);
    size_t kept = rows();
    if (kept > ARCHIVE_BYTES / 60000 || kept < ARCHIVE_BYTES / 61000) fail_msg("%zu rows", kept);
}

static int64_t mono_ms(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void close__away_or_locked__ends_soon_and_says_what_is_lost(void **state) {
    struct mw_history_store *other = NULL;
    struct mw_store_error why;
    (void)state;
    assert_int_equal(open_with(LARGE), 0);
    put("lobby", 1);
    put("lobby", 2);
    assert_int_equal(rename(folder, gone), 0);
    int64_t began_ms = mono_ms();
    archive_close(&a, &logger);
    assert_true(mono_ms() - began_ms < 1000);
    assert_int_equal(rename(gone, folder), 0);
    assert_int_equal(said.lost, 1);
    assert_non_null(strstr(said.last, "messages=2"));

    (void)open_with(LARGE);
    put("lobby", 3);
    assert_int_equal(mw_history_store_open(mw_cstr(url), &other, &why), MW_OK);
    assert_int_equal(mw_history_store_begin(other), MW_OK);
    began_ms = mono_ms();
    archive_close(&a, &logger);
    int64_t took_ms = mono_ms() - began_ms;
    mw_history_store_rollback(other);
    mw_history_store_close(&other);
    if (took_ms < 1900 || took_ms > 4000) fail_msg("%lld ms", (long long)took_ms);
    assert_int_equal(said.lost, 2);
}

static void open__what_is_no_store__is_refused_with_a_reason(void **state) {
    struct mw_store *sessions = NULL;
    struct mw_store_error why;
    size_t count = 99;
    (void)state;
    h.limit = LARGE;
    assert_int_equal(archive_open("sqlite:/nonexistent/h.db", &h, &a, &count, &why), MW_EIO);
    assert_non_null(strstr(why.text, "/nonexistent"));
    assert_int_equal(mw_store_open(mw_cstr(url), MW_STORE_WRITE, &sessions, &why), MW_OK);
    mw_store_close(&sessions);
    assert_int_equal(archive_open(url, &h, &a, &count, &why), MW_EINVAL);
    assert_non_null(strstr(why.text, "holds sessions, not messages"));
    assert_null(a);
    assert_int_equal(count, 99);
}

static void thread__puts_meanwhile__all_of_them_arrive(void **state) {
    enum { N = 60000 };
    const struct timespec ms = {.tv_nsec = 1000000};
    struct worker worker = {0};
    (void)state;
    assert_int_equal(open_with(LARGE), 0);
    assert_int_equal(worker_add(&worker, archive_work, a), MW_OK);
    assert_int_equal(worker_start(&worker), MW_OK);
    for (int64_t id = 1; id <= N; id++) {
        char room[16];
        (void)snprintf(room, sizeof room, "r%d", (int)(id % 100));
        put(room, id);
        if (id % 10 == 0) archive_remove(a, mw_cstr(room), id);
        if (id % 1000 == 0) (void)nanosleep(&ms, NULL);
        while (id % 4000 == 0 && !archive_idle(a))
            (void)nanosleep(&ms, NULL);
        archive_tick(a, &logger);
    }
    worker_stop(&worker);
    assert_int_equal(open_with(LARGE), N - N / 10);
    assert_int_equal(said.away + said.lost, 0);
    struct listing l = in_room("r7");
    assert_int_equal(l.count, N / 100);
    assert_int_equal(l.ids[1], 107);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(put_and_remove__open_again__what_is_left_is_loaded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(put__hostile__is_not_kept_and_harms_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(close__what_waits__is_written_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(prune__full_room__not_many_more_than_it_may_hold, set_up, tear_down),
        cmocka_unit_test_setup_teardown(trim__many_rooms__the_file_stays_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(trim__limit_lowered__is_heeded_without_new_messages, set_up, tear_down),
        cmocka_unit_test_setup_teardown(put__while_it_is_away__said_once_and_written_later, set_up, tear_down),
        cmocka_unit_test_setup_teardown(put__file_removed__goes_on_in_a_new_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(put__locked__for_a_moment_is_not_said_for_long_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(put__disk_full__said_once_and_written_later, set_up, tear_down),
        cmocka_unit_test_setup_teardown(put__nobody_writes__bounded_and_said_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(put__large_ones__so_many_bytes_may_wait, set_up, tear_down),
        cmocka_unit_test_setup_teardown(close__away_or_locked__ends_soon_and_says_what_is_lost, set_up, tear_down),
        cmocka_unit_test_setup_teardown(open__what_is_no_store__is_refused_with_a_reason, set_up, tear_down),
        cmocka_unit_test_setup_teardown(thread__puts_meanwhile__all_of_them_arrive, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
