/* What the text of a JSON string stands for. The text is part of one that passed mw_json_check(); the bounds are held
 * for any text. */
#ifndef MW_CORE_JSON_STRING_H
#define MW_CORE_JSON_STRING_H

#include "mw/str.h"

/* Of what stands between the quotes: the spelling itself when it has no escapes, else put down in mem. Absent when that
 * needs more than cap bytes. */
struct mw_str json_unescape(struct mw_str spelled, char *mem, size_t cap);
/* The same of a value; absent also when it is no string. */
struct mw_str json_string(struct mw_str value, char *mem, size_t cap);
/* The same as a copy, NUL-terminated. False, out undefined: no string, or it needs more than cap bytes. */
bool json_string_copy(struct mw_str value, char *out, size_t cap);
/* How many characters (code points) a value has. 0 also for what is no string. */
size_t json_string_chars(struct mw_str value);

/* Appends what the escape at the beginning of `rest` stands for, at most 4 bytes, and returns how many the escape
 * takes. */
size_t json_put_escaped(struct mw_buf *b, struct mw_str rest);

#endif
