#include "../../core/json_number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define SAFE INT64_C(9007199254740991)
#define ZEROS60 "000000000000000000000000000000000000000000000000000000000000"

static void number__whole__by_its_digits_and_within_bounds(void **state) {
    (void)state;
    static const struct {
        const char *value;
        int64_t min, max;
        bool ok;
        int64_t want;
    } rows[] = {
        {"0", 0, 9, true, 0},
        {"-0", 0, 9, true, 0},
        {"-0.00e7", 0, 9, true, 0},
        {"0e99999999999999999999", 0, 9, true, 0},
        {"9", 0, 9, true, 9},
        {"10", 0, 10, true, 10},
        {"1e3", 0, 1000, true, 1000},
        {"1E+3", 0, 1000, true, 1000},
        {"10.0e2", 0, 1000, true, 1000},
        {"0.001e6", 0, 1000, true, 1000},
        {"1000e-3", 0, 9, true, 1},
        {"1" ZEROS60 "e-60", 0, 9, false, 0}, /* 65 characters */
        {"12" ZEROS60, 0, INT64_MAX, false, 0},
        {"0." ZEROS60 "1", 0, 9, false, 0},
        {"5.0", 0, 9, true, 5},
        {"-3", -3, 9, true, -3},
        {"-3.0", INT64_MIN, -3, true, -3},
        {"9007199254740991", 0, SAFE, true, SAFE},
        {"-9007199254740991", -SAFE, 0, true, -SAFE},
        {"900719925474099.1e1", 0, SAFE, true, SAFE},
        {"999999999999999999", 0, INT64_MAX, true, 999999999999999999},
        {"1000000000000000000", 0, INT64_MAX, false, 0}, /* 19 digits */
        {"-4", -3, 9, false, 0},
        {"10", 0, 9, false, 0},
        {"-1", 0, 9, false, 0},
        {"5.5", 0, 9, false, 0},
        {"-0.5", -1, 9, false, 0},
        {"15e-1", 0, 9, false, 0},
        {"1e-1", 0, 9, false, 0},
        {"1e-99999999999999999999", 0, 9, false, 0},
        {"0.99999999999999999999", 0, 9, false, 0}, /* a double would be 1 */
        {"9007199254740992", 0, SAFE, false, 0},
        {"9007199254740991.5", 0, SAFE, false, 0},
        {"9223372036854775808", 0, INT64_MAX, false, 0},
        {"18446744073709551617", 0, INT64_MAX, false, 0}, /* 1 in 64 bits */
        {"1e300", INT64_MIN, INT64_MAX, false, 0},
        {"-1e999", INT64_MIN, INT64_MAX, false, 0},
        {"1e99999999999999999999", INT64_MIN, INT64_MAX, false, 0},
        {"\"1\"", 0, 9, false, 0},
        {"null", 0, 9, false, 0},
        {"true", 0, 9, false, 0},
        {"[1]", 0, 9, false, 0},
        {"", 0, 9, false, 0},
        {"-", 0, 9, false, 0},
        {"1,5", 0, 9, false, 0},
        {NULL, 0, 9, false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t got = 77;
        const bool ok = json_number_whole(mw_cstr(rows[i].value), rows[i].min, rows[i].max, &got);
        if (ok != rows[i].ok || got != (ok ? rows[i].want : 77)) fail_msg("row %zu, %s: %d", i, rows[i].value, ok);
    }
}

static void number__positive__up_to_its_bound(void **state) {
    (void)state;
    static const struct {
        const char *value;
        bool ok;
    } rows[] = {
        {"1", true},
        {"3.2", true},
        {"86400", true},
        {"86400.000", true},
        {"864e2", true},
        {"8.64e+4", true},
        {"86399.999", true},
        {"0.1", true},
        {"1e-300", true},
        {"1E-307", true},
        {"0.05e-3", true},
        {"0", false},
        {"0.0", false},
        {"-0", false},
        {"0e5", false},
        {"-1", false},
        {"-1e-9", false},
        {"86401", false},
        {"86400.5", false},
        {"86400.000000001", false},
        {"864000e-1", true},
        {"1e5", false},
        {"1e19", false},
        {"1e999", false},
        {"1e-400", false},
        {"1e-99999", false},
        {"18446744073709551617", false},
        {"\"1\"", false},
        {"null", false},
        {"", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (json_number_positive(mw_cstr(rows[i].value), 86400) != rows[i].ok) fail_msg("%s", rows[i].value);
    assert_false(json_number_positive(mw_cstr(NULL), 86400));
}

/* Against a block's end, where a read past it is found: every cut of a text, checked or not. */
static void number__any_text__stays_within(void **state) {
    (void)state;
    static const char *const rows[] = {"-12.5e-3",
                                       "0.00001E+7",
                                       "1e",
                                       "-",
                                       "..ee--",
                                       "9999999999999999999999999e1",
                                       "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t len = 0; len <= strlen(rows[i]); len++) {
            char *cut = malloc(len ? len : 1);
            int64_t out = 0;
            assert_non_null(cut);
            memcpy(cut, rows[i], len);
            if (json_number_whole(mw_bytes(cut, len), -9, 9, &out)) assert_in_range(out + 9, 0, 18);
            (void)json_number_positive(mw_bytes(cut, len), 9);
            free(cut);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(number__whole__by_its_digits_and_within_bounds),
        cmocka_unit_test(number__positive__up_to_its_bound),
        cmocka_unit_test(number__any_text__stays_within),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
