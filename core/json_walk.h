/* Walks through JSON that passed mw_json_check() where it stands, without a tree and without memory. The bounds are
 * held for any text; the answers mean something for checked text only. */
#ifndef MW_CORE_JSON_WALK_H
#define MW_CORE_JSON_WALK_H

#include "mw/str.h"

/* A place between the members of an object or the elements of an array. */
struct json_walk {
    struct mw_str text;
    size_t at;
};

/* Behind the opening bracket. False, and at the text's end, when the text is not an object, or not an array. */
bool json_walk_object(struct mw_str text, struct json_walk *w);
bool json_walk_array(struct mw_str text, struct json_walk *w);
/* The next member: its name as it is spelled, without the quotes, and its value's text. False: there is no more. */
bool json_walk_member(struct json_walk *w, struct mw_str *name, struct mw_str *value);
/* The next element's text. */
bool json_walk_element(struct json_walk *w, struct mw_str *value);

#define JSON_WALK_NAME_MAX 16
/* The value's text of the member of that name, of at most JSON_WALK_NAME_MAX bytes, in whatever spelling. Absent when
 * there is none. */
struct mw_str json_walk_find(struct mw_str object, struct mw_str name);

#endif
