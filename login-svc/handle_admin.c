#include "admin_input.h"
#include "api.h"
#include "handlers.h"
#include "life.h"
#include "mw/secret.h"
#include "service.h"

#include <inttypes.h>
#include <stdlib.h>

#define ANSWER_MAX 512

bool guard_admin(struct service *svc, struct call *call) {
    struct mw_str token = request_bearer(&call->req);
    uint64_t unsaid = 0;
    if (token.ptr && mw_secret_eq(token, mw_cstr(svc->admin_token))) return true;
    if (refusal_log_take(&svc->refusals, svc->clock.mono_ms(svc->clock.ctx), &unsaid))
        mw_log(svc->log, MW_LOG_WARN, "admin.refused", "path=%.*s why=\"%s\" unsaid=%" PRIu64, (int)call->req.path.len,
               call->req.path.ptr, token.ptr ? "wrong token" : "no token", unsaid);
    api_fail(call, API_UNAUTHORIZED, NULL);
    return false;
}

struct admin_call;

/* What each call takes and does. */
struct admin_op {
    const char *path, *event;
    unsigned allowed, required;
    enum mw_change_type type; /* of the entry; NONE: of none that every op of its kind has */
    enum mw_err (*change)(struct admin_call *ac, struct mw_store *store, int64_t now_s);
    void (*answer)(const struct admin_call *ac, struct mw_buf *b);
};

struct admin_call {
    struct write_job job; /* first */
    struct service *svc;
    struct call *call;
    const struct admin_op *op;
    struct admin_input in;
    int64_t until_s;
    size_t ended;
};

/* ---- what they do, within the transaction; MW_ENOENT: nobody knows the user or session ---- */

static enum mw_err revoke(struct admin_call *ac, struct mw_store *store, int64_t now_s) {
    const struct mw_str nobody = {NULL, 0};
    if (ac->in.uid[0]) return life_end_all(store, mw_cstr(ac->in.uid), nobody, now_s, &ac->ended);
    enum mw_err err = life_end(store, mw_cstr(ac->in.sid), now_s);
    if (err == MW_OK) ac->ended = 1;
    return err;
}

static struct life_right right_of(const struct admin_call *ac) {
    struct life_right right = {.type = ac->op->type, .until_s = ac->until_s};
    memcpy(right.uid, ac->in.uid, sizeof right.uid);
    memcpy(right.room, ac->in.room, sizeof right.room);
    return right;
}

static enum mw_err give(struct admin_call *ac, struct mw_store *store, int64_t now_s) {
    ac->until_s = mw_add_sat(now_s, ac->in.seconds);
    const struct life_right right = right_of(ac);
    return life_give(store, &right, now_s);
}

static enum mw_err take_back(struct admin_call *ac, struct mw_store *store, int64_t now_s) {
    const struct life_right right = right_of(ac);
    return life_take_back(store, &right, now_s);
}

/* ---- what they answer ---- */

static void answer_ended(const struct admin_call *ac, struct mw_buf *b) {
    mw_buf_put(b, MW_STR("{\"revoked\":"));
    mw_buf_puti(b, (int64_t)ac->ended);
    mw_buf_put(b, MW_STR("}\n"));
}

static void answer_until(const struct admin_call *ac, struct mw_buf *b) {
    mw_buf_put(b, MW_STR("{\"until\":"));
    mw_buf_puti(b, ac->until_s * 1000);
    mw_buf_put(b, MW_STR("}\n"));
}

static void answer_ok(const struct admin_call *ac, struct mw_buf *b) {
    (void)ac;
    mw_buf_put(b, MW_STR("{\"status\":\"ok\"}\n"));
}

#define SOMEWHERE (ADMIN_UID | ADMIN_ROOM | ADMIN_SECONDS)

