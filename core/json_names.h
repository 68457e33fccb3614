/* Tells, while a JSON text is read, whether one of its objects has two members of one name: without memory, and in a
 * time that nobody can stretch by the choice of names.
 *
 * Of a name a hash is kept, of the number of its object and of what the spelling stands for. Names of one hash count as
 * one name: so no repeated name gets through, and a text with 1024 members is refused by accident once in 10^13. */
#ifndef MW_CORE_JSON_NAMES_H
#define MW_CORE_JSON_NAMES_H

#include "mw/json.h"

#define JSON_NAMES_CHAIN_BITS 8 /* of a hash choose the chain: four names in each when the text is full */
#define JSON_NAMES_CHAIN_MAX 32 /* more of one chain are no accident: less than once in 10^15 full texts */

struct json_names {
    unsigned count, objects;
    unsigned object_at[MW_JSON_DEPTH_MAX + 1];   /* number of the object that is open at a depth */
    uint16_t newest[1 << JSON_NAMES_CHAIN_BITS]; /* of each chain: its place below, counted from 1; 0: none */
    uint16_t older[MW_JSON_MEMBERS_MAX];
    uint64_t hashes[MW_JSON_MEMBERS_MAX];
};
_Static_assert(MW_JSON_MEMBERS_MAX <= UINT16_MAX, "a place fits");

void json_names_begin(struct json_names *n);
void json_names_open_object(struct json_names *n, unsigned depth);
/* The next name in the object at that depth, as it is spelled, without the quotes. NULL, or what is wrong with it. */
const char *json_names_add(struct json_names *n, unsigned depth, struct mw_str spelled);

#endif
