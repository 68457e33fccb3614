/* One loaded plugin. All of it belongs to the broker's one thread, but for what is atomic. */
#ifndef PLUGIN_PLUGIN_H
#define PLUGIN_PLUGIN_H

#include "archive.h"
#include "clients.h"
#include "follow.h"
#include "history.h"
#include "ledger.h"
#include "options.h"
#include "worker.h"

#include "mw/m1.h"
#include "mw/msgid.h"
#include "mw/skey.h"

#include <stdatomic.h>

/* What ACL_CHECK found out about a publish, for the MESSAGE event that follows it at once. */
struct admitted {
    const struct mosquitto *ptr;
    const void *payload;
    size_t len;
    size_t first_member;
    bool finished;     /* a service's own m2: passed on as it is */
    bool chat;         /* goes to a room or a person */
    bool kept;         /* goes into the room's history */
    bool request;      /* for the plugin alone: nobody gets it */
    int64_t recall_of; /* the message that is taken back; 0: none */
};

struct plugin {
    struct options options;
    struct mw_log log;
    struct mw_keyset keys;
    struct mw_m1_rules rules;
    struct clients clients;
    struct ledger ledger;
    struct worker worker;
    struct follow *follow;   /* NULL: no store */
    struct archive *archive; /* NULL: no history_store */
    struct mw_msgid ids;
    struct admitted admitted;
    const void *stamped;          /* the payload that MESSAGE made of it, should it be called twice */
    const struct client *kicking; /* set around host_kick(), which re-enters the callbacks */
    struct rooms rooms;
    struct history history;
    uint64_t turn; /* of the broker, counted by its ticks: what is queued in one is delivered before the next is over */
    int64_t tick_s;           /* Unix time at the last tick; INT64_MAX while every delivery has to be looked at */
    atomic_uint turns_wanted; /* of the broker, soon: somebody is being dropped. The worker only looks */
    bool swallowing;          /* a request is on its way to nobody */
    uint64_t serial;          /* of the message that deliveries are asked for: counts every other event */
    bool ticking;             /* TICK was called at least once */
    bool asking_again;        /* between RELOAD and the next TICK: the broker asks again for every client */
};

#endif
