#include "mw/str.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void str__compare__absent_never_equals(void **state) {
    (void)state;
    const struct mw_str absent = mw_cstr(NULL), empty = MW_STR("");
    assert_false(mw_str_eq(absent, absent));
    assert_false(mw_str_eq(absent, empty));
    assert_true(mw_str_eq(empty, empty));
    assert_true(mw_str_eq(MW_STR("ab"), mw_cstr("ab")));
    assert_false(mw_str_eq(MW_STR("ab"), MW_STR("abc")));
    assert_false(mw_str_eq(MW_STR("ab"), MW_STR("aB")));
    assert_true(mw_str_starts(MW_STR("abc"), MW_STR("ab")));
    assert_true(mw_str_starts(MW_STR("abc"), empty));
    assert_false(mw_str_starts(MW_STR("a"), MW_STR("ab")));
    assert_false(mw_str_starts(absent, empty));
}

static void str__skip__stops_at_the_end(void **state) {
    (void)state;
    assert_true(mw_str_eq(mw_str_skip(MW_STR("abc"), 1), MW_STR("bc")));
    assert_int_equal(mw_str_skip(MW_STR("abc"), 9).len, 0);
    assert_non_null(mw_str_skip(MW_STR("abc"), 9).ptr);
    assert_null(mw_str_skip(mw_cstr(NULL), 9).ptr);
}

