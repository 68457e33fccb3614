/* JSON from outside. cJSON builds the tree, but is lenient where we pass the text on to other parsers (leading zeros,
 * control characters, cut strings at \u0000, duplicate keys, any byte <= 32 as a blank), so a strict reading of RFC
 * 8259 comes first. */
#ifndef MW_JSON_H
#define MW_JSON_H

#include "mw/err.h"
#include "mw/str.h"

struct cJSON;

#define MW_JSON_DEPTH_MAX 16     /* nested arrays and objects, the outermost counts as 1 */
#define MW_JSON_MEMBERS_MAX 1024 /* of all objects together, where repeated names are looked for */

/* MW_OK: one RFC 8259 value with optional blanks around, valid UTF-8, no NUL, no \u0000, no half surrogate pair,
 * nesting within MW_JSON_DEPTH_MAX, no number of more than 63 characters (cJSON reads no longer ones). *why (may be
 * NULL) gets a static text on failure. Needs no memory. */
MW_MUST_CHECK enum mw_err mw_json_check(struct mw_str text, const char **why);

/* The above, and: the value is an object, and no object in it has two members of one name (names compared after
 * unescaping), in all at most MW_JSON_MEMBERS_MAX members. Needs no memory. */
MW_MUST_CHECK enum mw_err mw_json_check_object(struct mw_str text, const char **why);
/* The above, then the tree. On MW_OK the caller owns *out (cJSON_Delete). MW_EINVAL or MW_ENOMEM else. */
MW_MUST_CHECK enum mw_err mw_json_parse_object(struct mw_str text, struct cJSON **out, const char **why);

/* Case-sensitive look-ups on an object. Absent view / NULL when the member is missing or of another type.
 * The string is borrowed from the tree. */
struct mw_str mw_json_string(const struct cJSON *object, const char *name);
/* True when the member is a number that is a whole one within [min, max] and below 2^53, where doubles are exact. How
 * it is spelled does not matter: 1e3 and 1000.0 are 1000. */
bool mw_json_int(const struct cJSON *object, const char *name, int64_t min, int64_t max, int64_t *out);

/* Offset of the first byte behind the opening brace and its blanks, in a text that passed the check and is an object:
 * the first member's quote, or the closing brace. The text's length for any other text. */
size_t mw_json_first_member(struct mw_str object_text);

#endif
