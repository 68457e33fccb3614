/* The table of our sessions' clients, connected and away. It is looked up by the broker's client pointer at every
 * delivery, and by client id where somebody wants to take one over.
 *
 * A pointer is a name here, never followed. The broker frees and reuses it, so:
 * - every authentication on a pointer forgets what the table knew of it before (clients_forget), whoever connects;
 * - DISCONNECT only marks the entry: the will, and the queue of a persistent session, are asked for afterwards;
 * - whoever acts on an entry with more than a delivery compares the client id first (clients_get). */
#ifndef PLUGIN_CLIENTS_H
#define PLUGIN_CLIENTS_H

#include "host.h"
#include "rooms.h"

#include "mw/acl.h"
#include "mw/bucket.h"
#include "mw/expiry.h"
#include "mw/m2.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define NOTICES_PER_S 10    /* to one client */
#define RECENT_CLIENTS 4096 /* a power of two */
#define LAST_SECONDS 10

/* All entries of one session, or of one person. */
struct client_group {
    char name[MW_SID_LEN + 1]; /* sid or uid */
    struct client *members;
    struct mw_expiry idle;              /* nobody is in it: when its buckets are full again, and it may go */
    struct mw_bucket messages, entries; /* of a session: what all its connections may say, and rooms they may enter */
    UT_hash_handle hh;
};

struct kept_room {
    char name[MW_ROOM_MAX + 1];
    unsigned by;
};

struct client {
    const struct mosquitto *ptr;
    char *id; /* client id */
    char uid[MW_UID_LEN + 1], sid[MW_SID_LEN + 1];
    struct mw_subject subject; /* views point into this entry */
    int64_t carefree_until_s;  /* connected, alive, and LAST_SECONDS from its end: until then a clock read at the last
                                  tick will do. Else 0 */
    char (*rooms)[MW_ROOM_MAX + 1];
    char *from; /* ready-made fragment, see mw/m2.h */
    size_t from_len;
    bool connected;     /* no DISCONNECT or OFFLINE seen */
    bool superseded;    /* another connection holds the client id now */
    bool extended;      /* came by EXT_AUTH */
    bool will_heard;    /* one will for each connection */
    bool strict;        /* lost a right to a room while it had subscribed: a delivery needs a stay */
    bool learning;      /* resumed a session that the broker knew and we did not: its rooms show by their deliveries */
    bool greeting;      /* history is on its way to it in this turn of the broker, see greet.h */
    bool told;          /* of the end of its session; kicked at the next tick */
    struct stay *stays; /* the rooms it is in */
    struct kept_room *kept; /* away: the rooms it was in, for when its session is resumed */
    size_t kept_count;
    uint64_t greeting_turn;
    size_t greeted;    /* messages in that turn */
    uint64_t diverted; /* number of the last message that took another way */
    struct mw_bucket notices;
    struct mw_expiry due; /* connected: the session's end; away: when to forget it */
    struct client *kick_prev, *kick_next;
    struct client_group *session, *person;
    struct client *session_prev, *session_next;
    struct client *person_prev, *person_next;
    UT_hash_handle by_ptr, by_id;
};

struct clients {
    struct rooms *rooms;                   /* where its stays are */
    uint32_t message_burst, entry_burst;   /* of a new session's buckets */
    struct client *recent[RECENT_CLIENTS]; /* by a few bits of the pointer, in front of the hash table */
    struct client *ptrs;
    struct client *ids;     /* only entries that are not superseded */
    struct client *to_kick; /* told, in order */
    struct client_group *sessions, *persons;
    struct mw_expiry_heap due;
    struct mw_expiry_heap idle; /* of groups, by the monotonic clock */
};

/* What an authenticated client is to be known by. Borrowed; claims come from mw_skey_verify(). */
struct client_is {
    const struct mosquitto *ptr;
    struct mw_str id;
    const struct mw_claims *claims;
    bool extended;
    int64_t mono_ms;
};

/* Pointers differ in their middle bits; one multiplication spreads them, where uthash's own hash would cost more than
 * the whole delivery check. */
static inline unsigned clients_hash(const struct mosquitto *ptr) {
    return (unsigned)(((uint64_t)(uintptr_t)ptr * UINT64_C(0x9E3779B97F4A7C15)) >> 32);
}
/* The entry when it is at hand, else NULL: ask clients_find(). */
static inline struct client *clients_recent(const struct clients *all, const struct mosquitto *ptr) {
    struct client *c = all->recent[clients_hash(ptr) % RECENT_CLIENTS];
    return c && c->ptr == ptr ? c : NULL;
}
/* By pointer alone: for deliveries. NULL: not a client of ours. */
struct client *clients_find(struct clients *all, const struct mosquitto *ptr);
/* After a change of the subject's end or of `connected`. */
void clients_settle(struct client *c);
/* By pointer, and the broker's client id and user name must be the entry's own. */
struct client *clients_get(struct clients *all, const struct mosquitto *ptr);
/* Who holds a client id now; NULL: none of our sessions. */
struct client *clients_holder(const struct clients *all, struct mw_str id);

/* First of the entries of a session, linked by session_next, or of a person, by person_next; NULL: none. */
struct client *clients_of_session(const struct clients *all, struct mw_str sid);
struct client *clients_of_person(const struct clients *all, struct mw_str uid);

size_t clients_count(const struct clients *all, struct mw_str uid);

/* A new entry, connected, that holds its client id from now on; the former holder is superseded. MW_ENOMEM: nothing
 * changed. */
MW_MUST_CHECK enum mw_err clients_add(struct clients *all, const struct client_is *is, struct client **out);
/* New claims for a live entry: end, name, picture, role, rooms, sid. MW_ENOMEM: nothing changed. */
MW_MUST_CHECK enum mw_err clients_renew(struct clients *all, struct client *c, const struct mw_claims *claims);
/* When the entry is looked at next. Moving a node that is in the heap needs no memory. Without memory for one that was
 * popped the client is refused at its next publish and delivery all the same, but not dropped; an entry of one who is
 * away stays until its pointer comes again. */
void clients_schedule(struct clients *all, struct client *c, int64_t at_ms);
/* The session is known to end then: moves its end, and takes back what an end that is not one any more had begun. */
void clients_extend(struct clients *all, struct client *c, int64_t exp_s);
/* Others see it so from now on. MW_ENOMEM: they see it as before. */
MW_MUST_CHECK enum mw_err clients_rename(struct client *c, struct mw_str nick, struct mw_str avatar);
/* TICK: forgets groups that nobody came back to. */
void clients_sweep(struct clients *all, int64_t mono_ms);
/* The connection is gone; the entry stays until it can no longer be asked for. */
void clients_left(struct clients *all, struct client *c, bool ends_with_connection, int64_t unix_ms);
/* Drops the entry of a pointer, if there is one. */
void clients_forget(struct clients *all, const struct mosquitto *ptr);
void clients_drop(struct clients *all, struct client *c);
void clients_free(struct clients *all);

static inline struct client *client_of_due(struct mw_expiry *due) {
    return (struct client *)(void *)((char *)due - offsetof(struct client, due));
}

#endif
