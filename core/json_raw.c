/* What is passed on to others is the sender's own spelling. */
#include "json_walk.h"
#include "mw/json.h"

size_t mw_json_first_member(struct mw_str object_text) {
    struct json_walk walk;
    (void)json_walk_object(object_text, &walk); /* else at the end */
    return walk.at;
}

struct mw_str mw_json_raw_member(struct mw_str object_text, struct mw_str name) {
    struct json_walk walk;
    struct mw_str spelled, value;
    (void)json_walk_object(object_text, &walk); /* else there is no member */
    while (json_walk_member(&walk, &spelled, &value))
        if (mw_str_eq(spelled, name)) return value;
    return (struct mw_str){NULL, 0};
}
