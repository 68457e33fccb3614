/* Who is in which room. Pure: no clients, no broker, no clock. A person is in a room while one of the person's
 * connections has subscribed to it, and for a grace after the last such connection was lost. Numbers count people, not
 * connections.
 *
 * Memory: a room and a person in it cost some 200 bytes each; look-ups are by hash and do not grow with their number.
 * Looking through a connection's own list does: the owner bounds it. */
#ifndef PLUGIN_ROOMS_H
#define PLUGIN_ROOMS_H

#include "mw/err.h"
#include "mw/expiry.h"
#include "mw/identity.h"
#include "mw/topic.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct room;   /* exists while somebody is in it, its number has still to be told, or was told within the second */
struct person; /* in one room; opaque */

/* A connection's stay in a room, by one or both of the filters room/<room> and room/<room>/#. Kept in a list that
 * belongs to the connection. */
enum stay_by { STAY_BY_NAME = 1, STAY_BY_WILDCARD = 2 };
struct stay {
    struct room *room;
    struct person *person;
    unsigned by;                      /* of stay_by */
    int qos;                          /* of the last subscription. The owner's, as are the next two */
    int64_t greeted_from, greeted_to; /* ids of the history sent at entering; 0: none. The owner's */
    struct stay *prev, *next;
};

struct rooms {
    struct room *all;
    struct person *people;
    struct mw_expiry_heap leaving; /* all persons, by the end of their grace */
    struct mw_expiry_heap telling; /* all rooms, by when to look whether their number is to be told */
    int64_t grace_ms;              /* the owner's to set */
};

/* Why a connection's stay ends. */
enum leave { LEAVE_NOW = 0, LEAVE_WITH_GRACE };

/* Borrowed while the room exists. */
struct mw_str rooms_name(const struct room *room);
/* The stay of this list in this room; NULL: none. */
struct stay *rooms_stay(struct stay *list, struct mw_str room);
size_t rooms_stay_count(const struct stay *list);
/* Adds a way of being in the room to the connection's list. *out is the stay, *entered whether it is a new one.
 * MW_EINVAL: not a room's name by its length, or not a uid's. MW_ENOMEM: nothing changed. */
MW_MUST_CHECK enum mw_err rooms_enter(struct rooms *r, struct stay **list, struct mw_str room, struct mw_str uid,
                                      enum stay_by by, int64_t mono_ms, struct stay **out, bool *entered);
/* Takes one way away; with the last one the stay ends, at once. No-op when there is none. */
void rooms_leave(struct rooms *r, struct stay **list, struct mw_str room, enum stay_by by, int64_t mono_ms);
/* Ends one stay, or all of a connection's. */
void rooms_end_stay(struct rooms *r, struct stay **list, struct stay *stay, enum leave how, int64_t mono_ms);
void rooms_end_all(struct rooms *r, struct stay **list, enum leave how, int64_t mono_ms);
/* Ends the grace of a person who has no stay there any more, if one runs. */
void rooms_end_grace(struct rooms *r, struct mw_str room, struct mw_str uid, int64_t mono_ms);
/* People in the room, those in their grace included; 0 for a room that is not there. */
uint32_t rooms_people(const struct rooms *r, struct mw_str room);
/* The number of a room is asked for that was not told since the start (a retained one of a former run): it is told
 * soon, whatever it is. False: it was told, what is retained is right or about to be replaced; or there is no memory to
 * have it told. A room that was forgotten is told again. */
bool rooms_distrust(struct rooms *r, struct mw_str room, int64_t mono_ms);

/* Lets graces that are over end, and tells the number of rooms where it changed: at most once a second and room, the
 * first change at once. A room that is empty and told is forgotten a second later. Looks at no more than max rooms and
 * so many times that persons a call, the rest at the next: a grace that ends costs that much less than a number told.
 * With nothing due: two compares. */
#define ROOMS_GRACES_PER_TELLING 16
struct rooms_sink {
    void (*tell)(void *ctx, struct mw_str room, uint32_t people);
    void *ctx;
};
void rooms_tick(struct rooms *r, const struct rooms_sink *sink, unsigned max, int64_t mono_ms);
/* After every connection's list has been ended. */
void rooms_free(struct rooms *r);

#endif
