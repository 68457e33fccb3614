#include "session_auth.h"

#include "mw/secret.h"

#include <inttypes.h>

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
static void note(struct service *svc, const char *uid, const char *sid, const char *why) {
    uint64_t unsaid = 0;
    if (!refusal_log_take(&svc->refusals, svc->clock.mono_ms(svc->clock.ctx), &unsaid)) return;
    mw_log(svc->log, MW_LOG_INFO, "session.refused", "uid=%s sid=%.8s why=\"%s\" unsaid=%" PRIu64, uid, sid, why,
           unsaid);
}

static void note_stranger(struct service *svc, const char *why) {
    note(svc, "-", "-", why);
}

/* The genuine skey of a session that may live; false as session_authenticate(). */
static bool verify(struct service *svc, const struct request *req, int64_t now_s, struct mw_claims *claims,
                   enum api_error *error, const char **message) {
    struct mw_str token, id = req->fields[FIELD_ID];
    if (!find_token(req, &token)) {
        note_stranger(svc, "two different skeys");
        return refuse(API_BAD_REQUEST, "X-WX-Skey and Authorization hold different skeys. Send one.", error, message);
    }
    if (!token.ptr) {
        note_stranger(svc, "no skey");
        return refuse(API_INVALID_SESSION, "Send the session's skey in X-WX-Skey or Authorization: Bearer.", error,
                      message);
    }

    const char *why = "";
    enum mw_skey_status status = keyring_verify(svc->keys, token, now_s, claims, &why);
    if (status != MW_SKEY_VALID) {
        note_stranger(svc, mw_skey_status_text(status));
        return refuse(API_INVALID_SESSION, NULL, error, message);
    }
    if (!mw_str_eq(mw_cstr(claims->iss), mw_cstr(svc->cfg->app_id)) ||
        (id.ptr && !mw_str_eq(id, mw_cstr(claims->sid)))) {
        note(svc, claims->uid, claims->sid, "the skey is another app's or another session's");
        return refuse(API_INVALID_SESSION, NULL, error, message);
    }
    return true;
}

/* What the store says of the session counts, and not what the skey said when it was minted. */
static bool judge(struct service *svc, const char *uid, const struct session_owner *owner, int64_t now_s,
                  enum api_error *error, const char **message) {
    if (mw_expired(owner->expires_s, now_s) || !mw_str_eq(mw_cstr(owner->uid), mw_cstr(uid))) {
        note(svc, uid, owner->sid, "the session is over, or another user's");
        return refuse(API_INVALID_SESSION, NULL, error, message);
    }
    if (mw_expired(owner->banned_until_s, now_s)) return true;
    note(svc, uid, owner->sid, "the user is banned");
    return refuse(API_BANNED, NULL, error, message);
}

/* One line when trouble begins and one when it is over, however many ask meanwhile. */
static void note_read(struct service *svc, enum mw_err err) {
    bool failing = err != MW_OK && err != MW_ENOENT;
    if (failing) atomic_fetch_add_explicit(&svc->metrics.read_errors, 1, memory_order_relaxed);
    if (atomic_load_explicit(&svc->reads_fail, memory_order_relaxed) == failing) return;
    if (atomic_exchange(&svc->reads_fail, failing) == failing) return; /* another thread has said it */
    if (failing)
        mw_log(svc->log, MW_LOG_ERROR, "store.read_failed", "err=\"%s\"", mw_err_text(err));
    else
        mw_log(svc->log, MW_LOG_WARN, "store.read_recovered", "%s", "");
}

static bool look_up(struct service *svc, struct readers *readers, const char *sid, struct mw_session *found,
                    struct session_owner *owner, enum api_error *error, const char **message) {
    uint64_t mark = session_cache_mark(svc->cache);
    enum mw_err err = readers_find_session(readers, mw_cstr(sid), found);
    note_read(svc, err);
    if (err == MW_ENOENT) {
        note(svc, "-", sid, "no such session in the store");
        return refuse(API_INVALID_SESSION, NULL, error, message);
    }
    if (err != MW_OK) return refuse(API_STORE_UNAVAILABLE, NULL, error, message);
    *owner = session_owner_of(found);
    session_cache_put(svc->cache, mark, owner);
    return true;
}

/* How much the caller wants to know: the less, the less often the store is asked. */
enum depth { WHOSE, WITH_PROFILE, ALL_OF_IT };

/* An skey tells the profile as it was when it was minted: that is the present one as long as its print is. */
static bool describe(const struct mw_claims *claims, const struct session_owner *owner, struct mw_session *found) {
    memcpy(found->sid, owner->sid, sizeof found->sid);
    memcpy(found->uid, owner->uid, sizeof found->uid);
    found->expires_s = owner->expires_s;
    found->banned_until_s = owner->banned_until_s;
    memcpy(found->profile.nick, claims->name, sizeof found->profile.nick);
    memcpy(found->profile.avatar, claims->picture, sizeof found->profile.avatar);
    return mw_profile_print(&found->profile) == owner->profile_print;
}

static bool recall(struct service *svc, const struct mw_claims *claims, enum depth depth, struct mw_session *found,
                   struct session_owner *owner) {
    return depth != ALL_OF_IT &&
           session_cache_get(svc->cache, mw_cstr(claims->sid), svc->clock.mono_ms(svc->clock.ctx), owner) &&
           (depth == WHOSE || describe(claims, owner, found));
}

/* found is filled as far as depth says. */
static bool authenticate(struct service *svc, const struct request *req, enum depth depth, struct mw_session *found,
                         struct session_owner *owner, enum api_error *error, const char **message) {
    struct mw_claims claims;
    const int64_t now_s = service_now_s(svc);
    if (!verify(svc, req, now_s, &claims, error, message)) return false;
    if (!recall(svc, &claims, depth, found, owner) &&
        !look_up(svc, svc->readers, claims.sid, found, owner, error, message))
        return false;
    return judge(svc, claims.uid, owner, now_s, error, message);
}

static bool find(struct service *svc, const struct request *req, enum depth depth, struct mw_session *out,
                 enum api_error *error, const char **message) {
    struct session_owner owner;
    struct mw_session found = {.sid = ""};
    if (!authenticate(svc, req, depth, &found, &owner, error, message)) return false;
    *out = found;
    return true;
}

bool session_authenticate(struct service *svc, const struct request *req, struct mw_session *out, enum api_error *error,
                          const char **message) {
    return find(svc, req, ALL_OF_IT, out, error, message);
}

bool session_describe(struct service *svc, const struct request *req, struct mw_session *out, enum api_error *error,
                      const char **message) {
    return find(svc, req, WITH_PROFILE, out, error, message);
}

bool session_check(struct service *svc, const struct request *req, struct session_owner *out, enum api_error *error,
                   const char **message) {
    struct session_owner owner;
    struct mw_session unused;
    if (!authenticate(svc, req, WHOSE, &unused, &owner, error, message)) return false;
    *out = owner;
    return true;
}

bool session_check_again(struct service *svc, struct readers *readers, const struct session_owner *owner,
                         enum api_error *error, const char **message) {
    struct session_owner now;
    struct mw_session unused;
    if (!session_cache_get(svc->cache, mw_cstr(owner->sid), svc->clock.mono_ms(svc->clock.ctx), &now) &&
        !look_up(svc, readers, owner->sid, &unused, &now, error, message))
        return false;
    return judge(svc, owner->uid, &now, service_now_s(svc), error, message);
}
