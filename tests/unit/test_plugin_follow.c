/* Following the change log on the worker thread, against a store made of variables. */
#include "follow.h"
#include "queue.h"
#include "store_ops.h"
#include "worker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LOG_MAX 40000
#define PATIENCE_MS 10000

static struct {
    pthread_mutex_t lock;
    enum mw_err open, read;
    bool in_place;
    int64_t pulse;
    size_t count;
    size_t opened;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct {
    size_t count;
    int64_t seqs[LOG_MAX];
    size_t away, back;
    char reason[256];
} seen;

static void set_disk(enum mw_err open, enum mw_err read, bool in_place, size_t count) {
    (void)pthread_mutex_lock(&disk.lock);
    disk.open = open;
    disk.read = read;
    disk.in_place = in_place;
    disk.count = count;
    disk.pulse++;
    (void)pthread_mutex_unlock(&disk.lock);
}

static void fake_close(void *ctx) {
    (void)ctx;
}
static const char *fake_why(const void *ctx) {
    (void)ctx;
    return "disk on fire";
}

static enum mw_err fake_pulse(void *ctx, int64_t *pulse) {
    (void)ctx;
    (void)pthread_mutex_lock(&disk.lock);
    *pulse = disk.pulse;
    enum mw_err err = disk.read;
    (void)pthread_mutex_unlock(&disk.lock);
    return err;
}

static enum mw_err fake_read(void *ctx, int64_t after, struct mw_change *out, size_t cap, size_t *count) {
    (void)ctx;
    (void)pthread_mutex_lock(&disk.lock);
    enum mw_err err = disk.read;
    *count = 0;
    for (int64_t seq = after + 1; seq <= (int64_t)disk.count && *count < cap; seq++) {
        out[*count] = (struct mw_change){.seq = seq, .type = MW_CHANGE_EXTEND};
        ++*count;
    }
    (void)pthread_mutex_unlock(&disk.lock);
    return err;
}

static bool fake_in_place(const void *ctx) {
    (void)ctx;
    (void)pthread_mutex_lock(&disk.lock);
    bool in_place = disk.in_place;
    (void)pthread_mutex_unlock(&disk.lock);
    return in_place;
}

static const struct store_ops fake_ops = {
    .close = fake_close,
    .why = fake_why,
    .pulse = fake_pulse,
    .read_changes = fake_read,
    .in_place = fake_in_place,
};

static enum mw_err fake_open(void *ctx, bool first, struct mw_store **out, struct mw_store_error *err) {
    (void)ctx;
    (void)first;
    (void)pthread_mutex_lock(&disk.lock);
    enum mw_err rc = disk.open;
    disk.opened++;
    (void)pthread_mutex_unlock(&disk.lock);
    (void)snprintf(err->text, sizeof err->text, "not there");
    return rc == MW_OK ? store_wrap(&fake_ops, NULL, out) : rc;
}

static void take(void *ctx, const struct mw_change *change) {
    (void)ctx;
    if (seen.count == LOG_MAX) fail_msg("too many entries");
    seen.seqs[seen.count++] = change->seq;
}

static void log_line(void *ctx, enum mw_log_level level, const char *line) {
    (void)ctx;
    (void)level;
    seen.away += strncmp(line, "store.away", 10) == 0;
    seen.back += strncmp(line, "store.back", 10) == 0;
    (void)snprintf(seen.reason, sizeof seen.reason, "%s", line);
}

static _Atomic size_t woken;
static void wake(void) {
    woken++;
}

static const struct follow_source source = {fake_open, NULL, wake};
static const struct follow_sink sink = {take, NULL};
static const struct mw_log logger = {log_line, NULL, MW_LOG_INFO};
static struct follow *f;
static struct worker worker;

static void start_with(size_t count) {
    struct mw_store_error err;
    size_t replayed = 0;
    memset(&seen, 0, sizeof seen);
    set_disk(MW_OK, MW_OK, true, count);
    assert_int_equal(follow_open(&source, &sink, &f, &replayed, &err), MW_OK);
    assert_int_equal(replayed, count);
    assert_int_equal(seen.count, count);
    assert_int_equal(worker_add(&worker, follow_work, f), MW_OK);
    assert_int_equal(worker_start(&worker), MW_OK);
}

static int tear_down(void **state) {
    (void)state;
    worker_stop(&worker);
    follow_close(&f);
    return 0;
}

static bool enough(size_t count, size_t away, size_t back) {
    return seen.count >= count && seen.away >= away && seen.back >= back;
}

/* Ticks until so much has come. */
static void tick_until(size_t count, size_t away, size_t back) {
    const struct timespec ms = {.tv_nsec = 1000000};
    for (int i = 0; i < PATIENCE_MS && !enough(count, away, back); i++) {
        follow_take(f, &sink, &logger, 100);
        (void)nanosleep(&ms, NULL);
    }
    if (!enough(count, away, back)) fail_msg("%zu entries, %zu away, %zu back", seen.count, seen.away, seen.back);
}

/* `first` entries, and then from the beginning again so many. */
static void expect_rising_twice(size_t first, size_t again) {
    assert_int_equal(seen.count, first + again);
    for (size_t i = 0; i < seen.count; i++)
        assert_int_equal(seen.seqs[i], (int64_t)(i < first ? i : i - first) + 1);
}

static void expect_rising_to(size_t count) {
    expect_rising_twice(count, 0);
}

static size_t opened_so_far(void) {
    (void)pthread_mutex_lock(&disk.lock);
    size_t opened = disk.opened;
    (void)pthread_mutex_unlock(&disk.lock);
    return opened;
}

static void follow__what_was_there_and_what_comes__each_once(void **state) {
    (void)state;
    start_with(200);
    set_disk(MW_OK, MW_OK, true, 201);
    tick_until(201, 0, 0);
    set_disk(MW_OK, MW_OK, true, 1000);
    tick_until(1000, 0, 0);
    expect_rising_to(1000);
    assert_true(woken >= 2);
}

static void wait_until_asked_again(void) {
    size_t opened = opened_so_far();
    for (int i = 0; i < PATIENCE_MS && opened_so_far() < opened + 2; i++)
        (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    assert_true(opened_so_far() >= opened + 2);
}

static void follow__store_away__said_once_and_caught_up(void **state) {
    (void)state;
    start_with(3);
    set_disk(MW_ENOENT, MW_OK, false, 5);
    tick_until(3, 1, 0);
    wait_until_asked_again();
    follow_take(f, &sink, &logger, 100);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.away, 1);
    set_disk(MW_OK, MW_OK, true, 5);
    tick_until(8, 1, 1);
    expect_rising_twice(3, 5);
}

/* Its log counts on from a place that was passed long ago: what it says from there on must not be missed. */
static void follow__older_copy_in_its_place__is_read_from_its_beginning(void **state) {
    static const struct {
        const char *what;
        enum mw_err open, read; /* how it was lost */
        bool in_place;
    } rows[] = {
        {"replaced at once", MW_OK, MW_OK, false},
        {"removed first", MW_ENOENT, MW_OK, false},
        {"damaged first", MW_OK, MW_EIO, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("%s\n", rows[i].what);
        start_with(5);
        set_disk(rows[i].open, rows[i].read, rows[i].in_place, 2);
        tick_until(5, 1, 0);
        set_disk(MW_OK, MW_OK, true, 2);
        tick_until(7, 1, 1);
        set_disk(MW_OK, MW_OK, true, 3);
        tick_until(8, 1, 1);
        expect_rising_twice(5, 3);
        assert_int_equal(seen.away, 1);
        (void)tear_down(state);
    }
}

static void follow__damaged__is_away_until_it_can_be_read(void **state) {
    (void)state;
    start_with(1);
    set_disk(MW_OK, MW_EIO, true, 2);
    tick_until(1, 1, 0);
    wait_until_asked_again();
    set_disk(MW_OK, MW_OK, true, 2);
    tick_until(3, 1, 1);
    expect_rising_twice(1, 2);
    assert_int_equal(seen.away, 1);
}

static void follow__locked_for_long__is_said_and_goes_on_where_it_was(void **state) {
    (void)state;
    start_with(3);
    set_disk(MW_OK, MW_EBUSY, true, 4);
    tick_until(3, 1, 0);
    set_disk(MW_OK, MW_OK, true, 5);
    tick_until(5, 1, 1);
    expect_rising_to(5);
}

static void follow__locked_for_a_moment__is_not_said(void **state) {
    (void)state;
    start_with(1);
    set_disk(MW_OK, MW_EBUSY, true, 2);
    (void)nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    set_disk(MW_OK, MW_OK, true, 2);
    tick_until(2, 0, 0);
    assert_int_equal(seen.away, 0);
}

static void follow__nobody_takes__bounded_and_ends(void **state) {
    (void)state;
    start_with(0);
    set_disk(MW_OK, MW_OK, true, 64 * (256 + 100));
    for (int i = 0; i < PATIENCE_MS; i++) { /* until the queue is full */
        struct timespec ms = {.tv_nsec = 1000000};
        (void)nanosleep(&ms, NULL);
        if (i > 200) break;
    }
    set_disk(MW_ENOENT, MW_OK, false, 64 * (256 + 100)); /* nor is there room to say so */
    wait_until_asked_again();
    set_disk(MW_OK, MW_OK, true, 64 * (256 + 100));
    assert_int_equal(seen.count, 0);
    tick_until(64 * (256 + 256 + 100), 0, 0); /* nothing is lost by it */
    expect_rising_twice(64 * 256, 64 * (256 + 100));
    worker_stop(&worker);
    follow_close(&f);
    assert_null(f);
}

static void open__store_that_can_not_be_read__fails_with_a_reason(void **state) {
    struct mw_store_error err;
    size_t count = 0;
    (void)state;
    set_disk(MW_EIO, MW_OK, true, 0);
    assert_int_equal(follow_open(&source, &sink, &f, &count, &err), MW_EIO);
    assert_string_equal(err.text, "not there");
    set_disk(MW_OK, MW_EIO, true, 0);
    assert_int_equal(follow_open(&source, &sink, &f, &count, &err), MW_EIO);
    assert_string_equal(err.text, "disk on fire");
    assert_null(f);
}

static void queue__full_and_empty__are_told(void **state) {
    enum { SIZE = 16 };
    struct queue q;
    void *slots[SIZE];
    int items[SIZE + 1];
    (void)state;
    queue_over(&q, slots, SIZE);
    assert_null(queue_get(&q));
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < SIZE; i++)
            assert_true(queue_put(&q, &items[i]));
        assert_false(queue_put(&q, &items[SIZE]));
        assert_int_equal(queue_count(&q), SIZE);
        for (size_t i = 0; i < SIZE; i++)
            assert_ptr_equal(queue_get(&q), &items[i]);
        assert_null(queue_get(&q));
        assert_int_equal(queue_count(&q), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(follow__what_was_there_and_what_comes__each_once, tear_down),
        cmocka_unit_test_teardown(follow__store_away__said_once_and_caught_up, tear_down),
        cmocka_unit_test_teardown(follow__older_copy_in_its_place__is_read_from_its_beginning, tear_down),
        cmocka_unit_test_teardown(follow__damaged__is_away_until_it_can_be_read, tear_down),
        cmocka_unit_test_teardown(follow__locked_for_a_moment__is_not_said, tear_down),
        cmocka_unit_test_teardown(follow__locked_for_long__is_said_and_goes_on_where_it_was, tear_down),
        cmocka_unit_test_teardown(follow__nobody_takes__bounded_and_ends, tear_down),
        cmocka_unit_test_teardown(open__store_that_can_not_be_read__fails_with_a_reason, tear_down),
        cmocka_unit_test(queue__full_and_empty__are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
