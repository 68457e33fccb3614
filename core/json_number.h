/* Numbers by their digits: nothing is rounded, and no locale has a say. The text is a value of one that passed
 * mw_json_check(); the bounds are held for any text. */
#ifndef MW_CORE_JSON_NUMBER_H
#define MW_CORE_JSON_NUMBER_H

#include "mw/str.h"

#define JSON_NUMBER_MAX 63 /* characters: what cJSON 1.7 reads of a number, and nobody needs more digits */

/* True when the value is a whole number within [min, max] and of at most 18 digits. How it is spelled does not matter:
 * 1e3 and 1000.0 are 1000. */
bool json_number_whole(struct mw_str value, int64_t min, int64_t max, int64_t *out);
/* True when the value is a number above 0, not so near to it that readers take it for 0, and at most `max`. */
bool json_number_positive(struct mw_str value, int64_t max);

#endif
