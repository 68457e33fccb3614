#include "mw/parse.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void parse__u64__digits_within_max(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint64_t max;
        enum mw_err err;
        uint64_t want;
    } rows[] = {
        {"0", 0, MW_OK, 0},
        {"000", 0, MW_OK, 0},
        {"0042", 100, MW_OK, 42},
        {"100", 100, MW_OK, 100},
        {"18446744073709551615", UINT64_MAX, MW_OK, UINT64_MAX},
        {"101", 100, MW_ETOOBIG, 0},
        {"5", 4, MW_ETOOBIG, 0},
        {"18446744073709551616", UINT64_MAX, MW_ETOOBIG, 0},
        {"99999999999999999999999999", UINT64_MAX, MW_ETOOBIG, 0},
        {"", 9, MW_EINVAL, 0},
        {NULL, 9, MW_EINVAL, 0},
        {"-1", 9, MW_EINVAL, 0},
        {"+1", 9, MW_EINVAL, 0},
        {" 1", 9, MW_EINVAL, 0},
        {"1 ", 9, MW_EINVAL, 0},
        {"0x1", 9, MW_EINVAL, 0},
        {"1e3", 9999, MW_EINVAL, 0},
        {"999x", 9, MW_EINVAL, 0},
        {"\xef\xbc\x91", 9, MW_EINVAL, 0}, /* full-width 1 */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t got = 77;
        const enum mw_err err = mw_parse_u64(mw_cstr(rows[i].text), rows[i].max, &got);
        if (err != rows[i].err || got != (err == MW_OK ? rows[i].want : 77))
            fail_msg("'%s': %s, %" PRIu64, rows[i].text, mw_err_text(err), got);
    }
    uint64_t got = 77;
    assert_int_equal(mw_parse_u64(mw_bytes("1\0", 2), 9, &got), MW_EINVAL);
}

struct unit_row {
    const char *text;
    int64_t max;
    enum mw_err err;
    int64_t want;
};

static void check_units(const struct unit_row *rows, size_t count,
                        enum mw_err (*parse)(struct mw_str s, int64_t max, int64_t *out)) {
    for (size_t i = 0; i < count; i++) {
        int64_t got = 77;
        const enum mw_err err = parse(mw_cstr(rows[i].text), rows[i].max, &got);
        if (err != rows[i].err || got != (err == MW_OK ? rows[i].want : 77))
            fail_msg("'%s': %s, %" PRId64, rows[i].text, mw_err_text(err), got);
    }
}

static void parse__duration__units(void **state) {
    (void)state;
    static const struct unit_row rows[] = {
        {"5", 10, MW_OK, 5},
        {"5s", 10, MW_OK, 5},
        {"2m", 120, MW_OK, 120},
        {"24h", 86400, MW_OK, 86400},
        {"7d", 604800, MW_OK, 604800},
        {"2m", 119, MW_ETOOBIG, 0},
        {"106751991167301d", INT64_MAX, MW_ETOOBIG, 0},
        {"106751991167300d", INT64_MAX, MW_OK, INT64_C(9223372036854720000)},
        {"1", -1, MW_ETOOBIG, 0},
        {"s", 10, MW_EINVAL, 0},
        {"", 10, MW_EINVAL, 0},
        {NULL, 10, MW_EINVAL, 0},
        {"5ms", 10, MW_EINVAL, 0},
        {"5 s", 10, MW_EINVAL, 0},
        {"5S", 10, MW_EINVAL, 0},
        {"5K", 10, MW_EINVAL, 0},
        {"1h30m", 86400, MW_EINVAL, 0},
        {"-5s", 10, MW_EINVAL, 0},
    };
    check_units(rows, sizeof rows / sizeof rows[0], mw_parse_duration_s);
}

static void parse__size__units(void **state) {
    (void)state;
    static const struct unit_row rows[] = {
        {"8192", 8192, MW_OK, 8192},
        {"8K", 8192, MW_OK, 8192},
        {"64M", INT64_MAX, MW_OK, 67108864},
        {"1G", INT64_MAX, MW_OK, 1073741824},
        {"8K", 8191, MW_ETOOBIG, 0},
        {"9007199254740992G", INT64_MAX, MW_ETOOBIG, 0},
        {"8k", 8192, MW_EINVAL, 0},
        {"8KB", 81920, MW_EINVAL, 0},
        {"K", 8192, MW_EINVAL, 0},
        {"1.5M", INT64_MAX, MW_EINVAL, 0},
        {"5s", 10, MW_EINVAL, 0},
    };
    check_units(rows, sizeof rows / sizeof rows[0], mw_parse_size);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse__u64__digits_within_max),
        cmocka_unit_test(parse__duration__units),
        cmocka_unit_test(parse__size__units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
