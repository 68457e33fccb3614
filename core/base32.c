#include "mw/base32.h"

void mw_base32_put(struct mw_buf *b, struct mw_str raw) {
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
    const size_t start = b->len;
    uint32_t held = 0; /* bits not yet written stand in its lowest `count` ones */
    unsigned count = 0;
    for (size_t i = 0; i < raw.len; i++) {
        held = held << 8 | (uint8_t)raw.ptr[i];
        for (count += 8; count >= 5; count -= 5)
            mw_buf_putc(b, alphabet[held >> (count - 5) & 31]);
    }
    if (count > 0) mw_buf_putc(b, alphabet[held << (5 - count) & 31]);
    if (b->overflow) b->len = start;
}

bool mw_is_base32(struct mw_str s, size_t len) {
    if (!s.ptr || s.len != len) return false;
    for (size_t i = 0; i < len; i++) {
        const char c = s.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'))) return false;
    }
    return true;
}
