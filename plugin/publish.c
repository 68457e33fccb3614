#include "publish.h"

#include "access.h"
#include "greet.h"
#include "notify.h"
#include "rights.h"
#include "stamp.h"

#include "mw/parse.h"

/* The sender within the window, an admin at any time. */
static const char *judge_recall(const struct plugin *pl, const struct client *c, const struct mw_topic *topic,
                                struct judgement *j) {
    struct past message;
    uint64_t id = 0;
    if (topic->kind != MW_TOPIC_ROOM) return "only messages in rooms can be taken back";
    if (mw_parse_u64(mw_cstr(j->m1.of), INT64_MAX, &id) != MW_OK) return "of must be a message id in a string";
    j->admitted.recall_of = (int64_t)id;
    if (c->subject.role == MW_ROLE_ADMIN) return NULL;
    if (!history_find(&pl->history, topic->name, (int64_t)id, &message)) return "there is no such message any more";
    if (!mw_str_eq(mw_cstr(message.uid), mw_cstr(c->uid))) return "only its sender can take a message back";
    if (host_unix_ms() - message.time_ms > pl->options.recall_window * 1000) return "it is too late to take it back";
    return NULL;
}

static void judge_chat(const struct plugin *pl, const struct client *c, const struct publish *p,
                       const struct mw_topic *topic, struct judgement *j) {
    enum mw_err err = mw_m1_check(p->payload, &pl->rules, &j->m1, &j->why);
    const char *fault = j->why;
    if (err == MW_OK) {
        j->why = NULL;
        j->admitted.first_member = j->m1.first_member;
        j->admitted.kept = topic->kind == MW_TOPIC_ROOM && !j->m1.transient;
        fault = j->m1.type == MW_M1_RECALL ? judge_recall(pl, c, topic, j) : NULL;
    } else if (c->subject.role != MW_ROLE_USER) {
        const char *not_m2 = NULL;
        j->admitted.finished = mw_m2_check(p->payload, topic, pl->rules.max_bytes, &not_m2) == MW_OK;
        j->admitted.kept = j->admitted.finished && topic->kind == MW_TOPIC_ROOM;
        if (j->admitted.finished) fault = NULL;
    }
    j->why = fault;
    if (fault) j->reason = MW_REASON_BAD_MESSAGE;
}

void publish_judge(const struct plugin *pl, const struct client *c, const struct publish *p, int64_t alive_s,
                   int64_t now_s, struct judgement *out) {
    struct judgement j = {.admitted = {.ptr = p->ptr, .payload = p->payload.ptr, .len = p->payload.len}};
    struct mw_topic topic = mw_topic_parse(p->topic);
    struct right right = rights_speak(pl, c, &topic, mw_acl_publish(&c->subject, &topic, alive_s), now_s);
    j.reason = right.reason;
    j.until_ms = right.until_s * 1000;
    j.admitted.chat = topic.kind == MW_TOPIC_ROOM || topic.kind == MW_TOPIC_USER;
    j.admitted.request = topic.kind == MW_TOPIC_ROOM_HISTORY;
    j.admitted.finished = !j.admitted.chat;
    if (j.reason == MW_REASON_NONE && j.admitted.chat) judge_chat(pl, c, p, &topic, &j);
    *out = j;
}

/* What the sender is told of a refusal. The end of a session is told by its own notice. */
static void tell_refusal(const struct plugin *pl, struct client *c, const struct publish *p, struct judgement *j,
                         int64_t now_s) {
    const char *ignored = NULL;
    if (mw_subject_over(&c->subject, now_s) != MW_REASON_NONE || !notify_allowed(c)) return;
    if (j->m1.ref[0] == '\0' && j->admitted.chat) /* not looked at yet: its ref is worth the look */
        (void)(mw_m1_check(p->payload, &pl->rules, &j->m1, &ignored) == MW_OK);
    const struct mw_notice notice = {.reason = j->reason,
                                     .topic = p->topic,
                                     .ref = mw_cstr(j->m1.ref),
                                     .until_ms = j->until_ms,
                                     .message = mw_cstr(j->why)};
    notify_refusal(c, &notice);
}

