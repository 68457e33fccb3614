/* Recent messages for one client: the greeting of who enters a room, and answers to its requests. They are published to
 * the client id alone, on the room's own topic, each with "history":true.
 *
 * Such messages are queued by the broker and delivered at the top of its next turn, while what others say meanwhile
 * would be delivered at once. So that everything arrives in order, a client that is being greeted gets new messages by
 * the same queue until that turn has come. */
#ifndef PLUGIN_GREET_H
#define PLUGIN_GREET_H

#include "plugin.h"

/* The client has entered. */
void greet_enter(struct plugin *pl, struct client *c, struct stay *stay);
/* No-op unless the turn of its greeting is over: then it is a client like any other again. */
void greet_over(const struct plugin *pl, struct client *c);
/* A delivery to a client that is being greeted. True: it was queued behind the greeting, so the direct one has to be
 * denied. */
bool greet_divert(const struct plugin *pl, struct client *c, const struct mw_topic *room, const char *topic,
                  struct mw_str payload, int qos);
/* A request on room/<room>/history: {"after":"<id>"} or {"before":"<id>","limit":n}. NULL: answered; else what is wrong
 * with it. */
const char *greet_answer(struct plugin *pl, struct client *c, struct mw_str room, struct mw_str request);

#endif
