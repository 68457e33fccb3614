#include "api.h"
#include "handlers.h"
#include "keyseal.h"
#include "life.h"
#include "login_input.h"
#include "mw/json.h"
#include "mw/secret.h"
#include "service.h"
#include "session_skey.h"
#include "wechat.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>

/* A log-in on its way: the handler begins it on a thread of the server's, WeChat's answer takes it on on the client's,
 * the commit ends it on the writer's. One thread at a time, handed on through their queues. */
struct login {
    struct write_job job; /* first: the writer hands it back */
    struct service *svc;
    struct call *call;
    struct login_input in;
    int64_t began_ms;
    struct mw_user user;
    struct mw_session session; /* its profile is what others see, once saved */
    uint64_t cache_mark;       /* from before the ban was looked for */
};

static void login_free(struct login *l) {
    login_input_free(&l->in);
    mw_wipe(&l->session, sizeof l->session);
    free(l);
}

static int64_t took_ms(const struct login *l) {
    return l->svc->clock.mono_ms(l->svc->clock.ctx) - l->began_ms;
}

/* Answers and ends the log-in. */
static void fail(struct login *l, enum api_error error, const char *why) {
    mw_log(l->svc->log, MW_LOG_INFO, "login.refused", "why=\"%s\" took_ms=%" PRId64, why, took_ms(l));
    metrics_count_refusal(&l->svc->metrics, error);
    struct call *call = l->call;
    login_free(l); /* its views into the call end before the call may */
    api_fail(call, error, NULL);
}

/* ---- last: on the disk, so it may be answered ---- */

static const struct {
    enum mw_err err;
    enum api_error error;
    const char *why;
} unsaved[] = {
    {MW_EAUTH, API_BANNED, "the user is banned"},
    {MW_EEXIST, API_INTERNAL, "sid or uid are another's"},
};

static void fail_unsaved(struct login *l, enum mw_err err) {
    size_t i = 0;
    while (i < sizeof unsaved / sizeof unsaved[0] && unsaved[i].err != err)
        i++;
    if (i < sizeof unsaved / sizeof unsaved[0])
        fail(l, unsaved[i].error, unsaved[i].why);
    else
        fail(l, API_STORE_UNAVAILABLE, "the session could not be saved");
}

static void on_saved(struct write_job *job, enum mw_err err) {
    struct login *l = (struct login *)job;
    char skey[MW_SKEY_MAX + 1];
    if (err != MW_OK) {
        fail_unsaved(l, err);
        return;
    }
    if (session_skey_mint(l->svc, &l->session, l->session.created_s, skey) != MW_OK) {
        fail(l, API_INTERNAL, "no skey could be made");
        return;
    }
    /* Its first check comes soon, and need not ask the store what was just written. */
    const struct session_owner owner = session_owner_of(&l->session);
    session_cache_put(l->svc->cache, l->cache_mark, &owner);
    mw_log(l->svc->log, MW_LOG_INFO, "login.ok", "uid=%s sid=%.8s took_ms=%" PRId64, l->session.uid, l->session.sid,
           took_ms(l));
    atomic_fetch_add_explicit(&l->svc->metrics.logins_ok, 1, memory_order_relaxed);
    api_answer_login(l->call, &(struct api_skey){skey, &l->session, l->svc->cfg->mqtt_url});
    mw_wipe(skey, sizeof skey);
    login_free(l);
}

static enum mw_err save(struct write_job *job, struct mw_store *store) {
    struct login *l = (struct login *)job;
    const struct config *cfg = l->svc->cfg;
    const int64_t now_s = service_now_s(l->svc);
    size_t ended = 0;
    bool renamed = false;
    l->cache_mark = session_cache_mark(l->svc->cache);
    enum mw_err err = life_begin(store, &l->user, &l->session, now_s, cfg->session_ttl_s, &renamed);
    if (err == MW_OK && cfg->single_session)
        err = life_end_all(store, mw_cstr(l->user.uid), mw_cstr(l->session.sid), now_s, &ended);
    job->changes_sessions = renamed || ended > 0;
    return err;
}

/* ---- then: WeChat's answer ---- */

/* False: *error says what was wrong. */
static bool check_raw_data(struct login *l, const struct wechat_reply *w, enum api_error *error) {
    if (!l->in.raw_data.ptr) return true;
    struct cJSON *person = NULL;
    *error = API_BAD_SIGNATURE;
    if (!wechat_signature_fits(l->in.raw_data, w->session_key, l->in.signature)) return false;
    if (mw_json_parse_object(l->in.raw_data, &person, NULL) != MW_OK) return false;
    wechat_profile(person, &l->user.profile);
    cJSON_Delete(person);
    return true;
}

static bool check_encrypted_data(struct login *l, const struct wechat_reply *w, enum api_error *error) {
    if (!l->in.encrypted_data.ptr) return true;
    struct cJSON *person = NULL;
    struct mw_profile profile;
    enum mw_err err = wechat_open_data(l->in.encrypted_data, l->in.iv, w->session_key, mw_cstr(l->svc->cfg->app_id),
                                       mw_cstr(w->openid), &person);
    *error = err == MW_ENOMEM ? API_INTERNAL : API_BAD_ENCRYPTED_DATA;
    if (err != MW_OK) return false;
    wechat_profile(person, &profile);
    mw_profile_merge(&l->user.profile, &profile);
    cJSON_Delete(person);
    return true;
}

