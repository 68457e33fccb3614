#include "worker_pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#define JOBS 1000

struct counted {
    struct pool_job job; /* first */
    atomic_int runs;
    struct worker_pool *pool;
    struct counted *more; /* submitted by the job itself */
};

static void count(struct pool_job *job) {
    struct counted *c = (struct counted *)job;
    atomic_fetch_add(&c->runs, 1);
    if (c->more && worker_pool_submit(c->pool, &c->more->job) != MW_OK) atomic_fetch_add(&c->more->runs, 1000);
}

static void slow(struct pool_job *job) {
    (void)usleep(20000);
    count(job);
}

static void stop__many_jobs_wait__each_runs_once(void **state) {
    static struct counted jobs[JOBS];
    struct worker_pool *pool = NULL;
    (void)state;
    assert_int_equal(worker_pool_start(4, "test", &pool), MW_OK);
    for (size_t i = 0; i < JOBS; i++) {
        jobs[i].job.run = i < 8 ? slow : count;
        assert_int_equal(worker_pool_submit(pool, &jobs[i].job), MW_OK);
    }
    worker_pool_stop(pool);
    for (size_t i = 0; i < JOBS; i++)
        if (atomic_load(&jobs[i].runs) != 1) fail_msg("job %zu ran %d times", i, atomic_load(&jobs[i].runs));
    assert_int_equal(worker_pool_submit(pool, &jobs[0].job), MW_EBUSY);
    assert_int_equal(atomic_load(&jobs[0].runs), 1);
    worker_pool_free(&pool);
    assert_null(pool);
}

static void submit__by_a_job__runs(void **state) {
    struct worker_pool *pool = NULL;
    struct counted second = {.job.run = count}, first = {.job.run = count, .more = &second};
    (void)state;
    assert_int_equal(worker_pool_start(1, "test", &pool), MW_OK);
    first.pool = pool;
    assert_int_equal(worker_pool_submit(pool, &first.job), MW_OK);
    while (atomic_load(&second.runs) == 0)
        (void)usleep(100);
    worker_pool_stop(pool);
    worker_pool_free(&pool);
    assert_int_equal(atomic_load(&second.runs), 1);
}

static void stop_and_free__of_none__fine(void **state) {
    struct worker_pool *pool = NULL;
    (void)state;
    worker_pool_stop(pool);
    worker_pool_free(&pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stop__many_jobs_wait__each_runs_once),
        cmocka_unit_test(submit__by_a_job__runs),
        cmocka_unit_test(stop_and_free__of_none__fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
