/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing over U+10FFFF. */
#ifndef MW_UTF8_H
#define MW_UTF8_H

#include "mw/str.h"

/* Whole string valid. *chars (may be NULL) gets the number of code points, *controls (may be NULL) whether one of them
 * is a control character (U+0000..001F, U+007F..009F). Absent is invalid. */
bool mw_utf8_check(struct mw_str s, size_t *chars, bool *controls);

#endif
