#include "mw/utf8.h"

#include "bytes8.h"
#include "utf8_step.h"

static bool read_ascii8(const unsigned char *at, const unsigned char *end, uint64_t *word) {
    if (end - at < 8) return false;
    *word = bytes8_load(at);
    return !bytes8_not_ascii(*word);
}

bool mw_utf8_check(struct mw_str s, size_t *chars, bool *controls) {
    if (!s.ptr) return false;
    const unsigned char *at = (const unsigned char *)s.ptr, *const end = at + s.len;
    size_t count = 0;
    bool control = false;
    while (at < end) {
        uint64_t word = 0;
        if (read_ascii8(at, end, &word)) {
            control |= (bytes8_below(word, 0x20) | bytes8_equal(word, 0x7f)) != 0;
            at += 8;
            count += 8;
            continue;
        }
        uint32_t cp = 0;
        const size_t step = utf8_step(at, end, &cp);
        if (step == 0) return false;
        control |= utf8_is_control(cp);
        at += step;
        count++;
    }
    if (chars) *chars = count;
    if (controls) *controls = control;
    return true;
}
