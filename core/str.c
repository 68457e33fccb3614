#include "mw/str.h"

#include "bytes8.h"

bool mw_str_copy(char *dst, size_t cap, struct mw_str s) {
    if (!s.ptr || s.len >= cap) return false;
    if (s.len > 0 && memchr(s.ptr, '\0', s.len)) return false;
    memcpy(dst, s.ptr, s.len);
    dst[s.len] = '\0';
    return true;
}

static void write_pair(char *to, uint64_t pair) {
    static const char pairs[] = "0001020304050607080910111213141516171819"
                                "2021222324252627282930313233343536373839"
                                "4041424344454647484950515253545556575859"
                                "6061626364656667686970717273747576777879"
                                "8081828384858687888990919293949596979899";
    memcpy(to, pairs + 2 * pair, 2);
}

/* Four digits for each long division. */
void mw_buf_puti(struct mw_buf *b, int64_t v) {
    char digits[sizeof "-9223372036854775808"];
    size_t at = sizeof digits;
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    for (; rest >= 10000; rest /= 10000) {
        const uint32_t four = (uint32_t)(rest % 10000);
        at -= 4;
        write_pair(digits + at, four / 100);
        write_pair(digits + at + 2, four % 100);
    }
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (v < 0) digits[--at] = '-';
    mw_buf_put(b, (struct mw_str){digits + at, sizeof digits - at});
}

static bool needs_escape(unsigned char c) {
    return c < 0x20 || c == '"' || c == '\\' || c == 0x7f;
}

static void put_escape(struct mw_buf *b, unsigned char c) {
    static const char hex[] = "0123456789abcdef";
    static const char shorts[128] = {
        ['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    if (shorts[c]) {
        const char two[] = {'\\', shorts[c]};
        mw_buf_put(b, mw_bytes(two, sizeof two));
    } else {
        const char six[] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
        mw_buf_put(b, mw_bytes(six, sizeof six));
    }
}

/* How many bytes at the beginning need no escape. */
static size_t count_plain(struct mw_str s) {
    size_t at = 0;
    while (s.len - at >= 8) {
        const uint64_t word = bytes8_load(s.ptr + at);
        const uint64_t hits = bytes8_special(word) | bytes8_equal(word, 0x7f);
        at += bytes8_before(hits);
        if (hits) return at;
    }
    while (at < s.len && !needs_escape((unsigned char)s.ptr[at]))
        at++;
    return at;
}

void mw_buf_put_json(struct mw_buf *b, struct mw_str s) {
    const size_t start = b->len;
    mw_buf_putc(b, '"');
    for (;;) {
        const size_t plain = count_plain(s);
        mw_buf_put(b, (struct mw_str){s.ptr, plain});
        if (plain == s.len) break;
        put_escape(b, (unsigned char)s.ptr[plain]);
        s = mw_str_skip(s, plain + 1);
    }
    mw_buf_putc(b, '"');
    if (b->overflow) b->len = start; /* no half strings */
}

const char *mw_buf_cstr(struct mw_buf *b) {
    if (b->overflow || b->len >= b->cap) return NULL;
    b->ptr[b->len] = '\0';
    return b->ptr;
}
