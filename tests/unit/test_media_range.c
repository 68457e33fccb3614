#include "media_range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define TAG "\"0123\""
#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"

static const struct media_file file = {{TAG, sizeof TAG - 1}, 784111777, {DATE, sizeof DATE - 1}, 1000};

static void judge__ranges__rows(void **state) {
    static const struct {
        const char *range;
        enum media_verdict want;
        uint64_t first, len;
    } rows[] = {
        {"bytes=0-0", MEDIA_PART, 0, 1},
        {"bytes=0-", MEDIA_PART, 0, 1000},
        {"bytes=10-19", MEDIA_PART, 10, 10},
        {"bytes=999-", MEDIA_PART, 999, 1},
        {"bytes=990-5000", MEDIA_PART, 990, 10},
        {"bytes=990-99999999999999999999999", MEDIA_PART, 990, 10},
        {"bytes=-1", MEDIA_PART, 999, 1},
        {"bytes=-1000", MEDIA_PART, 0, 1000},
        {"bytes=-99999999999999999999999", MEDIA_PART, 0, 1000},
        {"Bytes= 10-19 ", MEDIA_PART, 10, 10},
        {"bytes=1000-", MEDIA_UNSATISFIABLE, 0, 0},
        {"bytes=1000-1000", MEDIA_UNSATISFIABLE, 0, 0},
        {"bytes=99999999999999999999999-", MEDIA_UNSATISFIABLE, 0, 0},
        {"bytes=18446744073709551615-18446744073709551615", MEDIA_UNSATISFIABLE, 0, 0},
        {"bytes=-0", MEDIA_UNSATISFIABLE, 0, 0},
        {"bytes=0-9,20-29", MEDIA_WHOLE, 0, 1000},
        {"bytes=0-9,", MEDIA_WHOLE, 0, 1000},
        {"bytes=19-10", MEDIA_WHOLE, 0, 1000},
        {"bytes=", MEDIA_WHOLE, 0, 1000},
        {"bytes=-", MEDIA_WHOLE, 0, 1000},
        {"bytes=5", MEDIA_WHOLE, 0, 1000},
        {"bytes=a-b", MEDIA_WHOLE, 0, 1000},
        {"bytes=0x10-", MEDIA_WHOLE, 0, 1000},
        {"bytes=99999999999999999999x-", MEDIA_WHOLE, 0, 1000},
        {"bytes=+1-5", MEDIA_WHOLE, 0, 1000},
        {"bytes=1--5", MEDIA_WHOLE, 0, 1000},
        {"bytes=1 - 5", MEDIA_WHOLE, 0, 1000},
        {"bytes 0-9", MEDIA_WHOLE, 0, 1000},
        {"bytes", MEDIA_WHOLE, 0, 1000},
        {"bytes\x1d"
         "0-9",
         MEDIA_WHOLE, 0, 1000}, /* '=' with another bit 5 */
        {"lines=0-9", MEDIA_WHOLE, 0, 1000},
        {NULL, MEDIA_WHOLE, 0, 1000},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct media_span span = {0, 0};
        const struct media_ask ask = {.range = mw_cstr(rows[i].range)};
        const enum media_verdict got = media_judge(&ask, &file, &span);
        if (got != rows[i].want || span.first != rows[i].first || span.len != rows[i].len)
            fail_msg("row %zu: %s gives %d, %ju + %ju", i, rows[i].range ? rows[i].range : "none", (int)got,
                     (uintmax_t)span.first, (uintmax_t)span.len);
    }
}

