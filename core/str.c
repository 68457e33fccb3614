#include "mw/str.h"

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
    mw_buf_put(b, (struct mw_str){&c, 1});
}

void mw_buf_puti(struct mw_buf *b, int64_t v) {
    char digits[20]; /* "-9223372036854775808" */
    size_t at = sizeof digits;
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
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

void mw_buf_put_json(struct mw_buf *b, struct mw_str s) {
    const size_t start = b->len;
    size_t plain = 0; /* where the stretch begins that needs no escape */
    mw_buf_putc(b, '"');
    for (size_t i = 0; i < s.len; i++) {
        const unsigned char c = (unsigned char)s.ptr[i];
        if (!needs_escape(c)) continue;
        mw_buf_put(b, (struct mw_str){s.ptr + plain, i - plain});
        put_escape(b, c);
        plain = i + 1;
    }
    mw_buf_put(b, mw_str_skip(s, plain));
    mw_buf_putc(b, '"');
    if (b->overflow) b->len = start; /* no half strings */
}

const char *mw_buf_cstr(struct mw_buf *b) {
    if (b->overflow || b->len >= b->cap) return NULL;
    b->ptr[b->len] = '\0';
    return b->ptr;
}
