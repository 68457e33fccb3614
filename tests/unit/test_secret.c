#include "mw/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void secret__compare__whole_length(void **state) {
    (void)state;
    assert_true(mw_secret_eq(MW_STR("k1"), MW_STR("k1")));
    assert_true(mw_secret_eq(mw_bytes("\0a", 2), mw_bytes("\0a", 2)));
    assert_false(mw_secret_eq(mw_bytes("\0a", 2), mw_bytes("\0b", 2)));
    assert_false(mw_secret_eq(MW_STR("k1"), MW_STR("k2")));
    assert_false(mw_secret_eq(MW_STR("k1"), MW_STR("k")));
    assert_false(mw_secret_eq(MW_STR("k1"), mw_cstr(NULL)));
    assert_false(mw_secret_eq(mw_cstr(NULL), mw_cstr(NULL)));
}

static void secret__random__fills_every_byte_and_differs(void **state) {
    (void)state;
    uint8_t seen[33] = {0}, a[32], b[32];
    for (int round = 0; round < 64; round++) { /* a byte that stays 0 for 64 rounds was not written */
        uint8_t raw[33] = {0};
        assert_int_equal(mw_random(raw, 32), MW_OK);
        for (size_t i = 0; i < sizeof raw; i++)
            seen[i] |= raw[i];
    }
    for (size_t i = 0; i < 32; i++)
        if (seen[i] == 0) fail_msg("byte %zu was never written", i);
    assert_int_equal(seen[32], 0);
    assert_int_equal(mw_random(a, sizeof a), MW_OK);
    assert_int_equal(mw_random(b, sizeof b), MW_OK);
    assert_memory_not_equal(a, b, sizeof a);
}

static void secret__wipe__leaves_zeros(void **state) {
    (void)state;
    uint8_t bytes[4] = {1, 2, 3, 4};
    mw_wipe(bytes + 1, 2);
    assert_memory_equal(bytes, "\x01\0\0\x04", 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secret__compare__whole_length),
        cmocka_unit_test(secret__random__fills_every_byte_and_differs),
        cmocka_unit_test(secret__wipe__leaves_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
