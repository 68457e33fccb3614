#include "worker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#define PATIENCE_MS 10000

static _Atomic int turns[2];
static _Atomic bool out_of_order, signals_open;

static void first(void *ctx) {
    (void)ctx;
    if (turns[0] != turns[1]) out_of_order = true;
    turns[0]++;
}

static void second(void *ctx) {
    _Atomic int *count = ctx;
    sigset_t blocked;
    ++*count;
    (void)pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    if (sigismember(&blocked, SIGTERM) != 1 || sigismember(&blocked, SIGALRM) != 1) signals_open = true;
}

static void pause_ms(void) {
    (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void start__jobs__are_called_in_turn_until_the_stop(void **state) {
    struct worker w = {0};
    (void)state;
    assert_int_equal(worker_add(&w, first, NULL), MW_OK);
    assert_int_equal(worker_add(&w, second, &turns[1]), MW_OK);
    assert_int_equal(worker_start(&w), MW_OK);
    for (int i = 0; i < PATIENCE_MS && turns[1] < 3; i++)
        pause_ms();
    assert_true(turns[1] >= 3);
    worker_stop(&w);
    int last = turns[1];
    for (int i = 0; i < 3 * WORKER_POLL_MS; i++)
        pause_ms();
    assert_int_equal(turns[1], last);
    assert_int_equal(turns[0], last);
    assert_false(out_of_order);
    assert_false(signals_open);
    sigset_t mine; /* the caller's are as they were */
    assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &mine), 0);
    assert_int_equal(sigismember(&mine, SIGTERM), 0);
}

static void start__no_jobs__no_thread(void **state) {
    struct worker w = {0};
    (void)state;
    assert_int_equal(worker_start(&w), MW_OK);
    assert_false(w.running);
    worker_stop(&w);
    worker_stop(&w);
}

static void add__too_many__is_refused(void **state) {
    struct worker w = {0};
    (void)state;
    for (int i = 0; i < WORKER_JOBS_MAX; i++)
        assert_int_equal(worker_add(&w, first, NULL), MW_OK);
    assert_int_equal(worker_add(&w, first, NULL), MW_ETOOBIG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(start__jobs__are_called_in_turn_until_the_stop),
        cmocka_unit_test(start__no_jobs__no_thread),
        cmocka_unit_test(add__too_many__is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
