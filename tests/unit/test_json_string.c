#include "../../core/json_string.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void string__value__what_it_stands_for(void **state) {
    (void)state;
    static const struct {
        const char *value, *want;
    } rows[] = {
        {"\"\"", ""},
        {"\"abc\"", "abc"},
        {"\"a\\\"b\\\\c\\/\"", "a\"b\\c/"},
        {"\"\\b\\f\\n\\r\\t\"", "\b\f\n\r\t"},
        {"\"\\u0041\\u00e9\\u4F60\\u4f60x\"", "A\xc3\xa9\xe4\xbd\xa0\xe4\xbd\xa0x"},
        {"\"\\ud83d\\ude00\\ud800\\udc00\\udbff\\udfff\"", "\xf0\x9f\x98\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
        {"\"\\u007f\\u0080\\u07ff\\u0800\\uffff\"", "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"},
        {"1", NULL},
        {"null", NULL},
        {"[\"a\"]", NULL},
        {"\"", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[64];
        const bool ok = json_string_copy(mw_cstr(rows[i].value), out, sizeof out);
        if (ok != (rows[i].want != NULL) || (ok && strcmp(out, rows[i].want) != 0)) fail_msg("%s", rows[i].value);
    }
}

static void string__too_long__refused_and_nothing_past_cap(void **state) {
    (void)state;
    static const char *const rows[] = {"\"abcd\"", "\"ab\\u0063d\"", "\"a\\u4f60\"", "\"\\ud83d\\ude00\""};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t cap = 0; cap <= 6; cap++) {
            char out[8];
            memset(out, '#', sizeof out);
            const bool ok = json_string_copy(mw_cstr(rows[i]), out, cap);
            if (ok != (cap >= 5)) fail_msg("%s in %zu: %d", rows[i], cap, ok);
            for (size_t k = cap; k < sizeof out; k++)
                if (out[k] != '#') fail_msg("%s in %zu: byte %zu was written", rows[i], cap, k);
        }
}

static void string__without_escapes__is_not_copied(void **state) {
    (void)state;
    const struct mw_str plain = MW_STR("\"abc\""), escaped = MW_STR("\"a\\u0062c\"");
    char mem[3];
    assert_ptr_equal(json_string(plain, NULL, 0).ptr, plain.ptr + 1);
    assert_true(mw_str_eq(json_string(plain, NULL, 0), MW_STR("abc")));
    assert_ptr_equal(json_string(escaped, mem, sizeof mem).ptr, mem);
    assert_true(mw_str_eq(json_string(escaped, mem, sizeof mem), MW_STR("abc")));
    assert_null(json_string(escaped, mem, sizeof mem - 1).ptr);
    assert_non_null(json_string(MW_STR("\"\""), NULL, 0).ptr);
    assert_null(json_string(MW_STR("12"), mem, sizeof mem).ptr);
    assert_null(json_string(mw_cstr(NULL), mem, sizeof mem).ptr);
}

static void string__chars__counts_code_points(void **state) {
    (void)state;
    static const struct {
        const char *value;
        size_t want;
    } rows[] = {
        {"\"\"", 0},
        {"\"abc\"", 3},
        {"\"123456789012345678901234567\"", 27},
        {"\"\xe4\xbd\xa0\xe5\xa5\xbd\"", 2},
        {"\"a\xc3\xa4\xe4\xbd\xa0\xf0\x9f\x98\x80z\"", 5},
        {"\"\\n\\\\\\\"\\/\"", 4},
        {"\"\\u4f60\\u00e4x\"", 3},
        {"\"\\ud83d\\ude00\\uD83D\\uDE00\"", 2},
        {"\"\\\\ud83d\"", 6},
        {"\"ab\\n\xe4\xbd\xa0\xe5\xa5\xbdxyz\"", 8}, /* an escape and what it stands in front of in one word */
        {"12", 0},
        {"null", 0},
        {"[\"a\"]", 0},
        {"", 0},
        {NULL, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const size_t got = json_string_chars(mw_cstr(rows[i].value));
        if (got != rows[i].want) fail_msg("%s: %zu", rows[i].value, got);
    }
}

/* Characters are counted eight bytes at a time: each kind in each place. */
static void string__chars__wherever_they_stand(void **state) {
    (void)state;
    static const char *const kinds[] = {"\xc3\xa4", "\xe4\xbd\xa0", "\xf0\x9f\x98\x80", "\\t", "\\u0041"};
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++)
        for (size_t at = 0; at <= 20; at++) {
            char text[64];
            struct mw_buf b = mw_buf_over(text, sizeof text);
            mw_buf_put(&b, (struct mw_str){"\"xxxxxxxxxxxxxxxxxxxx", 1 + at});
            mw_buf_put(&b, mw_cstr(kinds[kind]));
            mw_buf_put(&b, (struct mw_str){"xxxxxxxxxxxxxxxxxxxx", 20 - at});
            mw_buf_putc(&b, '"');
            if (json_string_chars(mw_buf_str(&b)) != 21) fail_msg("%s at %zu", kinds[kind], at);
        }
}

/* Every cut of a spelling, in a block of its own size, where a read past it is found. */
static void string__cut_escape__stays_within(void **state) {
    (void)state;
    static const char whole[] = "\"a\\u00e4\\ud83d\\ude00\\n\"";
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        char *cut = malloc(len + 1), mem[64];
        assert_non_null(cut);
        memcpy(cut, whole, len);
        cut[len] = '"';
        (void)json_string(mw_bytes(cut, len + 1), mem, sizeof mem);
        assert_in_range(json_string_chars(mw_bytes(cut, len + 1)), 0, len);
        free(cut);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(string__value__what_it_stands_for),
        cmocka_unit_test(string__too_long__refused_and_nothing_past_cap),
        cmocka_unit_test(string__without_escapes__is_not_copied),
        cmocka_unit_test(string__chars__counts_code_points),
        cmocka_unit_test(string__chars__wherever_they_stand),
        cmocka_unit_test(string__cut_escape__stays_within),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