static enum mw_err make_session(struct login *l, const struct wechat_reply *w) {
    struct service *svc = l->svc;
    struct mw_session *s = &l->session;
    memcpy(l->user.openid, w->openid, sizeof l->user.openid);
    memcpy(l->user.unionid, w->unionid, sizeof l->user.unionid);
    s->created_s = service_now_s(svc);
    s->expires_s = mw_add_sat(s->created_s, svc->cfg->session_ttl_s);
    enum mw_err err = mw_uid_derive(svc->uid_key, mw_cstr(svc->cfg->app_id), mw_cstr(w->openid), l->user.uid);
    if (err == MW_OK) err = mw_sid_new(s->sid);
    if (err == MW_OK) err = keyseal_close(svc->at_rest_key, mw_cstr(s->sid), w->session_key, s->sealed_key);
    memcpy(s->uid, l->user.uid, sizeof s->uid);
    return err;
}

static void go_on(struct login *l, const struct wechat_reply *w) {
    enum api_error error = API_INTERNAL;
    if (!check_raw_data(l, w, &error) || !check_encrypted_data(l, w, &error)) {
        fail(l, error, error == API_BAD_SIGNATURE ? "signature does not fit" : "encryptedData does not fit");
        return;
    }
    if (make_session(l, w) != MW_OK) {
        fail(l, API_INTERNAL, "no session could be made");
        return;
    }
    l->job.run = save;
    l->job.done = on_saved;
    if (writer_submit(l->svc->writer, &l->job) != MW_OK) fail(l, API_BUSY, "too many writes wait");
}

static const struct {
    enum api_error error;
    const char *why;
} refusals[] = {
    [WECHAT_NO_ANSWER] = {API_WECHAT_UNAVAILABLE, "WeChat gave no usable answer"},
    [WECHAT_BUSY] = {API_WECHAT_UNAVAILABLE, "WeChat is busy"},
    [WECHAT_BAD_CODE] = {API_INVALID_CODE, "WeChat does not take the code"},
    [WECHAT_USER_BLOCKED] = {API_USER_BLOCKED, "WeChat blocks the user"},
    [WECHAT_TOO_OFTEN] = {API_RATE_LIMITED, "too many log-ins of this user"},
    [WECHAT_MISCONFIGURED] = {API_CONFIG, "app_id or app_secret_file is wrong"},
};

static void refuse(struct login *l, const struct wechat_reply *w, long http_status) {
    if (w->setting)
        mw_log(l->svc->log, MW_LOG_ERROR, "wechat.misconfigured",
               "option=%s errcode=%" PRId64 " rid=%s note=\"WeChat refuses it: mend this option\"", w->setting,
               w->errcode, w->rid[0] ? w->rid : "-");
    else if (w->verdict != WECHAT_BAD_CODE)
        mw_log(l->svc->log, MW_LOG_WARN, "wechat.refused", "errcode=%" PRId64 " http_status=%ld rid=%s", w->errcode,
               http_status, w->rid[0] ? w->rid : "-");
    fail(l, refusals[w->verdict].error, refusals[w->verdict].why);
}

/* An answer spends the code. Asked again, and once only, is what got none because the connection failed, and WeChat's
 * own "busy". Should WeChat have taken the code after all, it says so, and the client fetches a new one. */
static bool on_answer(void *ctx, const struct http_result *result) {
    struct login *l = ctx;
    if (result->outcome != HTTP_ANSWERED) {
        if (result->outcome == HTTP_NO_ANSWER && result->attempt == 1) return true;
        mw_log(l->svc->log, MW_LOG_WARN, "wechat.unreachable", "option=wechat_url why=\"%s\" attempts=%d", result->why,
               result->attempt);
        fail(l, API_WECHAT_UNAVAILABLE, "WeChat gave no answer");
        return false;
    }
    struct wechat_reply w;
    wechat_read_reply(result->status, result->body, &w);
    bool again = w.verdict == WECHAT_BUSY && result->attempt == 1;
    if (!again && w.verdict == WECHAT_LOGGED_IN)
        go_on(l, &w);
    else if (!again)
        refuse(l, &w, result->status);
    mw_wipe(&w, sizeof w);
    return again;
}

/* ---- first: the request ---- */

static enum mw_err ask_wechat(struct login *l) {
    char url[WECHAT_URL_MAX];
    const struct config *cfg = l->svc->cfg;
    enum mw_err err = wechat_code2session_url(mw_cstr(cfg->wechat_url), mw_cstr(cfg->app_id),
                                              mw_cstr(l->svc->app_secret), l->in.code, url);
    if (err == MW_OK) err = http_client_get(l->svc->wechat, url, cfg->wechat_timeout_s * 1000, on_answer, l);
    mw_wipe(url, sizeof url);
    return err;
}

void handle_login(struct service *svc, struct call *call) {
    const char *message = NULL;
    struct login *l = calloc(1, sizeof *l);
    if (!l) {
        api_fail(call, API_INTERNAL, NULL);
        return;
    }
    l->svc = svc;
    l->call = call;
    l->began_ms = svc->clock.mono_ms(svc->clock.ctx);
    enum mw_err err = login_input_read(&call->req, &l->in, &message);
    if (err != MW_OK) {
        free(l);
        metrics_count_refusal(&svc->metrics, err == MW_EINVAL ? API_BAD_REQUEST : API_INTERNAL);
        api_fail(call, err == MW_EINVAL ? API_BAD_REQUEST : API_INTERNAL, err == MW_EINVAL ? message : NULL);
        return;
    }
    err = ask_wechat(l);
    if (err == MW_EBUSY)
        fail(l, API_BUSY, "too many calls to WeChat are under way");
    else if (err != MW_OK)
        fail(l, API_INTERNAL, mw_err_text(err));
}
