#include "handlers.h"
#include "life.h"
#include "session_auth.h"
#include "session_call.h"

void handle_session(struct service *svc, struct call *call) {
    struct mw_session session;
    enum api_error error = API_INTERNAL;
    const char *message = NULL;
    if (session_describe(svc, &call->req, &session, &error, &message))
        api_answer_session(call, &session);
    else
        api_fail(call, error, message);
}

void handle_auth(struct service *svc, struct call *call) {
    struct session_owner owner;
    enum api_error error = API_INTERNAL;
    const char *message = NULL;
    if (session_check(svc, &call->req, &owner, &error, &message))
        api_answer_owner(call, owner.uid, owner.sid);
    else
        api_fail(call, error, message);
}

/* ---- renew ---- */

static enum mw_err renew(struct session_call *sc, struct mw_store *store, int64_t now_s) {
    return life_renew(store, &sc->session, now_s, sc->svc->cfg->session_ttl_s);
}

void handle_renew(struct service *svc, struct call *call) {
    static const struct session_op op = {"session.renewed", renew, session_call_answer_skey};
    struct session_call *sc = session_call_begin(svc, call, &op, sizeof *sc);
    if (sc) session_call_submit(sc);
}

/* ---- log out ---- */

static enum mw_err end(struct session_call *sc, struct mw_store *store, int64_t now_s) {
    return life_end(store, mw_cstr(sc->session.sid), now_s);
}

static void answer_ended(struct session_call *sc) {
    api_answer_done(sc->call);
}

void handle_logout(struct service *svc, struct call *call) {
    static const struct session_op op = {"session.ended", end, answer_ended};
    struct session_call *sc = session_call_begin(svc, call, &op, sizeof *sc);
    if (sc) session_call_submit(sc);
}
