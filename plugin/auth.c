#include "auth.h"

#include "access.h"
#include "changes.h"
#include "presence.h"

#define CLIENTS_PER_PERSON 64

static enum verdict refuse(const struct plugin *pl, const struct mosquitto *ptr, const char *why) {
    char id[MW_LOGVAL_MAX];
    mw_log(&pl->log, MW_LOG_INFO, "auth.refused", "client=%s reason=\"%s\"", mw_logval(host_client_id(ptr), id), why);
    return VERDICT_DENY;
}

/* Not one of our sessions: others decide, save that a session's client id is not to be had. */
static enum verdict pass_on(const struct plugin *pl, const struct mosquitto *ptr) {
    if (clients_holder(&pl->clients, host_client_id(ptr))) return refuse(pl, ptr, "the client id belongs to a session");
    /* A session that the broker restored from its disk is not in the table: its queue is not to be resumed by others.
     */
    if (host_resumes(ptr) && access_id_like_ours(host_client_id(ptr)))
        return refuse(pl, ptr, "a client id of this form can be resumed with an skey only");
    return VERDICT_NOT_OURS;
}

static const char *misfit(struct mw_str id, struct mw_str username, const struct mw_claims *claims) {
    struct mw_str uid = mw_cstr(claims->uid), sid = mw_cstr(claims->sid);
    if (!mw_username_fits(username, uid, sid)) return "the user name is neither the uid nor the sid of the skey";
    if (!mw_client_id_fits(id, uid, sid)) return "the client id does not begin with the uid or sid of the skey";
    return NULL;
}

/* A fresh connection with good claims. */
static enum verdict admit(struct plugin *pl, const struct mosquitto *ptr, struct mw_claims *claims, bool extended) {
    /* Mosquitto 2.0.11 with per_listener_settings never calls TICK, and without it no session could be ended. The
     * broker's first turn comes before any CONNECT is read. */
    if (!pl->ticking)
        return refuse(pl, ptr,
                      "this broker does not call the plugin's tick, so sessions could not be ended: set "
                      "per_listener_settings false");
    const char *why = misfit(host_client_id(ptr), host_username(ptr), claims);
    if (why == NULL) why = changes_correct(pl, claims, host_unix_ms() / 1000);
    if (why) return refuse(pl, ptr, why);
    const struct client_is is = {
        .ptr = ptr, .id = host_client_id(ptr), .claims = claims, .extended = extended, .mono_ms = host_mono_ms()};
    struct client *former = clients_holder(&pl->clients, is.id), *c = NULL;
    if (former == NULL && clients_count(&pl->clients, mw_cstr(claims->uid)) >= CLIENTS_PER_PERSON)
        return refuse(pl, ptr, "too many clients of one user, connected or away");
    if (clients_add(&pl->clients, &is, &c) != MW_OK) return refuse(pl, ptr, "no memory");
    presence_take_over(pl, former, c, host_resumes(ptr));
    return VERDICT_ALLOW;
}

enum verdict auth_password(struct plugin *pl, const struct mosquitto *ptr, struct mw_str password) {
    struct mw_claims claims;
    const char *why = NULL;
    int64_t now_s = host_unix_ms() / 1000;
    struct client *known = pl->asking_again ? clients_get(&pl->clients, ptr) : NULL;

    /* The question after SIGHUP comes with the old password or none: what counts is the session. */
    if (known && known->connected) {
        enum mw_reason over = mw_subject_over(&known->subject, now_s);
        return over == MW_REASON_NONE ? VERDICT_ALLOW : refuse(pl, ptr, mw_reason_text(over));
    }
    enum mw_skey_status status = mw_skey_verify(&pl->keys, password, now_s, &claims, &why);
    /* The same question for a session that is away. Its queue is handed out only after a fresh CONNECT, and a refusal
     * would have Mosquitto 2.0 take the session apart twice, and crash. On 2.0 a WebSocket CONNECT may come in the same
     * turn: that one has a socket. */
    if (known && (!host_is_websocket(ptr) || status == MW_SKEY_VALID)) return VERDICT_ALLOW;
    if (pl->asking_again && access_restored(ptr)) return VERDICT_ALLOW;

    clients_forget(&pl->clients, ptr);
    if (status == MW_SKEY_NOT_OURS) return pass_on(pl, ptr);
    if (status != MW_SKEY_VALID) return refuse(pl, ptr, why ? why : mw_skey_status_text(status));
    return admit(pl, ptr, &claims, false);
}

enum verdict auth_extended(struct plugin *pl, struct mosquitto *ptr, struct mw_str skey) {
    struct mw_claims claims;
    const char *why = NULL;
    enum mw_skey_status status = mw_skey_verify(&pl->keys, skey, host_unix_ms() / 1000, &claims, &why);
    if (status != MW_SKEY_VALID) return refuse(pl, ptr, why ? why : mw_skey_status_text(status));

    /* The event does not tell a first authentication from a renewal: a live entry of this very client does. */
    struct client *live = clients_get(&pl->clients, ptr);
    if (live && live->connected && !live->superseded && live->extended) {
        if (!mw_str_eq(mw_cstr(live->uid), mw_cstr(claims.uid))) return refuse(pl, ptr, "the skey is another user's");
        why = misfit(host_client_id(ptr), host_username(ptr), &claims);
        if (why == NULL) why = changes_correct(pl, &claims, host_unix_ms() / 1000);
        if (why) return refuse(pl, ptr, why);
        if (clients_renew(&pl->clients, live, &claims) != MW_OK) return refuse(pl, ptr, "no memory");
        presence_restore(pl, live);
        return VERDICT_ALLOW;
    }
    clients_forget(&pl->clients, ptr);
    /* Without a user name the broker would drop the client at the next SIGHUP under allow_anonymous false, unasked. */
    if (host_username(ptr).ptr == NULL && !host_set_username(ptr, claims.uid)) return refuse(pl, ptr, "no memory");
    return admit(pl, ptr, &claims, true);
}

enum verdict auth_other(struct plugin *pl, const struct mosquitto *ptr) {
    clients_forget(&pl->clients, ptr);
    return pass_on(pl, ptr);
}
