#include "mw/base32.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void base32__rfc_4648_vectors__lower_case_unpadded(void **state) {
    (void)state;
    static const struct {
        struct mw_str raw;
        const char *want;
    } rows[] = {
        {{"", 0}, ""},
        {{"f", 1}, "my"},
        {{"fo", 2}, "mzxq"},
        {{"foo", 3}, "mzxw6"},
        {{"foob", 4}, "mzxw6yq"},
        {{"fooba", 5}, "mzxw6ytb"},
        {{"foobar", 6}, "mzxw6ytboi"},
        {{"\xff\xff\xff\xff\xff", 5}, "77777777"},
        {{"\0\0", 2}, "aaaa"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char mem[16];
        struct mw_buf b = mw_buf_over(mem, sizeof mem);
        mw_base32_put(&b, rows[i].raw);
        assert_int_equal(b.len, MW_BASE32_LEN(rows[i].raw.len));
        assert_string_equal(mw_buf_cstr(&b), rows[i].want);
        assert_true(mw_is_base32(mw_buf_str(&b), b.len));
    }
}

static void base32__put_without_room__takes_nothing(void **state) {
    (void)state;
    char mem[8];
    struct mw_buf b = mw_buf_over(mem, 3);
    mw_base32_put(&b, MW_STR("fo"));
    assert_true(b.overflow);
    assert_int_equal(b.len, 0);
}

static void base32__is__exact_length_and_alphabet(void **state) {
    (void)state;
    static const struct {
        struct mw_str s;
        bool want;
    } rows[] = {
        {{"az27", 4}, true},  {{"az2", 3}, false},     {{"az277", 5}, false}, {{"Az27", 4}, false},
        {{"az17", 4}, false}, {{"az28", 4}, false},    {{"az2=", 4}, false},  {{"az2\0", 4}, false},
        {{"az2 ", 4}, false}, {{"az2\xe1", 4}, false}, {{"`z27", 4}, false},  {{"{z27", 4}, false},
        {{NULL, 0}, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (mw_is_base32(rows[i].s, 4) != rows[i].want) fail_msg("row %zu", i);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base32__rfc_4648_vectors__lower_case_unpadded),
        cmocka_unit_test(base32__put_without_room__takes_nothing),
        cmocka_unit_test(base32__is__exact_length_and_alphabet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
