/* Read handles on the store, one for each thread that answers calls. Each read looks first whether the file is still
 * the one that stands at the store's name: what was removed or replaced answers nothing more. */
#ifndef READERS_H
#define READERS_H

#include "mw/store.h"

struct readers;

/* The URL must outlive the readers. */
MW_MUST_CHECK enum mw_err readers_open(struct mw_str url, size_t count, struct readers **out,
                                       struct mw_store_error *err);
/* Takes &r, allows NULL, clears. No read may be under way. */
void readers_close(struct readers **r);

/* As their namesakes of the store; any thread. MW_EIO also while its file is away, MW_EBUSY also when more threads read
 * than there are handles. */
MW_MUST_CHECK enum mw_err readers_find_session(struct readers *r, struct mw_str sid, struct mw_session *out);
MW_MUST_CHECK enum mw_err readers_list_sessions(struct readers *r, struct mw_str uid, struct mw_str after,
                                                struct mw_session_brief *out, size_t cap, size_t *count);
MW_MUST_CHECK enum mw_err readers_count_sessions(struct readers *r, int64_t now_s, int64_t *count);
MW_MUST_CHECK enum mw_err readers_find_user(struct readers *r, struct mw_str uid);
MW_MUST_CHECK enum mw_err readers_ping(struct readers *r);

#endif
