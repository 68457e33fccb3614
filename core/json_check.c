/* The strict reading of RFC 8259 that comes before cJSON. It runs on the broker's thread for every message published:
 * one pass, no memory, no recursion. */
#include "mw/json.h"

#include "bytes8.h"
#include "utf8_step.h"

#define NUMBER_MAX 63 /* what cJSON 1.7 reads of a number; nobody needs more digits */

/* What may come next, blanks aside. */
enum expect {
    VALUE,
    VALUE_OR_END, /* behind '[' */
    NAME,
    NAME_OR_END, /* behind '{' */
    COLON,
    COMMA_OR_END,
    NOTHING,
};

struct reader {
    const unsigned char *at, *end;
    const char *why;
    enum expect expect;
    unsigned depth;
    uint32_t objects; /* bit d is set when the container at depth d is an object */
};
_Static_assert(MW_JSON_DEPTH_MAX < 32, "one bit for each depth");

static bool fail(struct reader *r, const char *why) {
    r->why = why;
    return false;
}

static bool is_digit(unsigned char c) {
    return c >= '0' && c <= '9';
}

static void skip_blanks(struct reader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r'))
        r->at++;
}

static bool read_hex4(struct reader *r, uint32_t *out) {
    uint32_t value = 0;
    if (r->end - r->at < 4) return fail(r, "a string does not end");
    for (unsigned i = 0; i < 4; i++) {
        const unsigned char c = *r->at++, letter = c | 0x20;
        if (is_digit(c))
            value = value << 4 | (uint32_t)(c - '0');
        else if (letter >= 'a' && letter <= 'f')
            value = value << 4 | (uint32_t)(letter - 'a' + 10);
        else
            return fail(r, "\\u without four hexadecimal digits");
    }
    *out = value;
    return true;
}

/* Behind "\u". */
static bool read_unicode_escape(struct reader *r) {
    uint32_t unit = 0, low = 0;
    if (!read_hex4(r, &unit)) return false;
    if (unit == 0) return fail(r, "\\u0000 is not accepted");
    if (unit < 0xd800 || unit > 0xdfff) return true;
    if (unit > 0xdbff || r->end - r->at < 2 || r->at[0] != '\\' || r->at[1] != 'u')
        return fail(r, "half a surrogate pair");
    r->at += 2;
    if (!read_hex4(r, &low)) return false;
    return (low >= 0xdc00 && low <= 0xdfff) || fail(r, "half a surrogate pair");
}

/* Behind the backslash. */
static bool read_escape(struct reader *r) {
    if (r->at == r->end) return fail(r, "a string does not end");
    const unsigned char c = *r->at++;
    if (c == 'u') return read_unicode_escape(r);
    const bool known = c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' || c == 'n' || c == 'r' || c == 't';
    return known || fail(r, "an escape that JSON does not have");
}