/* A will comes after its client has gone, or when another takes its place, or when the broker stops: never between two
 * messages of a client that stays. */
static bool is_will(const struct client *c) {
    return !c->connected || c->superseded || host_stopping();
}

/* Wills bypass MESSAGE, so the stamped message is published here, and the raw one refused. True: it goes out as it is.
 */
static bool hear_will(struct plugin *pl, struct client *c, const struct publish *p) {
    struct judgement j;
    enum mw_reason ended = c->subject.ended;
    if (c->will_heard || host_stopping()) return false; /* a stopping broker delivers nothing more of ours */
    c->will_heard = true;
    if (ended != MW_REASON_NONE && ended != MW_REASON_EXPIRED) return false;
    /* An expired session's will is still its own: judged as of its last second. */
    c->subject.ended = MW_REASON_NONE;
    int64_t now_s = host_unix_ms() / 1000, last_s = c->subject.exp_s - 1;
    publish_judge(pl, c, p, now_s < last_s ? now_s : last_s, now_s, &j);
    c->subject.ended = ended;
    if (j.reason == MW_REASON_NONE && j.admitted.finished && !j.admitted.request) return true; /* a service's own */
    if (j.reason == MW_REASON_NONE && j.admitted.chat && rights_take(pl, c, NULL)) {
        stamp_publish(pl, c, p, &j.admitted);
        return false;
    }
    char id[MW_LOGVAL_MAX];
    mw_log(&pl->log, MW_LOG_INFO, "will.refused", "client=%s reason=\"%s\"", mw_logval(mw_cstr(c->id), id),
           j.why ? j.why : mw_reason_text(j.reason != MW_REASON_NONE ? j.reason : MW_REASON_RATE_LIMITED));
    return false;
}

/* Without an entry. The broker's check_retain_source asks with a fake client that has the id and name of whoever
 * published a retained message: for our services the answer is theirs. */
static enum verdict check_unknown(const struct plugin *pl, const struct publish *p) {
    struct mw_str id = host_client_id(p->ptr), username = host_username(p->ptr);
    if (host_has_address(p->ptr)) return VERDICT_NOT_OURS;
    const struct client *c = clients_holder(&pl->clients, id);
    if (c && c->subject.role != MW_ROLE_USER && mw_username_fits(username, mw_cstr(c->uid), mw_cstr(c->sid)))
        return VERDICT_ALLOW;
    return access_named_like_ours(id, username) ? VERDICT_DENY : VERDICT_NOT_OURS;
}

/* The rate comes before the payload is read: a flood must not cost more than it has to. */
static bool within_rate(struct plugin *pl, struct client *c, const struct publish *p, int64_t now_s) {
    int64_t wait_ms = 0;
    if (rights_take(pl, c, &wait_ms)) return true;
    struct judgement j = {.reason = MW_REASON_RATE_LIMITED, .until_ms = host_unix_ms() + wait_ms};
    j.admitted.chat = true;
    tell_refusal(pl, c, p, &j, now_s);
    return false;
}

enum verdict publish_check(struct plugin *pl, const struct publish *p) {
    struct judgement j;
    pl->admitted = (struct admitted){0};
    pl->stamped = NULL;
    struct client *c = clients_get(&pl->clients, p->ptr);
    if (c == NULL) return check_unknown(pl, p);
    if (is_will(c)) return hear_will(pl, c, p) ? VERDICT_ALLOW : VERDICT_DENY;
    int64_t now_s = access_now_s(c);
    if (!within_rate(pl, c, p, now_s)) return VERDICT_DENY;
    publish_judge(pl, c, p, now_s, now_s, &j);
    if (j.reason == MW_REASON_NONE && j.admitted.request) {
        j.why = p->qos > 1 ? "a request takes QoS 0 or 1" : NULL;
        if (j.why == NULL) j.why = greet_answer(pl, c, mw_topic_parse(p->topic).name, p->payload);
        if (j.why) j.reason = MW_REASON_BAD_MESSAGE;
    }
    if (j.reason != MW_REASON_NONE) {
        tell_refusal(pl, c, p, &j, now_s);
        return VERDICT_DENY;
    }
    pl->admitted = j.admitted;
    return VERDICT_ALLOW;
}
