/* Whose call is it? The one place where an HTTP call's session is checked. */
#ifndef SESSION_AUTH_H
#define SESSION_AUTH_H

#include "api.h"
#include "service.h"

/* The skey from X-WX-Skey or `Authorization: Bearer`, with or without X-WX-Id. True: the skey is genuine and in date,
 * the session is in the store and alive, its owner is not banned, and *out is filled. False: *error and *message (may
 * become NULL) say what to answer; a store that does not answer is API_STORE_UNAVAILABLE, never a pass. */
bool session_authenticate(struct service *svc, const struct request *req, struct mw_session *out, enum api_error *error,
                          const char **message);
/* The same answer, most times without asking the store. Of *out only sid, uid, expires_s, banned_until_s and the
 * profile are to be relied on. */
bool session_describe(struct service *svc, const struct request *req, struct mw_session *out, enum api_error *error,
                      const char **message);
/* The same for who needs to know no more than whose session it is. */
bool session_check(struct service *svc, const struct request *req, struct session_owner *out, enum api_error *error,
                   const char **message);
/* Once more at the end of a call that took its time: whether what session_check() gave still holds. readers: the
 * caller's own, for those of the service are as many as there are threads that answer calls. */
bool session_check_again(struct service *svc, struct readers *readers, const struct session_owner *owner,
                         enum api_error *error, const char **message);

#endif
