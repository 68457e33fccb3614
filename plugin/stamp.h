/* From what a client said to what everybody gets, and what the room remembers. */
#ifndef PLUGIN_STAMP_H
#define PLUGIN_STAMP_H

#include "publish.h"

/* MESSAGE: replaces the event's payload by the stamped one and clears a user's retain flag. DENY: nobody may get it. */
enum verdict stamp_message(struct plugin *pl, struct mosquitto_evt_message *ev);
/* For wills, which have no MESSAGE: publishes the stamped message in the broker's name. */
void stamp_publish(struct plugin *pl, const struct client *c, const struct publish *p, const struct admitted *found);

#endif