static void judge__conditions__rows(void **state) {
    static const struct {
        const char *none_match, *modified_since, *if_range;
        enum media_verdict want; /* of a request for bytes=0-9 */
    } rows[] = {
        {NULL, NULL, NULL, MEDIA_PART},
        {TAG, NULL, NULL, MEDIA_UNCHANGED},
        {"W/" TAG, NULL, NULL, MEDIA_UNCHANGED},
        {"*", NULL, NULL, MEDIA_UNCHANGED},
        {"\"a\", W/\"b\" ,, " TAG, NULL, NULL, MEDIA_UNCHANGED},
        {"\"a\", \"b\"", NULL, NULL, MEDIA_PART},
        {"\"01234\"", NULL, NULL, MEDIA_PART},
        {"0123", NULL, NULL, MEDIA_PART},
        {"\"0123", NULL, NULL, MEDIA_PART},
        {"w/" TAG, NULL, NULL, MEDIA_PART},
        {"garbage, " TAG, NULL, NULL, MEDIA_PART},
        {"\"", NULL, NULL, MEDIA_PART},
        {"", NULL, NULL, MEDIA_PART},
        {NULL, DATE, NULL, MEDIA_UNCHANGED},
        {NULL, "Sun, 06 Nov 1994 08:49:38 GMT", NULL, MEDIA_UNCHANGED},
        {NULL, "Fri, 31 Dec 9999 23:59:59 GMT", NULL, MEDIA_UNCHANGED},
        {NULL, "Sun, 06 Nov 1994 08:49:36 GMT", NULL, MEDIA_PART},
        {NULL, "Mon, 06 Nov 2094 08:49:38 GMT", NULL, MEDIA_PART}, /* it is a Saturday, so it is no date */
        {NULL, "tomorrow", NULL, MEDIA_PART},
        {NULL, "", NULL, MEDIA_PART},
        {"\"a\"", "Fri, 31 Dec 9999 23:59:59 GMT", NULL, MEDIA_PART},
        {"\"a\"", DATE, NULL, MEDIA_PART}, /* If-None-Match alone decides */
        {NULL, NULL, TAG, MEDIA_PART},
        {NULL, NULL, DATE, MEDIA_PART},
        {NULL, NULL, "W/" TAG, MEDIA_WHOLE},
        {NULL, NULL, "\"a\"", MEDIA_WHOLE},
        {NULL, NULL, "*", MEDIA_WHOLE},
        {NULL, NULL, "Sun, 06 Nov 1994 08:49:36 GMT", MEDIA_WHOLE},
        {NULL, NULL, "", MEDIA_WHOLE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct media_span span;
        const struct media_ask ask = {mw_cstr(rows[i].none_match), mw_cstr(rows[i].modified_since),
                                      mw_cstr(rows[i].if_range), MW_STR("bytes=0-9")};
        const enum media_verdict got = media_judge(&ask, &file, &span);
        if (got != rows[i].want) fail_msg("row %zu: %d", i, (int)got);
    }
}

static void http_date__instants__rows(void **state) {
    static const struct {
        int64_t unix_s;
        const char *want;
    } rows[] = {
        {784111777, DATE},
        {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
        {1709164799, "Wed, 28 Feb 2024 23:59:59 GMT"},
        {1709164800, "Thu, 29 Feb 2024 00:00:00 GMT"},
        {-1, "Thu, 01 Jan 1970 00:00:00 GMT"},
        {INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT"},
    };
    char got[HTTP_DATE_MAX + 1];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        http_date(rows[i].unix_s, got);
        if (strcmp(got, rows[i].want) != 0) fail_msg("row %zu: %s", i, got);
    }
}

static void http_date_read__texts__rows(void **state) {
    static const struct {
        const char *text;
        int64_t want; /* -1: no date */
    } rows[] = {
        {DATE, 784111777},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Wed, 28 Feb 2024 23:59:59 GMT", 1709164799},
        {"Thu, 29 Feb 2024 00:00:00 GMT", 1709164800},
        {"Fri, 31 Dec 9999 23:59:59 GMT", INT64_C(253402300799)},
        {"", -1},
        {"Sun, 06 Nov 1994 08:49:37 GM", -1},
        {"Sun, 06 Nov 1994 08:49:37 GMT ", -1},
        {"Sun, 06 Nov 1994 08:49:37 UTC", -1},
        {"sun, 06 nov 1994 08:49:37 gmt", -1},
        {"Mon, 06 Nov 1994 08:49:37 GMT", -1},
        {"Sun, 06 Nix 1994 08:49:37 GMT", -1},
        {"Wed, 30 Feb 2024 00:00:00 GMT", -1},
        {"Sun, 06 Nov 1994 24:49:37 GMT", -1},
        {"Sun, 06 Nov 1994 08:60:37 GMT", -1},
        {"Sun, 06 Nov 1994 08-49-37 GMT", -1},
        {"Sun,  6 Nov 1994 08:49:37 GMT", -1},
        {"Sun, 06 Nov -994 08:49:37 GMT", -1},
        {"Wed, 31 Dec 1969 23:59:59 GMT", -1},
        {"Sunday, 06-Nov-94 08:49:37 GMT", -1}, /* obsolete, as the next */
        {"Sun Nov  6 08:49:37 1994", -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t got = -1;
        const bool read = http_date_read(mw_cstr(rows[i].text), &got);
        if (got != rows[i].want || read != (rows[i].want >= 0)) fail_msg("row %zu: %jd", i, (intmax_t)got);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judge__ranges__rows),
        cmocka_unit_test(judge__conditions__rows),
        cmocka_unit_test(http_date__instants__rows),
        cmocka_unit_test(http_date_read__texts__rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
