#include "api.h"

#include "mw/skey.h"

#include <stdlib.h>

static const struct {
    int status;
    const char *name, *message;
    int retry_after_s;
    bool challenge;
} errors[] = {
    [API_BAD_REQUEST] = {400, "ERR_BAD_REQUEST", "The request is not of the form that this call takes.", 0, false},
    [API_INVALID_CODE] =
        {401, "ERR_INVALID_CODE",
         "WeChat does not take this log-in code: a code works once and for five minutes. Call wx.login "
         "for a new one.",
         0, false},
    [API_INVALID_SESSION] = {401, "ERR_INVALID_SESSION", "There is no such session, or it is over. Log in again.", 0,
                             true},
    [API_BAD_SIGNATURE] = {401, "ERR_BAD_SIGNATURE",
                           "signature does not fit rawData and this log-in. Call wx.login first, then ask for the user "
                           "info, and send both.",
                           0, false},
    [API_BAD_ENCRYPTED_DATA] = {401, "ERR_BAD_ENCRYPTED_DATA",
                                "encryptedData does not belong to this log-in. Call wx.login first, then ask for the "
                                "user info, and send both.",
                                0, false},
    [API_UNAUTHORIZED] = {401, "ERR_UNAUTHORIZED", "Send the admin token as Authorization: Bearer.", 0, true},
    [API_USER_BLOCKED] = {403, "ERR_USER_BLOCKED", "WeChat takes this user for a risk and refuses the log-in.", 0,
                          false},
    [API_BANNED] = {403, "ERR_BANNED", "This user is banned.", 0, false},
    [API_NOT_FOUND] = {404, "ERR_NOT_FOUND", "There is no such call. See docs/protocol.md.", 0, false},
    [API_METHOD_NOT_ALLOWED] = {405, "ERR_METHOD_NOT_ALLOWED", "This call takes the methods in the header Allow.", 0,
                                false},
    [API_BODY_TOO_BIG] = {413, "ERR_TOO_BIG", "The body is bigger than this call takes.", 0, false},
    [API_HEADERS_TOO_BIG] = {431, "ERR_TOO_BIG", "The headers or the query are too long.", 0, false},
    [API_RATE_LIMITED] = {429, "ERR_RATE_LIMITED", "Too many log-ins of this user. Try again in a minute.", 60, false},
    [API_CONFIG] = {500, "ERR_CONFIG", "The service is not set up right; its log names the setting to mend.", 0, false},
    [API_INTERNAL] = {500, "ERR_INTERNAL", "The service could not do it; its log says why.", 0, false},
    [API_WECHAT_UNAVAILABLE] = {503, "ERR_WECHAT_UNAVAILABLE",
                                "WeChat gave no usable answer. Call wx.login and try again in a moment.", 2, false},
    [API_BUSY] = {503, "ERR_BUSY", "Too many log-ins are waiting. Try again in a moment.", 2, false},
    [API_STORE_UNAVAILABLE] = {503, "ERR_STORE_UNAVAILABLE",
                               "Sessions can not be read or written now. Try again in a moment.", 2, false},
    [API_UNSUPPORTED_MEDIA] = {415, "ERR_UNSUPPORTED_MEDIA", "This file is of no type that is taken.", 0, false},
    [API_QUOTA_EXCEEDED] = {429, "ERR_QUOTA_EXCEEDED",
                            "This user has sent as much as one may in a day. Try again tomorrow (UTC).", 3600, false},
    [API_TOO_MANY_UPLOADS] = {429, "ERR_TOO_MANY_UPLOADS",
                              "This user is sending as many files as one may at once. Let one of them end first.", 2,
                              false},
    [API_TOO_SLOW] = {408, "ERR_TOO_SLOW", "The body comes too slowly. Try again over a better connection.", 0, false},
    [API_STORAGE_FULL] = {507, "ERR_STORAGE_FULL", "The server's disk is full: the file was not stored.", 0, false},
    [API_BAD_RANGE] = {416, "ERR_BAD_RANGE", "The file does not reach to where the range begins.", 0, false},
};
_Static_assert(sizeof errors / sizeof errors[0] == API_ERROR_COUNT, "one row for each error");

#define ERROR_BODY_MAX 512
#define ESCAPED_MAX 6 /* bytes that one may become */
/* Everything escaped to its longest form fits. */
#define SESSION_BODY_MAX (512 + ESCAPED_MAX * MW_NICK_MAX + MW_AVATAR_MAX)

/* The buffer's memory becomes the reply's. */
static struct reply reply_of(int status, struct mw_buf *b) {
    if (b->overflow) {
        free(b->ptr);
        return (struct reply){.status = 500};
    }
    return (struct reply){.status = status, .body = b->ptr, .body_len = b->len};
}

const char *api_error_text(enum api_error error, const char *message) {
    return message ? message : errors[error].message;
}