static bool is_plain(unsigned char c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* How many of eight bytes at the beginning are plain. */
static size_t count_plain(const unsigned char *eight) {
    const uint64_t word = bytes8_load(eight);
    return bytes8_before(bytes8_not_ascii(word) | bytes8_special(word));
}

static void skip_plain(struct reader *r) {
    while (r->end - r->at >= 8) {
        const size_t plain = count_plain(r->at);
        r->at += plain;
        if (plain < 8) return;
    }
    while (r->at < r->end && is_plain(*r->at))
        r->at++;
}

/* At a byte that is not ASCII. */
static bool skip_characters(struct reader *r) {
    while (r->at < r->end && *r->at >= 0x80) {
        uint32_t cp = 0;
        const size_t step = utf8_step(r->at, r->end, &cp);
        if (step == 0) return fail(r, "invalid UTF-8");
        r->at += step;
    }
    return true;
}

/* Behind the opening quote. */
static bool read_string(struct reader *r) {
    for (;;) {
        skip_plain(r);
        if (r->at == r->end) return fail(r, "a string does not end");
        if (*r->at >= 0x80) {
            if (!skip_characters(r)) return false;
            continue;
        }
        const unsigned char c = *r->at++;
        if (c == '"') return true;
        if (c != '\\') return fail(r, "a control character in a string");
        if (!read_escape(r)) return false;
    }
}

static bool read_digits(struct reader *r) {
    const unsigned char *const first = r->at;
    while (r->at < r->end && is_digit(*r->at))
        r->at++;
    return r->at > first || fail(r, "a number without digits");
}

static bool read_number(struct reader *r) {
    const unsigned char *const first = r->at;
    if (*r->at == '-') r->at++;
    const bool zero = r->at < r->end && *r->at == '0';
    const unsigned char *const whole = r->at;
    if (!read_digits(r)) return false;
    if (zero && r->at - whole > 1) return fail(r, "a number with a leading zero");
    if (r->at < r->end && *r->at == '.') {
        r->at++;
        if (!read_digits(r)) return false;
    }
    if (r->at < r->end && (*r->at | 0x20) == 'e') {
        r->at++;
        if (r->at < r->end && (*r->at == '+' || *r->at == '-')) r->at++;
        if (!read_digits(r)) return false;
    }
    return r->at - first <= NUMBER_MAX || fail(r, "a number that is too long");
}

static bool read_word(struct reader *r) {
    static const struct mw_str words[] = {{"true", 4}, {"false", 5}, {"null", 4}};
    const struct mw_str rest = mw_bytes(r->at, (size_t)(r->end - r->at));
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (mw_str_starts(rest, words[i])) {
            r->at += words[i].len;
            return true;
        }
    return fail(r, "not JSON");
}

static bool in_object(const struct reader *r) {
    return r->objects >> r->depth & 1;
}

static void value_done(struct reader *r) {
    r->expect = r->depth == 0 ? NOTHING : COMMA_OR_END;
}

static bool open_container(struct reader *r, bool object) {
    if (r->depth == MW_JSON_DEPTH_MAX) return fail(r, "nested too deeply");
    r->depth++;
    r->objects = (r->objects & ~(UINT32_C(1) << r->depth)) | (uint32_t)object << r->depth;
    r->expect = object ? NAME_OR_END : VALUE_OR_END;
    r->at++;
    return true;
}

static bool close_container(struct reader *r) {
    r->depth--;
    r->at++;
    value_done(r);
    return true;
}

static bool read_value(struct reader *r) {
    const unsigned char c = *r->at;
    if (c == '{' || c == '[') return open_container(r, c == '{');
    if (c == '"') {
        r->at++;
        if (!read_string(r)) return false;
    } else if (c == '-' || is_digit(c)) {
        if (!read_number(r)) return false;
    } else if (!read_word(r)) {
        return false;
    }
    value_done(r);
    return true;
}

static bool read_name(struct reader *r) {
    if (*r->at != '"') return fail(r, "a member without a name in quotes");
    r->at++;
    r->expect = COLON;
    return read_string(r);
}

/* At a byte that is no blank. */
static bool step(struct reader *r) {
    const unsigned char c = *r->at;
    switch (r->expect) {
    case VALUE_OR_END:
        if (c == ']') return close_container(r);
        return read_value(r);
    case VALUE:
        return read_value(r);
    case NAME_OR_END:
        if (c == '}') return close_container(r);
        return read_name(r);
    case NAME:
        return read_name(r);
    case COLON:
        if (c != ':') return fail(r, "a name without a colon");
        r->at++;
        r->expect = VALUE;
        return true;
    case COMMA_OR_END:
        if (c == (in_object(r) ? '}' : ']')) return close_container(r);
        if (c != ',') return fail(r, "a comma or a closing bracket is missing");
        r->at++;
        r->expect = in_object(r) ? NAME : VALUE;
        return true;
    case NOTHING:
        break;
    }
    return fail(r, "text behind the value");
}

static bool check(struct reader *r) {
    for (;;) {
        skip_blanks(r);
        if (r->at == r->end) return r->expect == NOTHING || fail(r, "the text ends too early");
        if (!step(r)) return false;
    }
}

enum mw_err mw_json_check(struct mw_str text, const char **why) {
    struct reader r = {.at = (const unsigned char *)text.ptr, .expect = VALUE};
    r.end = text.ptr ? r.at + text.len : r.at;
    if (check(&r)) return MW_OK;
    if (why) *why = r.why;
    return MW_EINVAL;
}
