/* What the service says: every error once, with its status, its name and a sentence on what to do next; and the JSON of
 * the good answers. */
#ifndef API_H
#define API_H

#include "call.h"
#include "mw/clock.h"
#include "mw/session.h"

/* wafer-client-sdk knows our answers by this member. In an answer to anything but a log-in it takes it for "your
 * session is over" and clears its own: so no success but the log-in's carries it. */
#define API_MAGIC "F2C224D4-2BCE-4C64-AF9F-A6D872000D1A"

enum api_error {
    API_BAD_REQUEST = 0,
    API_INVALID_CODE,
    API_INVALID_SESSION,
    API_BAD_SIGNATURE,
    API_BAD_ENCRYPTED_DATA,
    API_UNAUTHORIZED,
    API_USER_BLOCKED,
    API_BANNED,
    API_NOT_FOUND,
    API_METHOD_NOT_ALLOWED,
    API_BODY_TOO_BIG,
    API_HEADERS_TOO_BIG,
    API_RATE_LIMITED,
    API_CONFIG,
    API_INTERNAL,
    API_WECHAT_UNAVAILABLE,
    API_BUSY,
    API_STORE_UNAVAILABLE,
    API_UNSUPPORTED_MEDIA,
    API_QUOTA_EXCEEDED,
    API_TOO_MANY_UPLOADS,
    API_TOO_SLOW,
    API_STORAGE_FULL,
    API_BAD_RANGE,
    API_ERROR_COUNT
};

/* Answers the call. message: static text of printable ASCII without quote and backslash; NULL: the error's own. */
void api_fail(struct call *call, enum api_error error, const char *message);
/* What it says: message, or with NULL the error's own. */
const char *api_error_text(enum api_error error, const char *message);
/* The reply alone, for who adds to it. On no memory its body is NULL. */
struct reply api_error_reply(enum api_error error, const char *message);

/* All borrowed. */
struct api_skey {
    const char *skey;
    const struct mw_session *session; /* with its profile */
    const char *mqtt_url;
};
/* A session and its skey, to who has just logged in: with the mark. */
void api_answer_login(struct call *call, const struct api_skey *login);
/* The same to who had a session before: without. */
void api_answer_skey(struct call *call, const struct api_skey *fresh);
/* Who the session belongs to, and until when. */
void api_answer_session(struct call *call, const struct mw_session *session);
/* 204 that names user and session in headers. */
void api_answer_owner(struct call *call, const char uid[static MW_UID_LEN + 1], const char sid[static MW_SID_LEN + 1]);
/* 204. */
void api_answer_done(struct call *call);
/* 200 with the text that is in b. Its memory is malloc'd and becomes the reply's; an overflow is an internal error.
 * content_type: static, NULL for JSON. */
void api_answer_text(struct call *call, struct mw_buf *b, const char *content_type);
/* {"status":"ok"} */
void api_answer_ok(struct call *call);

#endif
