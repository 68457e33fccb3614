#include "mw/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void utf8__valid__counts_characters_and_sees_controls(void **state) {
    (void)state;
    static const struct {
        struct mw_str s;
        size_t chars;
        bool controls;
    } rows[] = {
        {{"", 0}, 0, false},
        {{"ab", 2}, 2, false},
        {{"\xc2\xa0", 2}, 1, false}, /* U+00A0: no control */
        {{"\xe4\xbd\xa0\xe5\xa5\xbd", 6}, 2, false},
        {{"\xf0\x9f\x98\x80", 4}, 1, false},
        {{"\xed\x9f\xbf", 3}, 1, false},     /* U+D7FF */
        {{"\xee\x80\x80", 3}, 1, false},     /* U+E000 */
        {{"\xf4\x8f\xbf\xbf", 4}, 1, false}, /* U+10FFFF */
        {{"a\0b", 3}, 3, true},
        {{"\x1f", 1}, 1, true},
        {{"\x7f", 1}, 1, true},
        {{"\xc2\x80", 2}, 1, true}, /* U+0080 */
        {{"\xc2\x9f", 2}, 1, true}, /* U+009F */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t chars = 99;
        bool controls = !rows[i].controls;
        if (!mw_utf8_check(rows[i].s, &chars, &controls)) fail_msg("row %zu refused", i);
        if (chars != rows[i].chars || controls != rows[i].controls) fail_msg("row %zu: %zu %d", i, chars, controls);
    }
    assert_true(mw_utf8_check(MW_STR("x"), NULL, NULL));
}

static void utf8__invalid__refused_and_nothing_written(void **state) {
    (void)state;
    static const struct {
        const char *name;
        struct mw_str s;
    } rows[] = {
        {"absent", {NULL, 0}},
        {"lone continuation", {"\x80", 1}},
        {"lone continuation behind text", {"ab\xbf", 3}},
        {"overlong NUL", {"\xc0\x80", 2}},
        {"overlong of two", {"\xc1\xbf", 2}},
        {"overlong of three", {"\xe0\x9f\xbf", 3}},
        {"overlong of four", {"\xf0\x8f\xbf\xbf", 4}},
        {"first surrogate", {"\xed\xa0\x80", 3}},
        {"last surrogate", {"\xed\xbf\xbf", 3}},
        {"past U+10FFFF", {"\xf4\x90\x80\x80", 4}},
        {"lead F5", {"\xf5\x80\x80\x80", 4}},
        {"lead FF", {"\xff", 1}},
        {"cut after one of two", {"\xc2", 1}},
        {"cut after two of three", {"\xe4\xbd", 2}},
        {"cut after three of four", {"\xf0\x9f\x98", 3}},
        {"third byte wrong",
         {"\xe4\xbd"
          "a",
          3}},
        {"fourth byte wrong",
         {"\xf0\x9f\x98"
          "a",
          4}},
        {"second byte wrong",
         {"\xc2"
          "a",
          2}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t chars = 99;
        bool controls = true;
        if (mw_utf8_check(rows[i].s, &chars, &controls)) fail_msg("%s accepted", rows[i].name);
        if (chars != 99 || !controls) fail_msg("%s: out-parameters were touched", rows[i].name);
    }
}

/* The check takes eight bytes at a time where it can: each kind of byte in each place, against a count by hand. */
static void utf8__any_byte_anywhere__is_seen(void **state) {
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++)
        for (size_t at = 0; at < 23; at++) {
            char text[] = "xxxxxxxxxxxxxxxxxxxxxxx";
            size_t chars = 99;
            bool controls = false;
            text[at] = (char)byte;
            const bool ok = mw_utf8_check((struct mw_str){text, 23}, &chars, &controls);
            if (ok != (byte < 0x80) || chars != (ok ? 23 : 99)) fail_msg("byte %u at %zu: %d", byte, at, ok);
            if (ok && controls != (byte < 0x20 || byte == 0x7f)) fail_msg("byte %u at %zu: controls", byte, at);
        }
}

static void utf8__wide_character_anywhere__counts_once(void **state) {
    (void)state;
    for (size_t at = 0; at < 20; at++) {
        char text[] = "xxxxxxxxxxxxxxxxxxxxxxx";
        size_t chars = 0;
        memcpy(text + at, "\xe4\xbd\xa0", 3);
        assert_true(mw_utf8_check((struct mw_str){text, 23}, &chars, NULL));
        assert_int_equal(chars, 21);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8__valid__counts_characters_and_sees_controls),
        cmocka_unit_test(utf8__invalid__refused_and_nothing_written),
        cmocka_unit_test(utf8__any_byte_anywhere__is_seen),
        cmocka_unit_test(utf8__wide_character_anywhere__counts_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
