/* From what a client said to what everybody gets. */
#ifndef PLUGIN_STAMP_H
#define PLUGIN_STAMP_H

#include "access.h"

/* The stamped message, in memory that the broker may free, or NULL: no memory. `found` comes from access_judge(). */
char *stamp_make(struct plugin *pl, const struct client *c, const struct publish *p, const struct admitted *found,
                 size_t *len);
/* Publishes it in the broker's name, to all subscribers. */
void stamp_publish(struct plugin *pl, const struct client *c, const struct publish *p, const struct admitted *found);
/* MESSAGE: replaces the event's payload by the stamped one and clears a user's retain flag. DENY: nobody may get it. */
enum verdict stamp_message(struct plugin *pl, struct mosquitto_evt_message *ev);

#endif