static void str__copy__fits_or_leaves_the_target(void **state) {
    (void)state;
    static const struct {
        const char *name;
        struct mw_str s;
        size_t cap;
        bool want;
    } rows[] = {
        {"fits exactly", {"abc", 3}, 4, true},     {"empty", {"", 0}, 1, true},
        {"no room for NUL", {"abc", 3}, 3, false}, {"no room at all", {"", 0}, 0, false},
        {"holds a NUL", {"a\0b", 3}, 8, false},    {"absent", {NULL, 0}, 8, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char dst[8] = "before!";
        const bool got = mw_str_copy(dst, rows[i].cap, rows[i].s);
        if (got != rows[i].want) fail_msg("%s: %d", rows[i].name, got);
        if (got ? !mw_str_eq(mw_cstr(dst), rows[i].s) : strcmp(dst, "before!") != 0)
            fail_msg("%s: target holds '%s'", rows[i].name, dst);
    }
}

static void buf__put__fills_to_the_last_byte(void **state) {
    (void)state;
    char mem[8];
    memset(mem, '#', sizeof mem);
    struct mw_buf b = mw_buf_over(mem, 5);
    mw_buf_put(&b, MW_STR("abc"));
    mw_buf_put(&b, MW_STR(""));
    mw_buf_put(&b, mw_cstr(NULL));
    mw_buf_putc(&b, 'd');
    mw_buf_putc(&b, 'e');
    assert_false(b.overflow);
    assert_true(mw_str_eq(mw_buf_str(&b), MW_STR("abcde")));
    assert_null(mw_buf_cstr(&b));
    mw_buf_putc(&b, 'f');
    assert_true(b.overflow);
    assert_memory_equal(mem, "abcde###", sizeof mem);
}

static void buf__overflow__nothing_more_is_taken(void **state) {
    (void)state;
    char mem[4];
    struct mw_buf b = mw_buf_over(mem, sizeof mem);
    mw_buf_putc(&b, 'a');
    mw_buf_put(&b, MW_STR("too long"));
    mw_buf_putc(&b, 'b');
    assert_true(b.overflow);
    assert_int_equal(b.len, 1);
    assert_null(mw_buf_cstr(&b));
}

static void buf__puti__whole_range(void **state) {
    (void)state;
    static const struct {
        int64_t v;
        const char *want;
    } rows[] = {{0, "0"},
                {7, "7"},
                {-1, "-1"},
                {1763800000123, "1763800000123"},
                {INT64_MAX, "9223372036854775807"},
                {INT64_MIN, "-9223372036854775808"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char mem[21];
        struct mw_buf b = mw_buf_over(mem, sizeof mem);
        mw_buf_puti(&b, rows[i].v);
        assert_string_equal(mw_buf_cstr(&b), rows[i].want);
    }
}

/* Both sides of every power of ten, against snprintf(). */
static void buf__puti__every_length(void **state) {
    (void)state;
    for (int64_t power = 1; power <= INT64_MAX / 10; power *= 10)
        for (int64_t v = power - 2; v <= power + 2; v++) {
            char mem[21], want[21];
            struct mw_buf b = mw_buf_over(mem, sizeof mem);
            mw_buf_puti(&b, v);
            snprintf(want, sizeof want, "%" PRId64, v);
            assert_string_equal(mw_buf_cstr(&b), want);
        }
}

static void buf__put_json__escapes_what_json_needs(void **state) {
    (void)state;
    static const struct {
        struct mw_str in;
        const char *want;
    } rows[] = {
        {{"", 0}, "\"\""},
        {{"plain", 5}, "\"plain\""},
        {{"a\"b\\c", 5}, "\"a\\\"b\\\\c\""},
        {{"\"", 1}, "\"\\\"\""},
        {{"\b\f\n\r\t", 5}, "\"\\b\\f\\n\\r\\t\""},
        {{"\0\x01\x1f\x7f", 4}, "\"\\u0000\\u0001\\u001f\\u007f\""},
        {{"\xe4\xbd\xa0/", 4}, "\"\xe4\xbd\xa0/\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char mem[64];
        struct mw_buf b = mw_buf_over(mem, sizeof mem);
        mw_buf_put_json(&b, rows[i].in);
        const char *got = mw_buf_cstr(&b);
        if (!got || strcmp(got, rows[i].want) != 0) fail_msg("row %zu: %s, not %s", i, got, rows[i].want);
    }
}

/* Plain bytes are taken eight at a time: each kind of byte in each place. */
static void buf__put_json__any_byte_anywhere(void **state) {
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++)
        for (size_t at = 0; at < 19; at++) {
            char text[] = "xxxxxxxxxxxxxxxxxxx", alone[16], all[64];
            struct mw_buf one = mw_buf_over(alone, sizeof alone), b = mw_buf_over(all, sizeof all);
            text[at] = (char)byte;
            mw_buf_put_json(&one, mw_bytes(text + at, 1));
            mw_buf_put_json(&b, mw_bytes(text, 19));
            const bool plain = byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7f;
            if ((one.len == 3) != plain) fail_msg("byte %u: %zu bytes long", byte, one.len);
            if (b.len != one.len + 18 || memcmp(all + 1 + at, alone + 1, one.len - 2) != 0)
                fail_msg("byte %u at %zu: %.*s", byte, at, (int)b.len, all);
        }
}

static void buf__put_json__too_long__leaves_no_half_string(void **state) {
    (void)state;
    const struct mw_str text = MW_STR("a\nb");
    for (size_t cap = 0; cap <= 6; cap++) {
        char mem[8];
        struct mw_buf b = mw_buf_over(mem, cap);
        mw_buf_put_json(&b, text);
        if (b.overflow != (cap < 6) || b.len != (cap < 6 ? 0 : 6)) fail_msg("cap %zu: len %zu", cap, b.len);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(str__compare__absent_never_equals),
        cmocka_unit_test(str__skip__stops_at_the_end),
        cmocka_unit_test(str__copy__fits_or_leaves_the_target),
        cmocka_unit_test(buf__put__fills_to_the_last_byte),
        cmocka_unit_test(buf__overflow__nothing_more_is_taken),
        cmocka_unit_test(buf__puti__whole_range),
        cmocka_unit_test(buf__puti__every_length),
        cmocka_unit_test(buf__put_json__escapes_what_json_needs),
        cmocka_unit_test(buf__put_json__any_byte_anywhere),
        cmocka_unit_test(buf__put_json__too_long__leaves_no_half_string),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
