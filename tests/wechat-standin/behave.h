/* How the stand-in misbehaves: set through its door, used up call by call. */
#ifndef STANDIN_BEHAVE_H
#define STANDIN_BEHAVE_H

#include "mw/err.h"
#include "mw/str.h"

enum mode {
    MODE_NORMAL = 0,
    MODE_HTML,    /* 200 and a page in place of JSON, as a gateway in between does */
    MODE_CUT,     /* a complete HTTP answer whose JSON ends halfway */
    MODE_SHORT,   /* the connection ends halfway through the body that was announced */
    MODE_HUGE,    /* valid JSON of HUGE_BODY_LEN bytes */
    MODE_EMPTY,   /* 200 and no body */
    MODE_GARBAGE, /* 200 and random bytes */
    MODE_HANG,    /* no answer for HANG_MS, then the connection is closed */
    MODE_SLOW,    /* one byte of the body each SLOW_STEP_MS */
    MODE_CLOSE,   /* closed before any answer; the exchange has not happened */
    MODE_RESET,   /* the same with a TCP reset */
    MODE_HTTP500,
    MODE_COUNT
};

#define HUGE_BODY_LEN ((size_t)8 << 20)
#define HANG_MS 120000
#define SLOW_STEP_MS 100
#define DELAY_MS_MAX 600000

/* MW_ENOENT: no such mode. */
MW_MUST_CHECK enum mw_err mode_from_text(struct mw_str text, enum mode *out);
/* All names, for an error message. */
const char *mode_names(void);
/* True when the caller gets no answer at all, so that WeChat has not seen the code. */
bool mode_loses_call(enum mode mode);

struct behaviour {
    enum mode mode;
    int64_t delay_ms;
    int errcode; /* 0: as it comes */
};

struct behave {
    struct behaviour now;
    int64_t times; /* calls it still holds for; -1: for ever */
};

/* The behaviour of the next call; uses it up. */
struct behaviour behave_next(struct behave *behave);

#endif
