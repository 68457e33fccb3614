/* Who may connect. Zero is deny; NOT_OURS leaves the decision to the broker's other means. */
#ifndef PLUGIN_AUTH_H
#define PLUGIN_AUTH_H

#include "plugin.h"

enum verdict { VERDICT_DENY = 0, VERDICT_ALLOW, VERDICT_NOT_OURS };

#define AUTH_METHOD "WX-SKEY" /* MQTT 5 enhanced authentication; its data is the skey */

/* CONNECT with or without a password, and the broker's question after SIGHUP. */
enum verdict auth_password(struct plugin *pl, const struct mosquitto *ptr, struct mw_str password);
/* CONNECT with AUTH_METHOD, and AUTH 0x19 on a live connection, which renews it. */
enum verdict auth_extended(struct plugin *pl, struct mosquitto *ptr, struct mw_str skey);
/* CONNECT with somebody else's method. */
enum verdict auth_other(struct plugin *pl, const struct mosquitto *ptr);

#endif
