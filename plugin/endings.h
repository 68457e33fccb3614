/* A session that ends is told first and dropped at the next tick: the broker delivers a notice at the top of its next
 * turn, so one sent in the turn of the kick would never arrive. */
#ifndef PLUGIN_ENDINGS_H
#define PLUGIN_ENDINGS_H

#include "plugin.h"

/* Ends a client's session for another cause than its date: told at the next tick, kicked at the one after. One who is
 * away is not told, but loses its subscriptions. */
void endings_end(struct plugin *pl, struct client *c, enum mw_reason reason);
/* TICK: kicks those who were told, then tells those whose time has come, and forgets those long away. Nothing due: a
 * few compares. */
void endings_tick(struct plugin *pl);
/* A job of the worker: while somebody is being dropped, has the broker turn without its pauses of up to 100 ms. ctx:
 * the plugin. */
void endings_hurry(void *ctx);

#endif
