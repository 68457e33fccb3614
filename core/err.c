#include "mw/err.h"

static const char *const texts[] = {"ok",      "invalid",   "not found", "exists already", "expired",  "not authentic",
                                    "too big", "no memory", "i/o error", "busy",           "disk full"};
_Static_assert(sizeof texts / sizeof texts[0] == MW_ERR_COUNT, "one text for each mw_err, in enum order");

const char *mw_err_text(enum mw_err err) {
    if ((unsigned)err >= MW_ERR_COUNT) return "unknown error";
    return texts[err];
}
