/* The recent messages of rooms, in memory. Pure: no clients, no broker, no store, no clock. Bounded: over the limit the
 * rooms that were used longest ago lose their messages first, whole rooms at a time save for the last one. */
#ifndef PLUGIN_HISTORY_H
#define PLUGIN_HISTORY_H

#include "mw/err.h"
#include "mw/identity.h"
#include "mw/topic.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define HISTORY_PER_ROOM 1000 /* messages at most */

struct past_room; /* opaque */

/* A message as it went out. */
struct past {
    int64_t id;
    int64_t time_ms;
    char uid[MW_UID_LEN + 1]; /* who said it; "" when unknown */
    struct mw_str m2;         /* borrowed from the history until its next change */
};

struct history {
    struct past_room *rooms;
    struct past_room *recent; /* a list, most recently used first */
    size_t bytes, limit;      /* what all of it takes, all overhead counted */
    size_t count;             /* of messages */
};

/* Copies it in. Ids rise within a room; one that does not is refused (MW_EEXIST), so that nothing is in it twice.
 * MW_EINVAL: no name of a room, no id. MW_ETOOBIG: it alone would take half of the limit. MW_ENOMEM: it is not kept.
 * The oldest message of a full room goes. */
MW_MUST_CHECK enum mw_err history_add(struct history *h, struct mw_str room, const struct past *message);
/* Calls `each` for messages of the room, oldest first, and returns how many: the last `max`; those behind `after` (at
 * most max, the oldest of them first); the last max before `before`. Counts as use of the room. `each` changes nothing
 * in the history. */
typedef void history_each_fn(void *ctx, const struct past *message);
size_t history_last(struct history *h, struct mw_str room, size_t max, history_each_fn *each, void *ctx);
size_t history_after(struct history *h, struct mw_str room, int64_t after, size_t max, history_each_fn *each,
                     void *ctx);
size_t history_before(struct history *h, struct mw_str room, int64_t before, size_t max, history_each_fn *each,
                      void *ctx);
/* False: not there (any more). */
bool history_find(const struct history *h, struct mw_str room, int64_t id, struct past *out);
bool history_remove(struct history *h, struct mw_str room, int64_t id);
/* Of all rooms that have a message; 0 when there is none. Looks at each room: for the start. */
int64_t history_newest_id(const struct history *h);
void history_free(struct history *h);

#endif
