/* Tells a client what went wrong, on user/<uid>/notice, without a subscription. */
#ifndef PLUGIN_NOTIFY_H
#define PLUGIN_NOTIFY_H

#include "clients.h"

#include "mw/notice.h"

/* At most NOTICES_PER_S to one client; true when there is room for one more now (and takes it). Ask before doing work
 * for its sake. */
bool notify_allowed(struct client *c);
/* topic, ref and message may be absent. */
void notify_refusal(struct client *c, const struct mw_notice *notice);
/* The session is over: sent whatever was sent before. */
void notify_end(struct client *c, enum mw_reason reason);

#endif