/* The seconds of what takes something back are there for symmetry, and say nothing. */
static const struct admin_op ops[] = {
    {"/admin/revoke", "admin.revoke", ADMIN_SID | ADMIN_UID, 0, MW_CHANGE_REVOKE, revoke, answer_ended},
    {"/admin/mute", "admin.mute", SOMEWHERE, ADMIN_UID | ADMIN_SECONDS, MW_CHANGE_MUTE, give, answer_until},
    {"/admin/unmute", "admin.unmute", SOMEWHERE, ADMIN_UID, MW_CHANGE_UNMUTE, take_back, answer_ok},
    {"/admin/ban", "admin.ban", SOMEWHERE, ADMIN_UID | ADMIN_SECONDS, MW_CHANGE_BAN, give, answer_until},
    {"/admin/unban", "admin.unban", SOMEWHERE, ADMIN_UID, MW_CHANGE_UNBAN, take_back, answer_ok},
    {"/admin/grant", "admin.grant", SOMEWHERE, SOMEWHERE, MW_CHANGE_GRANT, give, answer_until},
    {"/admin/ungrant", "admin.ungrant", SOMEWHERE, ADMIN_UID | ADMIN_ROOM, MW_CHANGE_UNGRANT, take_back, answer_ok},
};

/* ---- the way there and back ---- */

static enum mw_err run(struct write_job *job, struct mw_store *store) {
    struct admin_call *ac = (struct admin_call *)job;
    enum mw_err err = ac->in.uid[0] ? mw_store_find_user(store, mw_cstr(ac->in.uid)) : MW_OK;
    return err == MW_OK ? ac->op->change(ac, store, service_now_s(ac->svc)) : err;
}

static void refuse(struct admin_call *ac, enum mw_err err) {
    if (err == MW_ENOENT)
        api_fail(ac->call, API_NOT_FOUND,
                 ac->in.uid[0] ? "There is no such user." : "There is no such session, or it is over.");
    else
        api_fail(ac->call, err == MW_EINVAL || err == MW_ENOMEM ? API_INTERNAL : API_STORE_UNAVAILABLE, NULL);
}

static void done(struct write_job *job, enum mw_err err) {
    struct admin_call *ac = (struct admin_call *)job;
    struct mw_buf b = mw_buf_over(err == MW_OK ? malloc(ANSWER_MAX) : NULL, ANSWER_MAX);
    char room[MW_LOGVAL_MAX];
    if (err == MW_OK)
        mw_log(ac->svc->log, MW_LOG_INFO, ac->op->event, "uid=%s sid=%.8s room=%s until_s=%" PRId64 " ended=%zu",
               ac->in.uid[0] ? ac->in.uid : "-", ac->in.sid[0] ? ac->in.sid : "-",
               mw_logval(ac->in.room[0] ? mw_cstr(ac->in.room) : mw_cstr(NULL), room), ac->until_s, ac->ended);
    if (b.ptr) {
        ac->op->answer(ac, &b);
        api_answer_text(ac->call, &b, NULL);
    } else {
        refuse(ac, err == MW_OK ? MW_ENOMEM : err);
    }
    free(ac);
}

static const struct admin_op *op_of(struct mw_str path) {
    size_t i = 0;
    while (i + 1 < sizeof ops / sizeof ops[0] && !mw_str_eq(path, mw_cstr(ops[i].path)))
        i++;
    return &ops[i];
}

static const char *check(const struct admin_call *ac) {
    bool one = !ac->in.sid[0] != !ac->in.uid[0];
    return ac->op->change != revoke || one ? NULL : "Send sid or uid.";
}

void handle_admin(struct service *svc, struct call *call) {
    const char *message = NULL;
    struct admin_call *ac = calloc(1, sizeof *ac);
    enum mw_err err = ac ? MW_OK : MW_ENOMEM;
    if (ac) {
        ac->svc = svc;
        ac->call = call;
        ac->op = op_of(call->req.path);
        ac->job.run = run;
        ac->job.changes_sessions = true;
        ac->job.done = done;
        err = admin_input_read(call->req.body, ac->op->allowed, ac->op->required, &ac->in, &message);
        if (err == MW_OK) message = check(ac);
    }
    if (err == MW_OK && !message && writer_submit(svc->writer, &ac->job) == MW_OK) return;
    free(ac);
    if (err == MW_ENOMEM)
        api_fail(call, API_INTERNAL, NULL);
    else
        api_fail(call, message ? API_BAD_REQUEST : API_BUSY, message);
}
