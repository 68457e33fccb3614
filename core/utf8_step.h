/* One step through UTF-8, for the readers in this folder. */
#ifndef MW_CORE_UTF8_STEP_H
#define MW_CORE_UTF8_STEP_H

#include <stddef.h>
#include <stdint.h>

/* The length of the character at `at`, 1..4, and its code point in *cp; 0 when there is none (also at the end). The
 * bounds of the second byte rule out overlong forms, surrogates and what is past U+10FFFF (RFC 3629 section 4). */
static inline size_t utf8_step(const unsigned char *at, const unsigned char *end, uint32_t *cp) {
    const size_t left = (size_t)(end - at);
    if (left == 0) return 0;
    const unsigned char lead = at[0];
    if (lead < 0x80) {
        *cp = lead;
        return 1;
    }
    if (lead < 0xc2 || lead > 0xf4) return 0;
    const size_t len = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (left < len) return 0;
    const unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (at[1] < low || at[1] > high) return 0;
    uint32_t c = ((uint32_t)lead & (0x7fU >> len)) << 6 | (at[1] & 0x3fU);
    for (size_t i = 2; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80) return 0;
        c = c << 6 | (at[i] & 0x3fU);
    }
    *cp = c;
    return len;
}

/* U+0000..001F and U+007F..009F. */
static inline int utf8_is_control(uint32_t cp) {
    return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f);
}

#endif
