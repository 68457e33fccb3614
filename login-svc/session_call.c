#include "session_call.h"

#include "life.h"
#include "mw/secret.h"
#include "session_auth.h"
#include "session_skey.h"

#include <stdlib.h>

static void free_record(struct session_call *sc) {
    mw_wipe(&sc->session, sizeof sc->session);
    free(sc);
}

struct session_call *session_call_begin(struct service *svc, struct call *call, const struct session_op *op,
                                        size_t size) {
    enum api_error error = API_INTERNAL;
    const char *message = NULL;
    struct session_call *sc = calloc(1, size);
    if (!sc) {
        api_fail(call, API_INTERNAL, NULL);
        return NULL;
    }
    sc->svc = svc;
    sc->call = call;
    sc->op = op;
    if (session_authenticate(svc, &call->req, &sc->session, &error, &message)) return sc;
    session_call_refuse(sc, error, message);
    return NULL;
}

void session_call_refuse(struct session_call *sc, enum api_error error, const char *message) {
    struct call *call = sc->call;
    free_record(sc);
    api_fail(call, error, message);
}

static enum mw_err run(struct write_job *job, struct mw_store *store) {
    struct session_call *sc = (struct session_call *)job;
    char sid[MW_SID_LEN + 1];
    memcpy(sid, sc->session.sid, sizeof sid);
    sc->now_s = service_now_s(sc->svc);
    enum mw_err err = life_find(store, mw_cstr(sid), sc->now_s, &sc->session);
    return err == MW_OK ? sc->op->change(sc, store, sc->now_s) : err;
}

static enum api_error error_of(enum mw_err err) {
    if (err == MW_ENOENT) return API_INVALID_SESSION;
    if (err == MW_EAUTH) return API_BANNED;
    return err == MW_EINVAL || err == MW_ENOMEM ? API_INTERNAL : API_STORE_UNAVAILABLE;
}

static void done(struct write_job *job, enum mw_err err) {
    struct session_call *sc = (struct session_call *)job;
    if (err != MW_OK) {
        session_call_refuse(sc, error_of(err), NULL);
        return;
    }
    mw_log(sc->svc->log, MW_LOG_INFO, sc->op->event, "uid=%s sid=%.8s", sc->session.uid, sc->session.sid);
    sc->op->answer(sc);
    free_record(sc);
}

void session_call_submit(struct session_call *sc) {
    sc->job.run = run;
    sc->job.changes_sessions = true;
    sc->job.done = done;
    if (writer_submit(sc->svc->writer, &sc->job) != MW_OK) session_call_refuse(sc, API_BUSY, NULL);
}

void session_call_answer_skey(struct session_call *sc) {
    char skey[MW_SKEY_MAX + 1];
    if (session_skey_mint(sc->svc, &sc->session, sc->now_s, skey) != MW_OK) {
        api_fail(sc->call, API_INTERNAL, NULL);
        return;
    }
    api_answer_skey(sc->call, &(struct api_skey){skey, &sc->session, sc->svc->cfg->mqtt_url});
    mw_wipe(skey, sizeof skey);
}
