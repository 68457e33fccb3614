/* Header values with parameters: `form-data; name="a"; filename=b` (RFC 9110 section 5.6.6). */
#ifndef HEADER_PARAM_H
#define HEADER_PARAM_H

#include "mw/str.h"

/* ASCII letters of either case are the same. */
bool header_same(struct mw_str a, struct mw_str b);
/* Without the blanks and tabs around it. */
struct mw_str header_trim(struct mw_str s);
/* Cuts the first word, up to ';', off *rest, which then begins at the first ';' or is empty. */
struct mw_str header_first(struct mw_str *rest);

struct header_param {
    struct mw_str name, value; /* value: within the quotes, where there are some; escapes as they are written */
};

enum header_next { HEADER_END = 0, HEADER_PARAM, HEADER_BAD };
/* The next parameter of *rest, which begins at a ';' or is empty. */
enum header_next header_next_param(struct mw_str *rest, struct header_param *out);

#endif
