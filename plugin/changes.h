/* The change log meets the clients: what an entry means for those who are connected, and for those who come later. */
#ifndef PLUGIN_CHANGES_H
#define PLUGIN_CHANGES_H

#include "plugin.h"

/* Remembers the entry and lets it act on its session's or user's clients. Entries may come twice. What does not fit in
 * memory or is not understood is logged and left out. */
void changes_take(void *plugin, const struct mw_change *change);
/* TICK: takes what the worker has brought, a bounded number of entries, and forgets some of what no longer matters. */
void changes_tick(struct plugin *pl);
/* What the log knows better than a verified skey: later end, newer profile. NULL, or why the session may not be used.
 */
const char *changes_correct(const struct plugin *pl, struct mw_claims *claims, int64_t now_s);

#endif
