#include "group_input.h"
#include "handlers.h"
#include "keyseal.h"
#include "life.h"
#include "mw/secret.h"
#include "session_call.h"

#include <stdlib.h>

#define GROUP_BODY_MAX (6 * MW_ROOM_MAX + 16) /* what is answered */

struct group_call {
    struct session_call base; /* first */
    char room[MW_ROOM_MAX + 1];
};

static enum mw_err admit(struct session_call *sc, struct mw_store *store, int64_t now_s) {
    return life_admit(store, &sc->session, mw_cstr(((const struct group_call *)sc)->room), now_s);
}

static void answer_room(struct session_call *sc) {
    struct mw_buf b = mw_buf_over(malloc(GROUP_BODY_MAX), GROUP_BODY_MAX);
    if (!b.ptr) {
        api_fail(sc->call, API_INTERNAL, NULL);
        return;
    }
    mw_buf_put(&b, MW_STR("{\"room\":"));
    mw_buf_put_json(&b, mw_cstr(((const struct group_call *)sc)->room));
    mw_buf_put(&b, MW_STR("}\n"));
    api_answer_text(sc->call, &b, NULL);
}

static enum mw_err read_room(struct group_call *gc, const char **message) {
    uint8_t session_key[MW_SESSION_KEY_LEN];
    const struct service *svc = gc->base.svc;
    const struct mw_session *session = &gc->base.session;
    enum mw_err err = keyseal_open(svc->at_rest_key, mw_cstr(session->sid), session->sealed_key, session_key);
    if (err != MW_OK) {
        mw_log(svc->log, MW_LOG_ERROR, "session.key_unreadable",
               "option=secret_key sid=%.8s note=\"sealed under another key\"", session->sid);
        return MW_EIO;
    }
    err = group_input_read(gc->base.call->req.body, session_key, mw_cstr(svc->cfg->app_id), service_now_s(svc),
                           gc->room, message);
    mw_wipe(session_key, sizeof session_key);
    return err;
}

void handle_group(struct service *svc, struct call *call) {
    static const struct session_op op = {"group.proven", admit, answer_room};
    const char *message = NULL;
    struct group_call *gc = (struct group_call *)session_call_begin(svc, call, &op, sizeof *gc);
    if (!gc) return;
    switch ((int)read_room(gc, &message)) {
    case MW_OK:
        session_call_submit(&gc->base);
        return;
    case MW_EINVAL:
        session_call_refuse(&gc->base, API_BAD_REQUEST, message);
        return;
    case MW_EAUTH:
        session_call_refuse(&gc->base, API_BAD_ENCRYPTED_DATA,
                            "encryptedData is no proof of a group: it must be fresh, "
                            "and from this log-in. Call wx.login, then ask for it "
                            "again.");
        return;
    default:
        session_call_refuse(&gc->base, API_INTERNAL, NULL);
    }
}
