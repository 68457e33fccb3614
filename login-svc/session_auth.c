#include "session_auth.h"

#include "mw/secret.h"

/* False: two different tokens. *token absent: none. */
static bool find_token(const struct request *req, struct mw_str *token) {
    struct mw_str skey = req->fields[FIELD_SKEY], bearer = request_bearer(req);
    *token = skey.ptr ? skey : bearer;
    return !skey.ptr || !bearer.ptr || mw_secret_eq(skey, bearer);
}

static bool refuse(enum api_error error, const char *message, enum api_error *error_out, const char **message_out) {
    *error_out = error;
    *message_out = message;
    return false;
}

/* The log says more than the caller is told: to tell a forger which part was wrong would help nobody else. */
static void note(const struct service *svc, const char *why) {
    mw_log(svc->log, MW_LOG_DEBUG, "session.refused", "why=\"%s\"", why);
}

bool session_authenticate(struct service *svc, const struct request *req, struct mw_session *out, enum api_error *error,
                          const char **message) {
    struct mw_str token, id = req->fields[FIELD_ID];
    if (!find_token(req, &token))
        return refuse(API_BAD_REQUEST, "X-WX-Skey and Authorization hold different skeys. Send one.", error, message);
    if (!token.ptr)
        return refuse(API_INVALID_SESSION, "Send the session's skey in X-WX-Skey or Authorization: Bearer.", error,
                      message);

    const char *why = "";
    struct mw_claims claims;
    int64_t now_s = service_now_s(svc);
    enum mw_skey_status status = keyring_verify(svc->keys, token, now_s, &claims, &why);
    if (status != MW_SKEY_VALID) {
        note(svc, mw_skey_status_text(status));
        return refuse(API_INVALID_SESSION, NULL, error, message);
    }
    if (!mw_str_eq(mw_cstr(claims.iss), mw_cstr(svc->cfg->app_id)) || (id.ptr && !mw_str_eq(id, mw_cstr(claims.sid)))) {
        note(svc, "the skey is another app's or another session's");
        return refuse(API_INVALID_SESSION, NULL, error, message);
    }

    struct mw_session found;
    enum mw_err err = readers_find_session(svc->readers, mw_cstr(claims.sid), &found);
    if (err != MW_OK && err != MW_ENOENT) {
        atomic_fetch_add_explicit(&svc->metrics.read_errors, 1, memory_order_relaxed);
        mw_log(svc->log, MW_LOG_ERROR, "store.read_failed", "err=\"%s\"", mw_err_text(err));
        return refuse(API_STORE_UNAVAILABLE, NULL, error, message);
    }
    if (err == MW_ENOENT || mw_expired(found.expires_s, now_s) || !mw_str_eq(mw_cstr(found.uid), mw_cstr(claims.uid))) {
        note(svc, "no such session in the store, or it is over");
        return refuse(API_INVALID_SESSION, NULL, error, message);
    }
    if (!mw_expired(found.banned_until_s, now_s)) return refuse(API_BANNED, NULL, error, message);
    *out = found;
    return true;
}
