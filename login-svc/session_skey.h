/* The skey of a session: its claims come from the store's row and from nowhere else. */
#ifndef SESSION_SKEY_H
#define SESSION_SKEY_H

#include "service.h"

/* NUL-terminated; wipe it when done. */
MW_MUST_CHECK enum mw_err session_skey_mint(struct service *svc, const struct mw_session *session, int64_t now_s,
                                            char out[static MW_SKEY_MAX + 1]);

#endif
