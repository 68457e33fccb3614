#include "payload.h"

static const char head[] = "{\"type\":\"text\",\"content\":\"", tail[] = "\"}";
#define HEAD (sizeof head - 1)
#define TAIL (sizeof tail - 1)
#define STAMP (16 + 1 + 8)
_Static_assert(HEAD + STAMP + TAIL <= PAYLOAD_MIN, "the shortest message holds its stamp");

static void put_hex(struct mw_buf *b, uint64_t v, int digits) {
    while (digits-- > 0)
        mw_buf_putc(b, "0123456789abcdef"[v >> (4 * digits) & 15]);
}

static bool read_hex(struct mw_str s, uint64_t *out) {
    uint64_t v = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c >= '0' && c <= '9')
            v = v << 4 | (uint64_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            v = v << 4 | (uint64_t)(c - 'a' + 10);
        else
            return false;
    }
    *out = v;
    return true;
}

void payload_put(struct mw_buf *b, size_t len, uint64_t sent_ns, uint32_t sender) {
    mw_buf_put(b, MW_STR(head));
    for (size_t i = HEAD + STAMP + TAIL; i < len; i++)
        mw_buf_putc(b, (char)('a' + i % 26));
    put_hex(b, sent_ns, 16);
    mw_buf_putc(b, ' ');
    put_hex(b, sender, 8);
    mw_buf_put(b, MW_STR(tail));
}

bool payload_read(struct mw_str payload, uint64_t *sent_ns, uint32_t *sender) {
    uint64_t ns = 0, number = 0;
    if (payload.len < STAMP + TAIL) return false;
    const char *stamp = payload.ptr + payload.len - TAIL - STAMP;
    if (memcmp(stamp + STAMP, tail, TAIL) != 0 || stamp[16] != ' ') return false;
    if (!read_hex(mw_bytes(stamp, 16), &ns) || !read_hex(mw_bytes(stamp + 17, 8), &number)) return false;
    *sent_ns = ns;
    *sender = (uint32_t)number;
    return true;
}