struct reply api_error_reply(enum api_error error, const char *message) {
    struct mw_buf b = mw_buf_over(malloc(ERROR_BODY_MAX), ERROR_BODY_MAX);
    struct reply r = {.status = errors[error].status};
    if (b.ptr) {
        mw_buf_put(&b, MW_STR("{\"" API_MAGIC "\":1,\"error\":"));
        mw_buf_put_json(&b, mw_cstr(errors[error].name));
        mw_buf_put(&b, MW_STR(",\"message\":"));
        mw_buf_put_json(&b, mw_cstr(api_error_text(error, message)));
        mw_buf_put(&b, MW_STR("}\n"));
        r = reply_of(errors[error].status, &b);
    }
    r.retry_after_s = errors[error].retry_after_s;
    r.challenge = errors[error].challenge;
    return r;
}

void api_fail(struct call *call, enum api_error error, const char *message) {
    struct reply r = api_error_reply(error, message);
    call->reply(call, &r);
}

static void put_member(struct mw_buf *b, struct mw_str name, const char *value) {
    mw_buf_put_json(b, name);
    mw_buf_putc(b, ':');
    mw_buf_put_json(b, mw_cstr(value));
}

/* As in m2's "from": what is unknown is left out. */
static void put_user_info(struct mw_buf *b, const struct mw_profile *p) {
    mw_buf_put(b, MW_STR("\"userInfo\":{"));
    if (p->nick[0]) put_member(b, MW_STR("nickName"), p->nick);
    if (p->nick[0] && p->avatar[0]) mw_buf_putc(b, ',');
    if (p->avatar[0]) put_member(b, MW_STR("avatarUrl"), p->avatar);
    mw_buf_putc(b, '}');
}

static void put_owner(struct mw_buf *b, const struct mw_session *s) {
    put_member(b, MW_STR("uid"), s->uid);
    mw_buf_put(b, MW_STR(",\"expiresAt\":"));
    mw_buf_puti(b, s->expires_s * 1000);
    mw_buf_putc(b, ',');
    put_user_info(b, &s->profile);
}

void api_answer_text(struct call *call, struct mw_buf *b, const char *content_type) {
    struct reply r = reply_of(200, b);
    r.content_type = content_type;
    call->reply(call, &r);
}

static void put_skey(struct mw_buf *b, const struct api_skey *fresh) {
    mw_buf_put(b, MW_STR("\"session\":{"));
    put_member(b, MW_STR("id"), fresh->session->sid);
    mw_buf_putc(b, ',');
    put_member(b, MW_STR("skey"), fresh->skey);
    mw_buf_putc(b, ',');
    put_owner(b, fresh->session);
    mw_buf_put(b, MW_STR(",\"mqtt\":{"));
    put_member(b, MW_STR("url"), fresh->mqtt_url);
    mw_buf_putc(b, ',');
    put_member(b, MW_STR("username"), fresh->session->uid);
    mw_buf_putc(b, ',');
    put_member(b, MW_STR("clientId"), fresh->session->uid);
    mw_buf_put(b, MW_STR("}}}\n"));
}

static void answer_skey(struct call *call, const struct api_skey *fresh, struct mw_str opening) {
    /* Made to measure: the longest skey is eight times as long as most, and many answers may be on their way. */
    size_t max = SESSION_BODY_MAX + mw_cstr(fresh->skey).len + ESCAPED_MAX * mw_cstr(fresh->mqtt_url).len;
    struct mw_buf b = mw_buf_over(malloc(max), max);
    if (!b.ptr) {
        api_fail(call, API_INTERNAL, NULL);
        return;
    }
    mw_buf_put(&b, opening);
    put_skey(&b, fresh);
    api_answer_text(call, &b, NULL);
}

void api_answer_login(struct call *call, const struct api_skey *login) {
    answer_skey(call, login, MW_STR("{\"" API_MAGIC "\":1,"));
}

void api_answer_skey(struct call *call, const struct api_skey *fresh) {
    answer_skey(call, fresh, MW_STR("{"));
}

void api_answer_session(struct call *call, const struct mw_session *session) {
    struct mw_buf b = mw_buf_over(malloc(SESSION_BODY_MAX), SESSION_BODY_MAX);
    if (!b.ptr) {
        api_fail(call, API_INTERNAL, NULL);
        return;
    }
    mw_buf_put(&b, MW_STR("{\"session\":{"));
    put_member(&b, MW_STR("id"), session->sid);
    mw_buf_putc(&b, ',');
    put_owner(&b, session);
    mw_buf_put(&b, MW_STR("}}\n"));
    api_answer_text(call, &b, NULL);
}

void api_answer_done(struct call *call) {
    call->reply(call, &(struct reply){.status = 204});
}

void api_answer_owner(struct call *call, const char uid[static MW_UID_LEN + 1], const char sid[static MW_SID_LEN + 1]) {
    struct reply r = {.status = 204};
    memcpy(r.user_id, uid, sizeof r.user_id);
    memcpy(r.session_id, sid, sizeof r.session_id);
    call->reply(call, &r);
}

void api_answer_ok(struct call *call) {
    static const struct mw_str ok = {"{\"status\":\"ok\"}\n", sizeof "{\"status\":\"ok\"}\n" - 1};
    struct mw_buf b = mw_buf_over(malloc(ok.len), ok.len);
    if (!b.ptr) {
        api_fail(call, API_INTERNAL, NULL);
        return;
    }
    mw_buf_put(&b, ok);
    api_answer_text(call, &b, NULL);
}
