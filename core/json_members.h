/* The members of a text's outermost object, handed out on the way of the strict check: one pass, no memory. */
#ifndef MW_CORE_JSON_MEMBERS_H
#define MW_CORE_JSON_MEMBERS_H

#include "mw/json.h"

/* Called for each member in turn: with its name as it is spelled, without the quotes, and its value's text. What stands
 * behind it was not looked at yet, so that nothing counts before the check's answer is known. */
struct json_visitor {
    void (*member)(void *ctx, struct mw_str name, struct mw_str value);
    void *ctx;
};

/* mw_json_check_object() with a visitor. */
MW_MUST_CHECK enum mw_err json_check_members(struct mw_str text, const struct json_visitor *visitor, const char **why);

#endif
