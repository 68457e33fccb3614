#include "mw/parse.h"

enum mw_err mw_parse_u64(struct mw_str s, uint64_t max, uint64_t *out) {
    uint64_t value = 0;
    bool over = false;
    if (!s.ptr || s.len == 0) return MW_EINVAL;
    for (size_t i = 0; i < s.len; i++) {
        const uint64_t digit = (uint64_t)(unsigned char)s.ptr[i] - '0'; /* a non-digit wraps to > 9 */
        if (digit > 9) return MW_EINVAL;
        over |= __builtin_mul_overflow(value, UINT64_C(10), &value);
        over |= __builtin_add_overflow(value, digit, &value);
    }
    if (over || value > max) return MW_ETOOBIG; /* only now: "99x" is no number at all */
    *out = value;
    return MW_OK;
}

struct unit {
    char letter;
    uint64_t factor;
};

static const struct unit durations[] = {{'s', 1}, {'m', 60}, {'h', 60 * 60}, {'d', 24 * 60 * 60}};
static const struct unit sizes[] = {{'K', UINT64_C(1) << 10}, {'M', UINT64_C(1) << 20}, {'G', UINT64_C(1) << 30}};

static enum mw_err parse_with_unit(struct mw_str s, const struct unit *units, size_t count, int64_t max, int64_t *out) {
    uint64_t factor = 1, value = 0;
    if (!s.ptr || s.len == 0) return MW_EINVAL;
    for (size_t i = 0; i < count; i++)
        if (s.ptr[s.len - 1] == units[i].letter) {
            factor = units[i].factor;
            s.len--;
            break;
        }
    const enum mw_err err = mw_parse_u64(s, max < 0 ? 0 : (uint64_t)max / factor, &value);
    if (err != MW_OK) return err;
    *out = (int64_t)(value * factor);
    return MW_OK;
}

enum mw_err mw_parse_duration_s(struct mw_str s, int64_t max_s, int64_t *out) {
    return parse_with_unit(s, durations, sizeof durations / sizeof durations[0], max_s, out);
}

enum mw_err mw_parse_size(struct mw_str s, int64_t max, int64_t *out) {
    return parse_with_unit(s, sizes, sizeof sizes / sizeof sizes[0], max, out);
}
