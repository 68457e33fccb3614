#include "refusal_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static unsigned take_many(struct refusal_log *r, int64_t mono_ms, unsigned tries) {
    unsigned said = 0;
    uint64_t unsaid;
    for (unsigned i = 0; i < tries; i++)
        said += refusal_log_take(r, mono_ms, &unsaid);
    return said;
}

static void take__flood__has_so_many_lines_a_second(void **state) {
    struct refusal_log r = {0};
    (void)state;
    assert_int_equal(take_many(&r, 0, 1000), REFUSAL_LINES_A_SECOND);
    assert_int_equal(take_many(&r, 999, 1000), 0);
    assert_int_equal(take_many(&r, 1000, 1000), REFUSAL_LINES_A_SECOND);
    assert_int_equal(take_many(&r, 5000, 3), 3);
}

static void take__after_a_flood__says_how_many_were_left_out(void **state) {
    struct refusal_log r = {0};
    uint64_t unsaid = 77;
    (void)state;
    assert_true(refusal_log_take(&r, 10, &unsaid));
    assert_int_equal(unsaid, 0);
    (void)take_many(&r, 20, REFUSAL_LINES_A_SECOND - 1 + 5);
    assert_true(refusal_log_take(&r, 1000, &unsaid));
    assert_int_equal(unsaid, 5);
    assert_true(refusal_log_take(&r, 1000, &unsaid));
    assert_int_equal(unsaid, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(take__flood__has_so_many_lines_a_second),
        cmocka_unit_test(take__after_a_flood__says_how_many_were_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
