/* Clients come into rooms and leave them: what their subscriptions, connections and sessions mean for plugin/rooms.h.
 */
#ifndef PLUGIN_PRESENCE_H
#define PLUGIN_PRESENCE_H

#include "plugin.h"

/* A granted subscription to a room's chat. MW_REASON_NONE: it is in, *entered says whether it was not before, *out is
 * the stay (NULL for a service, which is not counted among people). */
enum mw_reason presence_enter(struct plugin *pl, struct client *c, const struct mw_topic *filter, struct stay **out,
                              bool *entered);
void presence_unsubscribe(struct plugin *pl, struct client *c, const struct mw_topic *filter);
/* The connection is gone. said_goodbye: by its own DISCONNECT; else the people in the room do not notice until the
 * grace is over. */
void presence_gone(struct plugin *pl, struct client *c, bool said_goodbye);
/* The session is over: out of all rooms at once. */
void presence_end(struct plugin *pl, struct client *c);
/* Out of one room at once, and deliveries from there stop although the broker goes on with the subscription. */
void presence_expel(struct plugin *pl, struct client *c, struct mw_str room);
/* A new connection under a client id; `former` held it, or NULL. It resumes what the broker has kept for the id, or
 * not. */
void presence_take_over(struct plugin *pl, struct client *former, struct client *c, bool resumes);
/* Its end was none after all: back in the rooms that it was in. */
void presence_restore(struct plugin *pl, struct client *c);
/* A resumed session of which we did not know that it is in the room. */
void presence_learn(struct plugin *pl, struct client *c, const struct mw_topic *topic);
/* TICK: tells the numbers that changed. */
void presence_tick(struct plugin *pl);

#endif
