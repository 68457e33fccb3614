/* What the change log and the rate limit add to a session's own rights: grants, mutes, bans. Asked after core's
 * decision (mw/acl.h). */
#ifndef PLUGIN_RIGHTS_H
#define PLUGIN_RIGHTS_H

#include "plugin.h"

struct right {
    enum mw_reason reason;
    int64_t until_s; /* when a refusal ends; 0: not known */
};

/* May enter, read and stay: `own` is what the session's own claims say (MW_REASON_NONE or MW_REASON_FORBIDDEN_ROOM;
 * anything else is passed on). */
struct right rights_enter(const struct plugin *pl, const struct client *c, const struct mw_topic *topic,
                          enum mw_reason own, int64_t now_s);
/* The same, and may speak. */
struct right rights_speak(const struct plugin *pl, const struct client *c, const struct mw_topic *topic,
                          enum mw_reason own, int64_t now_s);
/* Takes a message out of the session's bucket, all its connections together. False: *wait_ms until there is one again.
 */
bool rights_take(const struct plugin *pl, struct client *c, int64_t *wait_ms);

/* The same for entering rooms, which greets and leaves a retained number behind: twice rooms_per_client at once, then
 * two a second. */
bool rights_take_entry(const struct plugin *pl, struct client *c);

#endif
