#include "behave.h"

static const struct {
    const char *name;
    bool loses_call;
} modes[] = {
    [MODE_NORMAL] = {"normal", false},   [MODE_HTML] = {"html", false},  [MODE_CUT] = {"cut", false},
    [MODE_SHORT] = {"short", false},     [MODE_HUGE] = {"huge", false},  [MODE_EMPTY] = {"empty", false},
    [MODE_GARBAGE] = {"garbage", false}, [MODE_HANG] = {"hang", false},  [MODE_SLOW] = {"slow", false},
    [MODE_CLOSE] = {"close", true},      [MODE_RESET] = {"reset", true}, [MODE_HTTP500] = {"http500", false},
};
_Static_assert(sizeof modes / sizeof modes[0] == MODE_COUNT, "one row for each mode");

enum mw_err mode_from_text(struct mw_str text, enum mode *out) {
    for (size_t i = 0; i < MODE_COUNT; i++)
        if (mw_str_eq(text, mw_cstr(modes[i].name))) {
            *out = (enum mode)i;
            return MW_OK;
        }
    return MW_ENOENT;
}

const char *mode_names(void) {
    return "normal, html, cut, short, huge, empty, garbage, hang, slow, close, reset, http500";
}

bool mode_loses_call(enum mode mode) {
    return modes[mode].loses_call;
}

struct behaviour behave_next(struct behave *behave) {
    static const struct behaviour normal = {MODE_NORMAL, 0, 0};
    if (behave->times == 0) return normal;
    if (behave->times > 0) behave->times--;
    return behave->now;
}
