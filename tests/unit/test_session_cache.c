#include "session_cache.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define NOW 1000

static struct session_cache *cache;

static int set_up(void **state) {
    (void)state;
    if (session_cache_new(&cache) != MW_OK) return -1;
    session_cache_confirm(cache, NOW);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    session_cache_free(&cache);
    session_cache_free(&cache);
    return 0;
}

/* Number n, its end told by its number. */
static struct session_owner owner(unsigned n) {
    struct session_owner o = {.uid = "uuuuuuuuuuuuuuuu", .expires_s = n};
    (void)snprintf(o.sid, sizeof o.sid, "%026u", n);
    return o;
}

static void put(unsigned n) {
    const struct session_owner o = owner(n);
    session_cache_put(cache, session_cache_mark(cache), &o);
}

static bool has(unsigned n, int64_t now_ms) {
    const struct session_owner o = owner(n);
    struct session_owner got = {.expires_s = -1};
    bool found = session_cache_get(cache, mw_cstr(o.sid), now_ms, &got);
    if (found && (got.expires_s != n || strcmp(got.sid, o.sid) != 0)) fail_msg("%u: another's entry", n);
    if (!found && got.expires_s != -1) fail_msg("%u: out-parameter touched", n);
    return found;
}

static void get__what_was_put__is_there_and_nothing_else(void **state) {
    (void)state;
    assert_false(has(1, NOW));
    put(1);
    assert_true(has(1, NOW));
    assert_false(has(2, NOW));
}

static void get__after_forget__is_gone(void **state) {
    (void)state;
    put(1);
    session_cache_forget(cache);
    assert_false(has(1, NOW));
    put(1);
    assert_true(has(1, NOW));
}

/* The store was asked before the change and answers after it. */
static void put__with_a_mark_of_before__does_not_count(void **state) {
    const struct session_owner o = owner(1);
    (void)state;
    uint64_t mark = session_cache_mark(cache);
    session_cache_forget(cache);
    session_cache_put(cache, mark, &o);
    assert_false(has(1, NOW));
}

static void get__nobody_has_looked_for_long__does_not_count(void **state) {
    (void)state;
    put(1);
    assert_true(has(1, NOW + SESSION_CACHE_FRESH_MS - 1));
    assert_false(has(1, NOW + SESSION_CACHE_FRESH_MS));
    session_cache_confirm(cache, NOW + SESSION_CACHE_FRESH_MS);
    assert_true(has(1, NOW + SESSION_CACHE_FRESH_MS));
}

static void put__more_than_fit__never_mixes_them_up(void **state) {
    unsigned found = 0;
    (void)state;
    for (unsigned n = 0; n < 100000; n++)
        put(n);
    for (unsigned n = 0; n < 100000; n++)
        if (has(n, NOW)) found++;
    assert_in_range(found, 16000, 32768);
}

#define ROUNDS 20000

static atomic_uint_fast64_t forgotten;

static void *forget_all_the_time(void *arg) {
    (void)arg;
    for (unsigned i = 0; i < ROUNDS; i++) {
        session_cache_forget(cache);
        atomic_fetch_add(&forgotten, 1);
        session_cache_confirm(cache, NOW);
    }
    return NULL;
}

/* For ThreadSanitizer above all. */
static void threads__put_get_and_forget__stay_apart(void **state) {
    pthread_t thread;
    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, forget_all_the_time, NULL), 0);
    for (unsigned i = 0; i < ROUNDS; i++) {
        put(i % 50);
        (void)has((i + 25) % 50, NOW);
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(atomic_load(&forgotten), ROUNDS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(get__what_was_put__is_there_and_nothing_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(get__after_forget__is_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(put__with_a_mark_of_before__does_not_count, set_up, tear_down),
        cmocka_unit_test_setup_teardown(get__nobody_has_looked_for_long__does_not_count, set_up, tear_down),
        cmocka_unit_test_setup_teardown(put__more_than_fit__never_mixes_them_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(threads__put_get_and_forget__stay_apart, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
