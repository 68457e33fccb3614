/* The strict reading of RFC 8259. It runs on the broker's thread for every message published: one pass, no memory, no
 * recursion. Each reader takes the place where its part begins and returns the place behind it, or NULL with the reason
 * in `why`. */
#include "json_members.h"

#include "bytes8.h"
#include "json_names.h"
#include "json_number.h"
#include "utf8_step.h"

struct reader {
    const unsigned char *end;
    const char *why;
    unsigned depth;                     /* how many containers are open */
    uint32_t objects;                   /* bit d is set when the container at depth d is an object */
    bool only_object;                   /* for the outermost value */
    struct json_names *names;           /* NULL: repeated ones do not matter */
    const struct json_visitor *visitor; /* NULL: nobody asks for members */
    struct mw_str name;                 /* of the outermost object's member that is being read, */
    const unsigned char *value;         /* and where its value begins */
};
_Static_assert(MW_JSON_DEPTH_MAX < 32, "one bit for each depth");

static const char too_early[] = "the text ends too early";

static const unsigned char *fail(struct reader *r, const char *why) {
    r->why = why;
    return NULL;
}

static bool is_digit(unsigned char c) {
    return c >= '0' && c <= '9';
}

static const unsigned char *skip_blanks(const struct reader *r, const unsigned char *at) {
    while (at < r->end && *at <= ' ' && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r'))
        at++;
    return at;
}

static const unsigned char *read_hex4(struct reader *r, const unsigned char *at, uint32_t *out) {
    uint32_t value = 0;
    if (r->end - at < 4) return fail(r, "a string does not end");
    for (unsigned i = 0; i < 4; i++) {
        const unsigned char c = *at++, letter = c | 0x20;
        if (is_digit(c))
            value = value << 4 | (uint32_t)(c - '0');
        else if (letter >= 'a' && letter <= 'f')
            value = value << 4 | (uint32_t)(letter - 'a' + 10);
        else
            return fail(r, "\\u without four hexadecimal digits");
    }
    *out = value;
    return at;
}

/* Behind "\u". */
static const unsigned char *read_unicode_escape(struct reader *r, const unsigned char *at) {
    uint32_t unit = 0, low = 0;
    at = read_hex4(r, at, &unit);
    if (!at) return NULL;
    if (unit == 0) return fail(r, "\\u0000 is not accepted");
    if (unit < 0xd800 || unit > 0xdfff) return at;
    if (unit > 0xdbff || r->end - at < 2 || at[0] != '\\' || at[1] != 'u') return fail(r, "half a surrogate pair");
    at = read_hex4(r, at + 2, &low);
    if (at && (low < 0xdc00 || low > 0xdfff)) return fail(r, "half a surrogate pair");
    return at;
}

/* Behind the backslash. */
static const unsigned char *read_escape(struct reader *r, const unsigned char *at) {
    if (at == r->end) return fail(r, "a string does not end");
    const unsigned char c = *at++;
    if (c == 'u') return read_unicode_escape(r, at);
    const bool known = c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' || c == 'n' || c == 'r' || c == 't';
    return known ? at : fail(r, "an escape that JSON does not have");
}

static bool is_plain(unsigned char c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* How many of eight bytes at the beginning are plain. */
static size_t count_plain(const unsigned char *eight) {
    const uint64_t word = bytes8_load(eight);
    return bytes8_before(bytes8_not_ascii(word) | bytes8_special(word));
}

static const unsigned char *skip_plain(const struct reader *r, const unsigned char *at) {
    while (r->end - at >= 8) {
        const size_t plain = count_plain(at);
        at += plain;
        if (plain < 8) return at;
    }
    while (at < r->end && is_plain(*at))
        at++;
    return at;
}

/* At a byte that is not ASCII. */
static const unsigned char *skip_characters(struct reader *r, const unsigned char *at) {
    while (at < r->end && *at >= 0x80) {
        uint32_t cp = 0;
        const size_t step = utf8_step(at, r->end, &cp);
        if (step == 0) return fail(r, "invalid UTF-8");
        at += step;
    }
    return at;
}

/* Behind the opening quote. */
static const unsigned char *read_string(struct reader *r, const unsigned char *at) {
    while (at) {
        at = skip_plain(r, at);
        if (at == r->end) return fail(r, "a string does not end");
        if (*at == '"') return at + 1;
        if (*at >= 0x80)
            at = skip_characters(r, at);
        else if (*at == '\\')
            at = read_escape(r, at + 1);
        else
            return fail(r, "a control character in a string");
    }
    return NULL;
}

static const unsigned char *read_digits(struct reader *r, const unsigned char *at) {
    const unsigned char *const first = at;
    while (at < r->end && is_digit(*at))
        at++;
    return at > first ? at : fail(r, "a number without digits");
}

static const unsigned char *read_fraction(struct reader *r, const unsigned char *at) {
    if (at < r->end && *at == '.') at = read_digits(r, at + 1);
    if (!at || at == r->end || (*at | 0x20) != 'e') return at;
    at++;
    if (at < r->end && (*at == '+' || *at == '-')) at++;
    return read_digits(r, at);
}

static const unsigned char *read_number(struct reader *r, const unsigned char *const first) {
    const unsigned char *const whole = first + (*first == '-');
    const unsigned char *at = read_digits(r, whole);
    if (!at) return NULL;
    if (*whole == '0' && at - whole > 1) return fail(r, "a number with a leading zero");
    at = read_fraction(r, at);
    if (at && at - first > JSON_NUMBER_MAX) return fail(r, "a number that is too long");
    return at;
}

static const unsigned char *read_word(struct reader *r, const unsigned char *at) {
    static const struct mw_str words[] = {{"true", 4}, {"false", 5}, {"null", 4}};
    const struct mw_str rest = mw_bytes(at, (size_t)(r->end - at));
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (mw_str_starts(rest, words[i])) return at + words[i].len;
    return fail(r, "not JSON");
}

static const unsigned char *read_scalar(struct reader *r, const unsigned char *at) {
    if (*at == '"') return read_string(r, at + 1);
    if (*at == '-' || is_digit(*at)) return read_number(r, at);
    return read_word(r, at);
}

static bool in_object(const struct reader *r) {
    return r->objects >> r->depth & 1;
}

static const unsigned char *open_container(struct reader *r, const unsigned char *at) {
    const bool object = *at == '{';
    if (r->depth == MW_JSON_DEPTH_MAX) return fail(r, "nested too deeply");
    r->depth++;
    r->objects = (r->objects & ~(UINT32_C(1) << r->depth)) | (uint32_t)object << r->depth;
    if (object && r->names) json_names_open_object(r->names, r->depth);
    return skip_blanks(r, at + 1);
}

static bool closes(const struct reader *r, unsigned char c) {
    return c == (in_object(r) ? '}' : ']');
}

/* A member's name with its colon. */
static const unsigned char *read_name(struct reader *r, const unsigned char *at) {
    if (*at != '"') return fail(r, "a member without a name in quotes");
    const unsigned char *const first = at + 1;
    at = read_string(r, first);
    if (!at) return NULL;
    const struct mw_str name = mw_bytes(first, (size_t)(at - first) - 1);
    const char *wrong = r->names ? json_names_add(r->names, r->depth, name) : NULL;
    if (wrong) return fail(r, wrong);
    if (r->depth == 1) r->name = name;
    at = skip_blanks(r, at);
    if (at == r->end) return fail(r, too_early);
    return *at == ':' ? skip_blanks(r, at + 1) : fail(r, "a name without a colon");
}

static void value_ends(const struct reader *r, const unsigned char *end) {
    if (r->depth == 1 && r->visitor)
        r->visitor->member(r->visitor->ctx, r->name, mw_bytes(r->value, (size_t)(end - r->value)));
}

/* What may stand behind a value: brackets that close, and then a comma if something is open still. */
static const unsigned char *read_ends(struct reader *r, const unsigned char *at) {
    for (;;) {
        at = skip_blanks(r, at);
        if (r->depth == 0) return at;
        if (at == r->end) return fail(r, too_early);
        if (*at == ',') return at + 1;
        if (!closes(r, *at)) return fail(r, "a comma or a closing bracket is missing");
        r->depth--;
        value_ends(r, ++at);
    }
}

/* A member, an element or the outermost value, to behind its comma or its end; of a container that is not empty the
 * opening bracket alone. */
static const unsigned char *read_item(struct reader *r, const unsigned char *at) {
    at = skip_blanks(r, at);
    if (at < r->end && in_object(r)) at = read_name(r, at);
    if (!at) return NULL;
    if (at == r->end) return fail(r, too_early);
    if (r->depth == 1) r->value = at;
    if (*at == '{' || *at == '[') {
        at = open_container(r, at);
        if (!at || at == r->end || !closes(r, *at)) return at;
    } else {
        at = read_scalar(r, at);
        if (!at) return NULL;
        value_ends(r, at);
    }
    return read_ends(r, at);
}

static const unsigned char *read_text(struct reader *r, const unsigned char *at) {
    if (r->only_object) {
        at = skip_blanks(r, at);
        if (at < r->end && *at != '{') return fail(r, "not an object");
    }
    do {
        at = read_item(r, at);
    } while (at && r->depth > 0);
    return !at || at == r->end ? at : fail(r, "text behind the value");
}

static enum mw_err check(struct reader *r, struct mw_str text, const char **why) {
    if (!text.ptr) text = MW_STR("");
    const unsigned char *at = (const unsigned char *)text.ptr;
    r->end = at + text.len;
    if (read_text(r, at)) return MW_OK;
    if (why) *why = r->why;
    return MW_EINVAL;
}

enum mw_err mw_json_check(struct mw_str text, const char **why) {
    struct reader r = {.why = NULL};
    return check(&r, text, why);
}

enum mw_err json_check_members(struct mw_str text, const struct json_visitor *visitor, const char **why) {
    struct json_names names;
    struct reader r = {.names = &names, .visitor = visitor, .only_object = true};
    json_names_begin(&names);
    return check(&r, text, why);
}

enum mw_err mw_json_check_object(struct mw_str text, const char **why) {
    return json_check_members(text, NULL, why);
}
