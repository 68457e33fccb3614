#include "mw/bucket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void take__burst_used_up__is_refused_with_the_wait(void **state) {
    struct mw_bucket b;
    int64_t wait_ms = -1;
    (void)state;
    mw_bucket_fill(&b, 3, 1000);
    for (int i = 0; i < 3; i++)
        assert_true(mw_bucket_take(&b, 5, 3, 1000, &wait_ms));
    assert_int_equal(wait_ms, -1);
    assert_false(mw_bucket_take(&b, 5, 3, 1000, &wait_ms));
    assert_int_equal(wait_ms, 200);
    assert_false(mw_bucket_take(&b, 5, 3, 1199, &wait_ms));
    assert_int_equal(wait_ms, 1);
    assert_true(mw_bucket_take(&b, 5, 3, 1200, NULL));
    assert_false(mw_bucket_take(&b, 5, 3, 1200, NULL));
}

static void take__wait_is_over__passes_and_not_before(void **state) {
    static const uint32_t rates[] = {1, 3, 7, 999, 1000, 1001, 100000};
    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        struct mw_bucket b;
        int64_t wait_ms = 0;
        mw_bucket_fill(&b, 1, 50);
        assert_true(mw_bucket_take(&b, rates[i], 1, 50, NULL));
        assert_false(mw_bucket_take(&b, rates[i], 1, 50, &wait_ms));
        struct mw_bucket early = b;
        if (wait_ms < 1) fail_msg("row %zu: wait %d", i, (int)wait_ms);
        if (mw_bucket_take(&early, rates[i], 1, 50 + wait_ms - 1, NULL)) fail_msg("row %zu: too early", i);
        if (!mw_bucket_take(&b, rates[i], 1, 50 + wait_ms, NULL)) fail_msg("row %zu: too late", i);
    }
}

/* Whoever asks every millisecond gets as much as whoever asks rarely: nothing is lost to rounding. */
static void take__asked_all_the_time__gives_the_rate(void **state) {
    struct mw_bucket b;
    int passed = 0;
    (void)state;
    mw_bucket_fill(&b, 20, 0);
    for (int64_t now = 0; now < 60000; now++)
        if (mw_bucket_take(&b, 7, 20, now, NULL)) passed++;
    assert_int_equal(passed, 20 + 7 * 60 - 1); /* the last whole token is due at 60000 */
}

static void take__long_silence__fills_no_further_than_burst(void **state) {
    static const int64_t later[] = {10000, INT64_C(1) << 40, INT64_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++) {
        struct mw_bucket b;
        mw_bucket_fill(&b, 2, INT64_MIN);
        assert_true(mw_bucket_take(&b, UINT32_MAX, 2, 0, NULL));
        assert_true(mw_bucket_take(&b, 5, 2, 0, NULL));
        if (!mw_bucket_take(&b, 5, 2, later[i], NULL)) fail_msg("row %zu: first", i);
        if (!mw_bucket_take(&b, 5, 2, later[i], NULL)) fail_msg("row %zu: second", i);
        if (mw_bucket_take(&b, 5, 2, later[i], NULL)) fail_msg("row %zu: more than the burst", i);
    }
}

static void take__clock_stepping_back__gives_nothing_for_it(void **state) {
    struct mw_bucket b;
    (void)state;
    mw_bucket_fill(&b, 1, 5000);
    assert_true(mw_bucket_take(&b, 1, 1, 5000, NULL));
    assert_false(mw_bucket_take(&b, 1, 1, 0, NULL));
    assert_false(mw_bucket_take(&b, 1, 1, 5999, NULL));
    assert_true(mw_bucket_take(&b, 1, 1, 6000, NULL));
}

static void take__burst_lowered__cuts_what_was_saved(void **state) {
    struct mw_bucket b;
    (void)state;
    mw_bucket_fill(&b, 100, 0);
    assert_true(mw_bucket_take(&b, 5, 2, 0, NULL));
    assert_true(mw_bucket_take(&b, 5, 2, 0, NULL));
    assert_false(mw_bucket_take(&b, 5, 2, 0, NULL));
}

static void take__rate_0__never_refuses(void **state) {
    struct mw_bucket b;
    (void)state;
    mw_bucket_fill(&b, 1, 0);
    for (int i = 0; i < 1000; i++)
        assert_true(mw_bucket_take(&b, 0, 1, 0, NULL));
}

static void take__burst_0__counts_as_1(void **state) {
    struct mw_bucket b;
    (void)state;
    mw_bucket_fill(&b, 0, 0);
    assert_true(mw_bucket_take(&b, 1, 0, 0, NULL));
    assert_false(mw_bucket_take(&b, 1, 0, 0, NULL));
    assert_true(mw_bucket_take(&b, 1, 0, 1000, NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(take__burst_used_up__is_refused_with_the_wait),
        cmocka_unit_test(take__wait_is_over__passes_and_not_before),
        cmocka_unit_test(take__asked_all_the_time__gives_the_rate),
        cmocka_unit_test(take__long_silence__fills_no_further_than_burst),
        cmocka_unit_test(take__clock_stepping_back__gives_nothing_for_it),
        cmocka_unit_test(take__burst_lowered__cuts_what_was_saved),
        cmocka_unit_test(take__rate_0__never_refuses),
        cmocka_unit_test(take__burst_0__counts_as_1),
    };
    return cmocka_run_group_tests_name("bucket", tests, NULL, NULL);
}
