/* What the store last said of sessions that were checked lately, so that the next check need not ask it. Good news
 * only: who is not in here is looked up.
 *
 * An entry counts as long as nobody has ended, renewed, renamed or banned since. What this process commits throws all
 * entries away before anybody is told of it; what another process commits is seen by the writer, which looks every
 * SESSION_CACHE_LOOK_MS; and should the writer not get round to looking, the entries go out of use by themselves after
 * SESSION_CACHE_FRESH_MS. Any thread. */
#ifndef SESSION_CACHE_H
#define SESSION_CACHE_H

#include "mw/err.h"
#include "mw/session.h"

#define SESSION_CACHE_LOOK_MS 100
#define SESSION_CACHE_FRESH_MS 250

/* What a check needs to know. */
struct session_owner {
    char sid[MW_SID_LEN + 1];
    char uid[MW_UID_LEN + 1];
    int64_t expires_s, banned_until_s;
    uint64_t profile_print; /* mw_profile_print(): enough to see whether an skey still says what the store says */
};

struct session_owner session_owner_of(const struct mw_session *session);

struct session_cache;

MW_MUST_CHECK enum mw_err session_cache_new(struct session_cache **out);
/* Takes &c, allows NULL, clears. */
void session_cache_free(struct session_cache **c);

/* mono_ms: now. False: ask the store. */
bool session_cache_get(struct session_cache *c, struct mw_str sid, int64_t mono_ms, struct session_owner *out);
/* Taken before the store is asked, and handed over with its answer: should the entries be thrown away in between, the
 * answer may be of before, and is not kept. */
uint64_t session_cache_mark(const struct session_cache *c);
void session_cache_put(struct session_cache *c, uint64_t mark, const struct session_owner *owner);

void session_cache_forget(struct session_cache *c);
/* No other process has written up to looked_ms, monotonic. */
void session_cache_confirm(struct session_cache *c, int64_t looked_ms);

#endif
