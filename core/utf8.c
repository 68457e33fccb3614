#include "mw/utf8.h"

#include "utf8_step.h"

bool mw_utf8_check(struct mw_str s, size_t *chars, bool *controls) {
    if (!s.ptr) return false;
    const unsigned char *at = (const unsigned char *)s.ptr, *const end = at + s.len;
    size_t count = 0;
    bool control = false;
    while (at < end) {
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
