#include "json_string.h"

#include "bytes8.h"

static uint32_t hex4(const char *digits) {
    uint32_t value = 0;
    for (unsigned i = 0; i < 4; i++) {
        const uint32_t c = (unsigned char)digits[i];
        value = value << 4 | ((c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10) & 15);
    }
    return value;
}

static void put_utf8(struct mw_buf *b, uint32_t cp) {
    const char four[] = {(char)(0xf0 | cp >> 18), (char)(0x80 | (cp >> 12 & 0x3f)), (char)(0x80 | (cp >> 6 & 0x3f)),
                         (char)(0x80 | (cp & 0x3f))};
    const char three[] = {(char)(0xe0 | cp >> 12), four[2], four[3]};
    const char two[] = {(char)(0xc0 | cp >> 6), four[3]};
    if (cp >= 0x10000)
        mw_buf_put(b, mw_bytes(four, sizeof four));
    else if (cp >= 0x800)
        mw_buf_put(b, mw_bytes(three, sizeof three));
    else if (cp >= 0x80)
        mw_buf_put(b, mw_bytes(two, sizeof two));
    else
        mw_buf_putc(b, (char)cp);
}

/* How many bytes the escape at the beginning takes: a pair of surrogates is one. */
static size_t escape_length(struct mw_str rest) {
    if (rest.len < 2) return rest.len;
    if (rest.ptr[1] != 'u') return 2;
    if (rest.len < 6) return rest.len;
    return rest.len >= 12 && (hex4(rest.ptr + 2) & 0xfc00) == 0xd800 ? 12 : 6;
}

size_t json_put_escaped(struct mw_buf *b, struct mw_str rest) {
    static const char meant[128] = {
        ['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t'};
    const size_t len = escape_length(rest);
    if (len == 2) {
        const unsigned char letter = (unsigned char)rest.ptr[1];
        mw_buf_putc(b, letter < 128 ? meant[letter] : '?');
    } else if (len == 6) {
        put_utf8(b, hex4(rest.ptr + 2));
    } else if (len == 12) {
        put_utf8(b, 0x10000 + ((hex4(rest.ptr + 2) & 0x3ff) << 10) + (hex4(rest.ptr + 8) & 0x3ff));
    }
    return len;
}

/* How many bytes stand in front of the first escape. */
static size_t until_escape(struct mw_str s) {
    const char *slash = s.len > 0 ? memchr(s.ptr, '\\', s.len) : NULL;
    return slash ? (size_t)(slash - s.ptr) : s.len;
}

struct mw_str json_unescape(struct mw_str spelled, char *mem, size_t cap) {
    struct mw_buf b = mw_buf_over(mem, cap);
    if (until_escape(spelled) == spelled.len) return spelled;
    while (spelled.len > 0) {
        const size_t plain = until_escape(spelled);
        mw_buf_put(&b, (struct mw_str){spelled.ptr, plain});
        spelled = mw_str_skip(spelled, plain);
        if (spelled.len > 0) spelled = mw_str_skip(spelled, json_put_escaped(&b, spelled));
    }
    return b.overflow ? (struct mw_str){NULL, 0} : mw_buf_str(&b);
}

/* What stands between the quotes; absent when there are none. */
static struct mw_str spelling_of(struct mw_str value) {
    if (value.len < 2 || value.ptr[0] != '"' || value.ptr[value.len - 1] != '"') return (struct mw_str){NULL, 0};
    return (struct mw_str){value.ptr + 1, value.len - 2};
}

struct mw_str json_string(struct mw_str value, char *mem, size_t cap) {
    return json_unescape(spelling_of(value), mem, cap);
}

bool json_string_copy(struct mw_str value, char *out, size_t cap) {
    if (cap == 0) return false;
    const struct mw_str text = json_string(value, out, cap - 1);
    if (!text.ptr || text.len >= cap) return false;
    if (text.ptr != out) memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    return true;
}

/* How many bytes of the mask's continue a character: of valid UTF-8 those alone begin with the bits 10. */
static size_t count_continuations(uint64_t word, uint64_t mask) {
    const uint64_t one_each = word >> 7 & ~(word >> 6) & BYTES8_ONES & mask;
    return one_each * BYTES8_ONES >> 56; /* the sum of the eight bytes */
}

size_t json_string_chars(struct mw_str value) {
    const struct mw_str s = spelling_of(value);
    size_t count = 0;
    for (size_t at = 0; at < s.len;) {
        if (s.ptr[at] == '\\') {
            at += escape_length(mw_str_skip(s, at));
            count++;
        } else if (s.len - at >= 8) {
            const uint64_t word = bytes8_load(s.ptr + at), slashes = bytes8_equal(word, '\\');
            const size_t plain = bytes8_before(slashes);
            count += plain - count_continuations(word, (slashes & -slashes) - 1); /* in front of the first */
            at += plain;
        } else {
            count += ((unsigned char)s.ptr[at++] & 0xc0) != 0x80;
        }
    }
    return count;
}
