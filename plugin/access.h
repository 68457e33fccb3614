/* Who may receive and subscribe: from the broker's client and topic to core's decisions. */
#ifndef PLUGIN_ACCESS_H
#define PLUGIN_ACCESS_H

#include "auth.h"

/* One message to one subscriber, as ACL_CHECK asks for it. */
struct delivery_check {
    const struct mosquitto *ptr;
    const char *topic;
    struct mw_str payload;
    int qos;
    bool retain;
};

/* Once per subscriber and message. */
enum verdict access_deliver(struct plugin *pl, const struct delivery_check *d);
/* The same for most deliveries, in a few instructions: a session that is well alive, and a public room. False: ask
 * access_deliver(). */
static inline bool access_deliver_at_once(const struct plugin *pl, const struct mosquitto *ptr, const char *topic,
                                          bool retain) {
    const struct client *c = clients_recent(&pl->clients, ptr);
    return c && pl->tick_s < c->carefree_until_s && !retain && mw_topic_is_public_room(topic);
}
enum verdict access_subscribe(struct plugin *pl, const struct mosquitto *ptr, struct mw_str filter, int qos);
enum verdict access_unsubscribe(struct plugin *pl, const struct mosquitto *ptr, struct mw_str filter);

/* The time that a client's session is to be judged by. */
int64_t access_now_s(const struct client *c);
/* The form of our client ids, and of our user names too, for clients that the table does not know. */
bool access_id_like_ours(struct mw_str id);
bool access_named_like_ours(struct mw_str id, struct mw_str username);
/* A session restored from the broker's disk: it has a name, but neither an entry nor a connection. */
bool access_restored(const struct mosquitto *ptr);

#endif
