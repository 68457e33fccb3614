#include "mw/str.h"

#include "bytes8.h"

bool mw_str_copy(char *dst, size_t cap, struct mw_str s) {
    if (!s.ptr || s.len >= cap) return false;
    if (s.len > 0 && memchr(s.ptr, '\0', s.len)) return false;
    memcpy(dst, s.ptr, s.len);
    dst[s.len] = '\0';
    return true;
}

/* Once something was left out, nothing more is taken: what stands in the buffer is always a clean beginning. */
void mw_buf_put(struct mw_buf *b, struct mw_str s) {
    if (b->overflow || s.len > b->cap - b->len) {
        b->overflow = true;
        return;
    }
    if (s.len > 0) memcpy(b->ptr + b->len, s.ptr, s.len);
    b->len += s.len;
}

void mw_buf_putc(struct mw_buf *b, char c) {
    if (b->overflow || b->len == b->cap) {
        b->overflow = true;
        return;
    }
    b->ptr[b->len++] = c;
}

/* Two digits for each division. */
void mw_buf_puti(struct mw_buf *b, int64_t v) {
    static const char pairs[] = "0001020304050607080910111213141516171819"
                                "2021222324252627282930313233343536373839"
                                "4041424344454647484950515253545556575859"
                                "6061626364656667686970717273747576777879"
                                "8081828384858687888990919293949596979899";
    char digits[sizeof "-9223372036854775808"];
    size_t at = sizeof digits;
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    for (; rest >= 10; rest /= 100) {
        at -= 2;
        memcpy(digits + at, pairs + 2 * (rest % 100), 2);
    }
    if (rest > 0 || at == sizeof digits) digits[--at] = (char)('0' + rest);
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
        const uint64_t hits =
            bytes8_below(word, 0x20) | bytes8_equal(word, '"') | bytes8_equal(word, '\\') | bytes8_equal(word, 0x7f);
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
