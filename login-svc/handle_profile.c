#include "handlers.h"
#include "life.h"
#include "profile_input.h"
#include "session_call.h"

struct profile_call {
    struct session_call base; /* first */
    struct mw_profile wanted;
};

static enum mw_err rename_owner(struct session_call *sc, struct mw_store *store, int64_t now_s) {
    const struct mw_profile *wanted = &((const struct profile_call *)sc)->wanted;
    mw_profile_merge(&sc->session.profile, wanted);
    return life_rename(store, &sc->session, now_s, sc->svc->cfg->session_ttl_s);
}

void handle_profile(struct service *svc, struct call *call) {
    static const struct session_op op = {"profile.changed", rename_owner, session_call_answer_skey};
    const char *message = NULL;
    struct profile_call *pc = (struct profile_call *)session_call_begin(svc, call, &op, sizeof *pc);
    if (!pc) return;
    enum mw_err err = profile_input_read(call->req.body, mw_cstr(svc->cfg->media_url), &pc->wanted, &message);
    if (err == MW_OK)
        session_call_submit(&pc->base);
    else
        session_call_refuse(&pc->base, err == MW_EINVAL ? API_BAD_REQUEST : API_INTERNAL,
                            err == MW_EINVAL ? message : NULL);
}
