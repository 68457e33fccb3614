/* Who may publish, subscribe and receive: from the broker's client and topic to core's decisions, wills and absent
 * clients included. */
#ifndef PLUGIN_ACCESS_H
#define PLUGIN_ACCESS_H

#include "auth.h"

struct publish {
    const struct mosquitto *ptr;
    struct mw_str topic, payload;
    int qos;
};

/* Once per subscriber and message. */
enum verdict access_deliver(struct plugin *pl, const struct mosquitto *ptr, const char *topic);
/* The same for most deliveries, in a few instructions: a session that is well alive, and a public room. False: ask
 * access_deliver(). */
static inline bool access_deliver_at_once(const struct plugin *pl, const struct mosquitto *ptr, const char *topic) {
    const struct client *c = clients_recent(&pl->clients, ptr);
    return c && pl->tick_s < c->carefree_until_s && mw_topic_is_public_room(topic);
}
/* A publish or a will. On ALLOW for a session's client pl->admitted says how MESSAGE is to stamp it. A will is stamped
 * and published here, and the raw one always denied. */
enum verdict access_publish(struct plugin *pl, const struct publish *p);
enum verdict access_subscribe(struct plugin *pl, const struct mosquitto *ptr, struct mw_str filter);
enum verdict access_unsubscribe(struct plugin *pl, const struct mosquitto *ptr);

/* What access_publish() decides of a publish by a client of ours, without its side effects. On MW_REASON_NONE *out is
 * filled; m1->ref and *why as mw_m1_check() gives them. */
enum mw_reason access_judge(const struct plugin *pl, const struct client *c, const struct publish *p, int64_t now_s,
                            struct admitted *out, struct mw_m1 *m1, const char **why);

#endif
