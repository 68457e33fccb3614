#include "mw/msgid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define MS(n) (MW_MSGID_EPOCH_MS + (n))
#define ID(ms, node, count) (((int64_t)(ms) << 22) | ((int64_t)(node) << 12) | (count))
#define MS_MAX ((INT64_C(1) << 41) - 1)

static void next__fresh_milliseconds__carry_time_and_node(void **state) {
    struct mw_msgid g = {.node = 1023};
    (void)state;
    assert_int_equal(mw_msgid_next(&g, MS(1)), ID(1, 1023, 0));
    assert_int_equal(mw_msgid_next(&g, MS(1)), ID(1, 1023, 1));
    assert_int_equal(mw_msgid_next(&g, MS(7)), ID(7, 1023, 0));
    assert_int_equal(mw_msgid_next(&g, MS(MS_MAX)), ID(MS_MAX, 1023, 0));
}

static void next__clock_of_any_kind__rises_and_is_positive(void **state) {
    static const int64_t clock_ms[] = {INT64_MIN, -1,        0,     MS(-1),         MS(0),     MS(0), MS(5), MS(4),
                                       MS(-1),    INT64_MIN, MS(5), MS(MS_MAX + 1), INT64_MAX, MS(6), MS(7), 0};
    struct mw_msgid g = {.node = 0};
    int64_t last = 0;
    (void)state;
    for (size_t i = 0; i < sizeof clock_ms / sizeof clock_ms[0]; i++) {
        const int64_t id = mw_msgid_next(&g, clock_ms[i]);
        if (id <= last) fail_msg("row %zu: %lld after %lld", i, (long long)id, (long long)last);
        last = id;
    }
    assert_int_equal(last, ID(7, 0, 1)); /* neither the clock after 2094 nor the one before 2025 was believed */
}

static void next__more_than_a_millisecond_holds__borrows_the_next(void **state) {
    struct mw_msgid g = {.node = 3};
    int64_t last = 0;
    (void)state;
    for (int i = 0; i < 3 * 4096; i++) {
        const int64_t id = mw_msgid_next(&g, MS(100));
        if (id <= last || ((id >> 12) & MW_NODE_MAX) != 3) fail_msg("id %d: %lld", i, (long long)id);
        last = id;
    }
    assert_int_equal(last, ID(102, 3, 4095));
    assert_int_equal(mw_msgid_next(&g, MS(102)), ID(103, 3, 0));
    assert_int_equal(mw_msgid_next(&g, MS(104)), ID(104, 3, 0));
}

static void next__the_very_last_id__is_given_again(void **state) {
    struct mw_msgid g = {.node = 1023, .last_ms = MS_MAX, .count = 4094};
    (void)state;
    assert_int_equal(mw_msgid_next(&g, MS(1)), INT64_MAX);
    assert_int_equal(mw_msgid_next(&g, MS(1)), INT64_MAX);
    assert_int_equal(mw_msgid_next(&g, MS(MS_MAX)), INT64_MAX);
}

static void after__any_id__later_ones_are_greater(void **state) {
    static const struct {
        int64_t id, clock_ms, want;
    } rows[] = {
        {ID(50, 9, 7), MS(10), ID(51, 5, 0)}, /* the clock stepped back over a restart */
        {ID(50, 9, 7), MS(50), ID(51, 5, 0)}, /* another node's: greater by the millisecond */
        {ID(50, 1, 7), MS(50), ID(51, 5, 0)},
        {ID(50, 9, 7), MS(51), ID(51, 5, 0)},
        {ID(50, 9, 7), MS(60), ID(60, 5, 0)},
        {ID(1, 0, 0), MS(60), ID(60, 5, 0)},
        {ID(20, 0, 0), MS(0), ID(21, 5, 0)},
        {ID(19, 9, 9), MS(0), ID(20, 5, 1)}, /* older than what is known */
        {0, MS(0), ID(20, 5, 1)},
        {-1, MS(0), ID(20, 5, 1)},
        {INT64_MIN, MS(60), ID(60, 5, 0)},
        {INT64_MAX, MS(60), ID(MS_MAX, 5, 4095)},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_msgid g = {.node = 5, .last_ms = 20, .count = 0};
        mw_msgid_after(&g, rows[i].id);
        const int64_t id = mw_msgid_next(&g, rows[i].clock_ms);
        if (id != rows[i].want) fail_msg("row %zu: %lld, not %lld", i, (long long)id, (long long)rows[i].want);
    }
}

static void unix_ms__of_an_id__is_when_it_was_made(void **state) {
    struct mw_msgid g = {.node = MW_NODE_MAX};
    const int64_t now_ms = INT64_C(1800000000123);
    (void)state;
    assert_int_equal(mw_msgid_unix_ms(mw_msgid_next(&g, now_ms)), now_ms);
    assert_int_equal(mw_msgid_unix_ms(0), 0);
    assert_int_equal(mw_msgid_unix_ms(-5), 0);
    assert_true(mw_msgid_unix_ms(INT64_MAX) > now_ms);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unix_ms__of_an_id__is_when_it_was_made),
        cmocka_unit_test(next__fresh_milliseconds__carry_time_and_node),
        cmocka_unit_test(next__clock_of_any_kind__rises_and_is_positive),
        cmocka_unit_test(next__more_than_a_millisecond_holds__borrows_the_next),
        cmocka_unit_test(next__the_very_last_id__is_given_again),
        cmocka_unit_test(after__any_id__later_ones_are_greater),
    };
    return cmocka_run_group_tests_name("msgid", tests, NULL, NULL);
}
