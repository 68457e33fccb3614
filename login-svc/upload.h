/* The body of POST /media: taken as it comes, given to a thread that may wait by the windowful, answered at its end. */
#ifndef UPLOAD_H
#define UPLOAD_H

#include "media_quota.h"
#include "mw/multipart.h"
#include "service.h"

/* owner's upload of the multipart body. The claim becomes its own. Sets call->sink. MW_ENOMEM: nothing was begun. */
MW_MUST_CHECK enum mw_err upload_begin(struct service *svc, struct call *call, const struct mw_multipart *multipart,
                                       const struct session_owner *owner, const struct media_claim *claim);

/* Whether so much in so long is less than what anybody has, so that a place is held for nothing. */
bool upload_is_too_slow(int64_t took_ms, uint64_t received);

/* Logs it, counts it, and answers: message, or NULL for the error's own. owner NULL: nobody knows whose it is, and the
 * session check has logged why. */
void upload_refuse(struct service *svc, struct call *call, const struct session_owner *owner, uint64_t received,
                   enum api_error error, const char *message);

extern const char upload_too_big[], upload_no_room_for_more[];

#endif
