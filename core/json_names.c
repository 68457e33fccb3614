#include "json_names.h"

#include "json_string.h"

/* FNV-1a, of 64 bits. */
#define FNV_START UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)
/* Spreads the lower bits over the upper ones, which choose the chain: 2^64 by the golden ratio. */
#define SPREAD UINT64_C(0x9e3779b97f4a7c15)

static uint64_t hash_byte(uint64_t hash, char c) {
    return (hash ^ (unsigned char)c) * FNV_PRIME;
}

static uint64_t hash_name(uint64_t hash, struct mw_str spelled) {
    for (size_t at = 0; at < spelled.len;) {
        if (spelled.ptr[at] != '\\') {
            hash = hash_byte(hash, spelled.ptr[at++]);
            continue;
        }
        char mem[4];
        struct mw_buf meant = mw_buf_over(mem, sizeof mem);
        at += json_put_escaped(&meant, mw_str_skip(spelled, at));
        for (size_t i = 0; i < meant.len; i++)
            hash = hash_byte(hash, mem[i]);
    }
    return hash;
}

void json_names_begin(struct json_names *n) {
    n->count = n->objects = 0;
    memset(n->newest, 0, sizeof n->newest); /* the rest is written before it is read */
}

void json_names_open_object(struct json_names *n, unsigned depth) {
    n->object_at[depth] = ++n->objects;
}

const char *json_names_add(struct json_names *n, unsigned depth, struct mw_str spelled) {
    if (n->count == MW_JSON_MEMBERS_MAX) return "more than 1024 members";
    const uint64_t hash = hash_name(FNV_START ^ (uint64_t)n->object_at[depth] * SPREAD, spelled);
    uint16_t *const newest = &n->newest[hash * SPREAD >> (64 - JSON_NAMES_CHAIN_BITS)];
    unsigned steps = 0;
    for (unsigned place = *newest; place != 0; place = n->older[place - 1], steps++) {
        if (n->hashes[place - 1] == hash) return "two members of one name";
        if (steps == JSON_NAMES_CHAIN_MAX) return "names made to collide";
    }
    n->hashes[n->count] = hash;
    n->older[n->count] = *newest;
    *newest = (uint16_t)++n->count;
    return NULL;
}
