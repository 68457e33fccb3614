#include "mw/base64.h"

/* Which alphabets a byte belongs to stands in the upper two bits, its value in the lower six. Not listed: in none. */
enum { STANDARD = 0x40, URL = 0x80, BOTH = STANDARD | URL, VALUE = 0x3f };

static const uint8_t letters[256] = {
    ['A'] = BOTH | 0,  ['B'] = BOTH | 1,  ['C'] = BOTH | 2,      ['D'] = BOTH | 3,      ['E'] = BOTH | 4,
    ['F'] = BOTH | 5,  ['G'] = BOTH | 6,  ['H'] = BOTH | 7,      ['I'] = BOTH | 8,      ['J'] = BOTH | 9,
    ['K'] = BOTH | 10, ['L'] = BOTH | 11, ['M'] = BOTH | 12,     ['N'] = BOTH | 13,     ['O'] = BOTH | 14,
    ['P'] = BOTH | 15, ['Q'] = BOTH | 16, ['R'] = BOTH | 17,     ['S'] = BOTH | 18,     ['T'] = BOTH | 19,
    ['U'] = BOTH | 20, ['V'] = BOTH | 21, ['W'] = BOTH | 22,     ['X'] = BOTH | 23,     ['Y'] = BOTH | 24,
    ['Z'] = BOTH | 25, ['a'] = BOTH | 26, ['b'] = BOTH | 27,     ['c'] = BOTH | 28,     ['d'] = BOTH | 29,
    ['e'] = BOTH | 30, ['f'] = BOTH | 31, ['g'] = BOTH | 32,     ['h'] = BOTH | 33,     ['i'] = BOTH | 34,
    ['j'] = BOTH | 35, ['k'] = BOTH | 36, ['l'] = BOTH | 37,     ['m'] = BOTH | 38,     ['n'] = BOTH | 39,
    ['o'] = BOTH | 40, ['p'] = BOTH | 41, ['q'] = BOTH | 42,     ['r'] = BOTH | 43,     ['s'] = BOTH | 44,
    ['t'] = BOTH | 45, ['u'] = BOTH | 46, ['v'] = BOTH | 47,     ['w'] = BOTH | 48,     ['x'] = BOTH | 49,
    ['y'] = BOTH | 50, ['z'] = BOTH | 51, ['0'] = BOTH | 52,     ['1'] = BOTH | 53,     ['2'] = BOTH | 54,
    ['3'] = BOTH | 55, ['4'] = BOTH | 56, ['5'] = BOTH | 57,     ['6'] = BOTH | 58,     ['7'] = BOTH | 59,
    ['8'] = BOTH | 60, ['9'] = BOTH | 61, ['+'] = STANDARD | 62, ['/'] = STANDARD | 63, ['-'] = URL | 62,
    ['_'] = URL | 63};

static const char standard_text[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_text[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void encode_group(const char *alphabet, uint32_t bits, char out[static 4]) {
    for (unsigned i = 0; i < 4; i++)
        out[i] = alphabet[bits >> (18 - 6 * i) & VALUE];
}

static void encode(struct mw_buf *b, struct mw_str raw, const char *alphabet, bool padded) {
    const uint8_t *in = (const uint8_t *)raw.ptr;
    const size_t groups = raw.len / 3, tail = raw.len % 3;
    const size_t tail_len = tail == 0 ? 0 : padded ? 4 : tail + 1; /* a letter more than bytes */
    if (b->overflow || groups > SIZE_MAX / 4 - 1 || groups * 4 + tail_len > b->cap - b->len) {
        b->overflow = true;
        return;
    }
    char *out = b->ptr + b->len;
    for (size_t i = 0; i < groups; i++, in += 3, out += 4)
        encode_group(alphabet, (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2], out);
    if (tail > 0) {
        char last[4];
        encode_group(alphabet, (uint32_t)in[0] << 16 | (tail == 2 ? (uint32_t)in[1] << 8 : 0), last);
        memset(last + tail + 1, '=', sizeof last - tail - 1);
        memcpy(out, last, tail_len);
    }
    b->len += groups * 4 + tail_len;
}

void mw_base64_put(struct mw_buf *b, struct mw_str raw) {
    encode(b, raw, standard_text, true);
}

void mw_base64url_put(struct mw_buf *b, struct mw_str raw) {
    encode(b, raw, url_text, false);
}

/* Unpadded text. A last group of two or three letters carries four or two bits too many: they must be zero, or there
 * would be several spellings of the same bytes. */
static enum mw_err decode(struct mw_str text, uint8_t alphabet, uint8_t *out, size_t cap, size_t *len) {
    const unsigned char *in = (const unsigned char *)text.ptr;
    const size_t tail = text.len % 4, groups = text.len / 4;
    if (!in || tail == 1) return MW_EINVAL;
    const size_t bytes = groups * 3 + (tail ? tail - 1 : 0);
    if (bytes > cap) return MW_ETOOBIG;

    uint32_t all = alphabet;
    for (size_t i = 0; i < groups; i++, in += 4, out += 3) {
        const uint32_t a = letters[in[0]], b = letters[in[1]], c = letters[in[2]], d = letters[in[3]];
        const uint32_t bits = a << 18 | (b & VALUE) << 12 | (c & VALUE) << 6 | (d & VALUE);
        all &= a & b & c & d;
        out[0] = (uint8_t)(bits >> 16);
        out[1] = (uint8_t)(bits >> 8);
        out[2] = (uint8_t)bits;
    }
    if (!all) return MW_EINVAL;
    if (tail > 0) {
        const uint8_t a = letters[in[0]], b = letters[in[1]], c = tail == 3 ? letters[in[2]] : BOTH;
        if (!(a & b & c & alphabet)) return MW_EINVAL;
        if (tail == 2 ? b & 0x0f : c & 0x03) return MW_EINVAL;
        out[0] = (uint8_t)(a << 2 | (b & VALUE) >> 4);
        if (tail == 3) out[1] = (uint8_t)(b << 4 | (c & VALUE) >> 2);
    }
    *len = bytes;
    return MW_OK;
}

enum mw_err mw_base64_decode(struct mw_str text, uint8_t *out, size_t cap, size_t *len) {
    if (text.len % 4 != 0) return MW_EINVAL;
    for (size_t pads = 0; pads < 2 && text.len > 0 && text.ptr[text.len - 1] == '='; pads++)
        text.len--;
    return decode(text, STANDARD, out, cap, len);
}

enum mw_err mw_base64url_decode(struct mw_str text, uint8_t *out, size_t cap, size_t *len) {
    return decode(text, URL, out, cap, len);
}
