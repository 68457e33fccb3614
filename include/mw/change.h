/* The change log: what happened to sessions and users since their skeys were minted. The login service appends, brokers
 * follow. DESIGN section 4.
 *
 * Every entry tells a state, not a difference, so applying one twice or again from the beginning does no harm; the
 * later entry on the same subject wins. */
#ifndef MW_CHANGE_H
#define MW_CHANGE_H

#include "mw/session.h"
#include "mw/topic.h"

enum mw_change_type {
    MW_CHANGE_NONE = 0, /* one that this version does not know: passed over */
    MW_CHANGE_EXTEND,   /* sid: lives until until_s */
    MW_CHANGE_REVOKE,   /* sid: is over, whatever an skey says; until_s is when its last skey would have ended */
    MW_CHANGE_PROFILE, /* uid: is seen as profile from now on; until_s is when the last skey that says otherwise ends */
    MW_CHANGE_GRANT,   /* uid: may enter room until until_s */
    MW_CHANGE_UNGRANT, /* uid, room: a grant by log is taken back; until_s is that grant's end */
    MW_CHANGE_MUTE,    /* uid: may not speak in room, or anywhere when room is "", until until_s */
    MW_CHANGE_UNMUTE,  /* uid, room; until_s is the mute's end */
    MW_CHANGE_BAN, /* uid: neither reads nor speaks in room, or may not connect at all when room is "", until until_s */
    MW_CHANGE_UNBAN,
    MW_CHANGE_TYPES
};

struct mw_change {
    int64_t seq; /* > 0, rising, given by the store */
    int64_t at_s;
    enum mw_change_type type;
    char who[MW_SID_LEN + 1]; /* sid or uid, as the type says */
    char room[MW_ROOM_MAX + 1];
    int64_t until_s; /* from then on the entry no longer matters and may go */
    struct mw_profile profile;
};

/* Type, who, room and until_s fit together. What a store hands out is checked with it, and what goes in. */
bool mw_change_is_valid(const struct mw_change *c);

#endif
