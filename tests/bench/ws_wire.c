#include "ws_wire.h"

#define OPCODE_BINARY 2
#define OPCODE_CLOSE 8
#define FIN 0x80

/* The key of RFC 6455's own example, so its answer is known. */
static const char key[] = "dGhlIHNhbXBsZSBub25jZQ==", answer_key[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

void ws_put_upgrade(struct mw_buf *b, struct mw_str path) {
    mw_buf_put(b, MW_STR("GET "));
    mw_buf_put(b, path);
    mw_buf_put(b, MW_STR(" HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Key: "));
    mw_buf_put(b, MW_STR(key));
    mw_buf_put(b, MW_STR("\r\n\r\n"));
}

ssize_t ws_read_upgrade(struct mw_str stream) {
    const char *end = memmem(stream.ptr, stream.len, "\r\n\r\n", 4);
    if (!end) return 0;
    size_t len = (size_t)(end - stream.ptr) + 4;
    bool switched = mw_str_starts(stream, MW_STR("HTTP/1.1 101"));
    return switched && memmem(stream.ptr, len, answer_key, sizeof answer_key - 1) ? (ssize_t)len : -1;
}

void ws_put_frame(struct mw_buf *b, struct mw_str payload, uint32_t mask) {
    uint8_t m[4];
    memcpy(m, &mask, sizeof m);
    mw_buf_putc(b, (char)(uint8_t)(FIN | OPCODE_BINARY));
    if (payload.len < 126) {
        mw_buf_putc(b, (char)(uint8_t)(0x80 | payload.len));
    } else { /* nothing of ours is longer than 64 KiB */
        mw_buf_putc(b, (char)(uint8_t)(0x80 | 126));
        mw_buf_putc(b, (char)(uint8_t)(payload.len >> 8));
        mw_buf_putc(b, (char)(uint8_t)payload.len);
    }
    mw_buf_put(b, mw_bytes(m, sizeof m));
    for (size_t i = 0; i < payload.len; i++)
        mw_buf_putc(b, (char)((uint8_t)payload.ptr[i] ^ m[i % 4]));
}

/* How long the header is, as far as the bytes that are there can tell. */
static size_t header_need(const struct ws_in *in) {
    if (in->header_len < 2) return 2;
    unsigned len = in->header[1] & 127U;
    return len == 127 ? 10 : len == 126 ? 4 : 2;
}

static bool begin_payload(struct ws_in *in) {
    const uint8_t *h = in->header;
    unsigned opcode = h[0] & 15U, len = h[1] & 127U;
    if (h[1] & 0x80) return false; /* servers do not mask */
    in->left = len;
    if (len >= 126) {
        in->left = 0;
        for (size_t i = 2; i < header_need(in); i++)
            in->left = in->left << 8 | h[i];
    }
    in->control = opcode >= OPCODE_CLOSE;
    in->closed = in->closed || opcode == OPCODE_CLOSE;
    in->in_payload = true;
    in->header_len = 0;
    return true;
}

ssize_t ws_unframe(struct ws_in *in, uint8_t *bytes, size_t len) {
    size_t at = 0, out = 0;
    while (at < len || (in->in_payload && in->left == 0)) {
        if (!in->in_payload) {
            in->header[in->header_len++] = bytes[at++];
            if (in->header_len == header_need(in) && !begin_payload(in)) return -1;
            continue;
        }
        size_t n = len - at;
        if (n > in->left) n = (size_t)in->left;
        if (!in->control) {
            memmove(bytes + out, bytes + at, n);
            out += n;
        }
        at += n;
        in->left -= n;
        if (in->left == 0) in->in_payload = false;
    }
    return (ssize_t)out;
}
