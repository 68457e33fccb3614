/* What the change log has said so far and still matters: one fact for each subject, looked up by hash. Pure: no
 * clients, no clock, no store. */
#ifndef PLUGIN_LEDGER_H
#define PLUGIN_LEDGER_H

#include "mw/change.h"
#include "mw/err.h"
#include "mw/expiry.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* Facts are kept by what they are about. A grant and its taking back are one fact, on or off. */
enum fact_kind {
    FACT_END = 'e',
    FACT_REVOKED = 'r',
    FACT_PROFILE = 'p',
    FACT_GRANT = 'g',
    FACT_MUTE = 'm',
    FACT_BAN = 'b'
};

struct fact {
    int64_t at_s, until_s;
    struct mw_expiry due;
    UT_hash_handle hh;
    bool on;
    uint16_t key_len;
    char bytes[]; /* key: kind, who, room. Then for a profile: nick, NUL, avatar, NUL */
};

struct ledger {
    struct fact *facts;
    size_t of_kind[128]; /* by fact_kind: who asks about what there is none of is answered at once */
    struct mw_expiry_heap due;
};

/* Takes an entry in; what it replaces is gone. MW_EINVAL: not a valid entry, nothing changed. MW_ENOMEM: nothing
 * changed. */
MW_MUST_CHECK enum mw_err ledger_apply(struct ledger *l, const struct mw_change *c);
/* The fact about exactly this subject that holds at now_s; room "" is "everywhere". NULL: none. Valid until the next
 * change of the ledger. */
const struct fact *ledger_find(const struct ledger *l, enum fact_kind kind, struct mw_str who, struct mw_str room,
                               int64_t now_s);
/* Of a FACT_PROFILE. */
const char *fact_nick(const struct fact *f);
const char *fact_avatar(const struct fact *f);
/* Drops at most max facts whose time is over. */
void ledger_sweep(struct ledger *l, int64_t now_ms, unsigned max);
size_t ledger_count(const struct ledger *l);
void ledger_free(struct ledger *l);

#endif
