#include "json_number.h"

#define WHOLE_DIGITS_MAX 18 /* always fit int64_t */
#define EXPONENT_FAR 10000  /* far from anything that is asked for, and safe to add to */
#define DOUBLE_LEAST (-307) /* where the point stands in the least numbers that every reader's doubles hold */

/* 0.DIGITS times ten to the power of `point`. Neither the first nor the last digit is a 0; no digits: the number 0. */
struct decimal {
    bool negative;
    int count, point;
    char digits[JSON_NUMBER_MAX];
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Behind the 'e'. */
static int read_exponent(struct mw_str s) {
    const bool negative = s.len > 0 && s.ptr[0] == '-';
    int value = 0;
    for (size_t i = s.len > 0 && !is_digit(s.ptr[0]); i < s.len && value < EXPONENT_FAR; i++)
        value = value * 10 + (s.ptr[i] - '0');
    return negative ? -value : value;
}

static void take_digit(struct decimal *d, char digit, bool in_fraction) {
    const bool leading = d->count == 0 && digit == '0';
    if (!leading) d->digits[d->count++] = digit;
    if (leading && in_fraction) d->point--;
    if (!leading && !in_fraction) d->point++;
}

static bool read_decimal(struct mw_str s, struct decimal *d) {
    const bool negative = s.len > 0 && s.ptr[0] == '-';
    bool in_fraction = false;
    size_t at = negative;
    if (s.len > JSON_NUMBER_MAX || at == s.len) return false;
    *d = (struct decimal){.negative = negative};
    for (; at < s.len && (s.ptr[at] | 0x20) != 'e'; at++) {
        if (is_digit(s.ptr[at]))
            take_digit(d, s.ptr[at], in_fraction);
        else if (s.ptr[at] == '.')
            in_fraction = true;
        else
            return false;
    }
    if (at < s.len) d->point += read_exponent(mw_str_skip(s, at + 1));
    while (d->count > 0 && d->digits[d->count - 1] == '0')
        d->count--;
    if (d->count == 0) d->point = 0;
    return true;
}

static bool has_fraction(const struct decimal *d) {
    return d->point < d->count;
}

/* The digits in front of the point, without the sign. */
static bool read_whole(const struct decimal *d, int64_t *out) {
    int64_t whole = 0;
    if (d->point > WHOLE_DIGITS_MAX) return false;
    for (int i = 0; i < d->point; i++)
        whole = whole * 10 + (i < d->count ? d->digits[i] - '0' : 0);
    *out = whole;
    return true;
}

bool json_number_whole(struct mw_str value, int64_t min, int64_t max, int64_t *out) {
    struct decimal d;
    int64_t whole = 0;
    if (!read_decimal(value, &d) || has_fraction(&d) || !read_whole(&d, &whole)) return false;
    if (d.negative) whole = -whole;
    if (whole < min || whole > max) return false;
    *out = whole;
    return true;
}

bool json_number_positive(struct mw_str value, int64_t max) {
    struct decimal d;
    int64_t whole = 0;
    if (!read_decimal(value, &d) || d.negative || d.count == 0) return false;
    if (d.point < DOUBLE_LEAST || !read_whole(&d, &whole)) return false;
    return whole < max || (whole == max && !has_fraction(&d));
}
