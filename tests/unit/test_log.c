#include "mw/log.h"

#include "mw/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct sink {
    unsigned lines;
    enum mw_log_level level;
    char last[2 * MW_LOG_LINE_MAX];
};

static void take_line(void *ctx, enum mw_log_level level, const char *line) {
    struct sink *s = ctx;
    s->lines++;
    s->level = level;
    if (!mw_str_copy(s->last, sizeof s->last, mw_cstr(line))) fail_msg("a line of %zu bytes", strlen(line));
}

static void log__line__event_first(void **state) {
    (void)state;
    struct sink s = {0};
    const struct mw_log log = {take_line, &s, MW_LOG_INFO};
    mw_log(&log, MW_LOG_WARN, "login.ok", "uid=%s took_ms=%d", "abc", 7);
    assert_string_equal(s.last, "login.ok uid=abc took_ms=7");
    assert_int_equal(s.level, MW_LOG_WARN);
    mw_log(&log, MW_LOG_INFO, "stop", "%s", "");
    assert_string_equal(s.last, "stop");
    assert_int_equal(s.lines, 2);
}

static void log__level_above_max__dropped(void **state) {
    (void)state;
    struct sink s = {0};
    const struct mw_log log = {take_line, &s, MW_LOG_WARN};
    mw_log(&log, MW_LOG_INFO, "x", "y=%d", 1);
    mw_log(NULL, MW_LOG_ERROR, "x", "y=%d", 1);
    assert_int_equal(s.lines, 0);
    mw_log(&log, MW_LOG_WARN, "x", "y=%d", 1);
    assert_int_equal(s.lines, 1);
}

static void log__value_with_controls__cannot_forge_a_line(void **state) {
    (void)state;
    struct sink s = {0};
    const struct mw_log log = {take_line, &s, MW_LOG_DEBUG};
    mw_log(&log, MW_LOG_INFO, "e", "v=%s", "a\nb\r\x1b[2J\x7f\xc2\x85z");
    assert_string_equal(s.last, "e v=a?b??[2J??z");
    mw_log(&log, MW_LOG_INFO, "e", "v=%s", "\xe4\xbd\xa0\xe5\xa5\xbd");
    assert_string_equal(s.last, "e v=\xe4\xbd\xa0\xe5\xa5\xbd");
    mw_log(&log, MW_LOG_INFO, "e", "v=%s", "a\xff\xc0\x80 \xe4\xbd");
    assert_string_equal(s.last, "e v=a??? ??");
}

static void log__long_line__cut_at_a_character(void **state) {
    (void)state;
    struct sink s = {0};
    const struct mw_log log = {take_line, &s, MW_LOG_DEBUG};
    char value[2 * MW_LOG_LINE_MAX];
    for (size_t shift = 0; shift < 3; shift++) {
        struct mw_buf b = mw_buf_over(value, sizeof value);
        for (size_t i = 0; i < shift; i++)
            mw_buf_putc(&b, '.');
        while (b.len + 4 < sizeof value)
            mw_buf_put(&b, MW_STR("\xe4\xbd\xa0"));
        mw_log(&log, MW_LOG_INFO, "e", "v=%s", mw_buf_cstr(&b));
        const size_t len = strlen(s.last);
        if (len >= MW_LOG_LINE_MAX || len < MW_LOG_LINE_MAX - 4) fail_msg("shift %zu: %zu bytes", shift, len);
        if (!mw_utf8_check(mw_cstr(s.last), NULL, NULL) || strchr(s.last, '?')) fail_msg("shift %zu: torn", shift);
    }
}

static void logval__values__safe_behind_an_equals_sign(void **state) {
    (void)state;
    static const struct {
        struct mw_str in;
        const char *want;
    } rows[] = {
        {{NULL, 0}, "-"},
        {{"", 0}, "\"\""},
        {{"abc-1_2/~@", 10}, "abc-1_2/~@"},
        {{"a b", 3}, "\"a b\""},
        {{"a=b", 3}, "\"a=b\""},
        {{"a\"b", 3}, "\"a\\x22b\""},
        {{"a'b", 3}, "\"a'b\""},
        {{"a\\b", 3}, "\"a\\x5cb\""},
        {{"a\nb\0", 4}, "\"a\\x0ab\\x00\""},
        {{"\xe4\xbd\xa0", 3}, "\"\\xe4\\xbd\\xa0\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[MW_LOGVAL_MAX];
        if (strcmp(mw_logval(rows[i].in, out), rows[i].want) != 0) fail_msg("row %zu: %s", i, out);
    }
}

static void logval__long_value__cut(void **state) {
    (void)state;
    char value[400], out[MW_LOGVAL_MAX];
    memset(value, 'x', sizeof value);
    for (size_t len = 60; len < sizeof value; len++) {
        const size_t got = strlen(mw_logval(mw_bytes(value, len), out));
        const bool cut = len + 2 > MW_LOGVAL_MAX - 1;
        const size_t want = len <= 64 ? len : cut ? MW_LOGVAL_MAX - 1 : len + 2;
        if (got != want) fail_msg("%zu bytes gave %zu", len, got);
        if (cut && strcmp(out + got - 4, "...\"") != 0) fail_msg("%zu bytes: no mark at the end", len);
    }
    memset(value, '\n', sizeof value); /* an escape is never torn */
    mw_logval(mw_bytes(value, sizeof value), out);
    assert_string_equal(out + strlen(out) - 8, "\\x0a...\"");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log__line__event_first),
        cmocka_unit_test(log__level_above_max__dropped),
        cmocka_unit_test(log__value_with_controls__cannot_forge_a_line),
        cmocka_unit_test(log__long_line__cut_at_a_character),
        cmocka_unit_test(logval__values__safe_behind_an_equals_sign),
        cmocka_unit_test(logval__long_value__cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
