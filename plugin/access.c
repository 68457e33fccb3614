#include "access.h"

#include "notify.h"
#include "stamp.h"

/* The form of our client ids and user names, for clients that the table does not know. */
static bool named_like_ours(struct mw_str id, struct mw_str username) {
    if (!mw_is_uid(username) && !mw_is_sid(username)) return false;
    struct mw_str uid = {id.ptr, MW_UID_LEN}, sid = {id.ptr, MW_SID_LEN};
    return (id.len >= MW_UID_LEN && mw_is_uid(uid) && mw_client_id_fits(id, uid, uid)) ||
           (id.len >= MW_SID_LEN && mw_is_sid(sid) && mw_client_id_fits(id, sid, sid));
}

/* A session restored from the broker's disk: it has a name, but neither an entry nor a connection. */
static bool restored(const struct mosquitto *ptr) {
    return !host_has_address(ptr) && named_like_ours(host_client_id(ptr), host_username(ptr));
}

/* The coarse clock lags by some milliseconds, which counts in a session's last second only. */
static int64_t now_s_for(const struct client *c) {
    int64_t coarse_s = host_unix_s();
    return coarse_s + 1 < c->subject.exp_s ? coarse_s : host_unix_ms() / 1000;
}

enum verdict access_deliver(struct plugin *pl, const struct mosquitto *ptr, const char *topic) {
    struct client *c = clients_find(&pl->clients, ptr);
    if (c == NULL) {
        /* Queued for a session that is away. It is asked for again, with the new connection's pointer, when the queue
         * is handed out. */
        return restored(ptr) ? VERDICT_ALLOW : VERDICT_NOT_OURS;
    }
    enum mw_reason reason;
    if (c->connected)
        reason = mw_acl_deliver(&c->subject, mw_cstr(topic), now_s_for(c));
    else if (c->subject.ended == MW_REASON_EXPIRED) /* away, and its queue goes on filling */
        reason = MW_REASON_NONE;
    else
        reason = mw_acl_deliver(&c->subject, mw_cstr(topic), 0); /* no date: the same holds */
    return reason == MW_REASON_NONE ? VERDICT_ALLOW : VERDICT_DENY;
}

/* Payloads of chat topics. */
static enum mw_reason judge_payload(const struct plugin *pl, const struct client *c, const struct publish *p,
                                    const struct mw_topic *topic, struct admitted *out, struct mw_m1 *m1,
                                    const char **why) {
    enum mw_err err = mw_m1_check(p->payload, &pl->rules, m1, why);
    if (err == MW_OK && m1->type == MW_M1_RECALL) {
        *why = "messages can not be recalled on this server";
        return MW_REASON_BAD_MESSAGE;
    }
    if (err == MW_OK) {
        out->first_member = m1->first_member;
        return MW_REASON_NONE;
    }
    if (c->subject.role == MW_ROLE_USER) return MW_REASON_BAD_MESSAGE;
    const char *not_m2 = NULL;
    out->finished = mw_m2_check(p->payload, topic, pl->rules.max_bytes, &not_m2) == MW_OK;
    return out->finished ? MW_REASON_NONE : MW_REASON_BAD_MESSAGE;
}

enum mw_reason access_judge(const struct plugin *pl, const struct client *c, const struct publish *p, int64_t now_s,
                            struct admitted *out, struct mw_m1 *m1, const char **why) {
    struct admitted found = {.ptr = p->ptr, .payload = p->payload.ptr, .len = p->payload.len};
    struct mw_topic topic = mw_topic_parse(p->topic);
    enum mw_reason reason = mw_acl_publish(&c->subject, &topic, now_s);
    *why = NULL;
    if (topic.kind == MW_TOPIC_ROOM_HISTORY && reason == MW_REASON_NONE) {
        *why = "this server keeps no history";
        reason = MW_REASON_FORBIDDEN_TOPIC;
    }
    if (topic.kind == MW_TOPIC_ROOM || topic.kind == MW_TOPIC_USER) {
        if (reason == MW_REASON_NONE) reason = judge_payload(pl, c, p, &topic, &found, m1, why);
    } else {
        found.finished = true;
    }
    if (reason == MW_REASON_NONE) *out = found;
    return reason;
}

/* What the sender is told of a refusal. The end of a session is told by its own notice. */
static void tell_refusal(const struct plugin *pl, struct client *c, const struct publish *p, enum mw_reason reason,
                         struct mw_m1 *m1, const char *why) {
    if (mw_subject_over(&c->subject, now_s_for(c)) != MW_REASON_NONE || !notify_allowed(c)) return;
    if (reason != MW_REASON_BAD_MESSAGE) { /* the payload was not looked at yet: its ref is worth the look */
        const char *ignored = NULL;
        if (mw_m1_check(p->payload, &pl->rules, m1, &ignored) != MW_OK) ignored = NULL;
    }
    notify_refusal(c, reason, p->topic, mw_cstr(m1->ref), mw_cstr(why));
}

/* A will comes after its client has gone, or when another takes its place, or when the broker stops: never between two
 * messages of a client that stays. */
static bool is_will(const struct client *c) {
    return !c->connected || c->superseded || host_stopping();
}

/* Wills bypass MESSAGE, so the stamped message is published here, and the raw one refused. */
static void hear_will(struct plugin *pl, struct client *c, const struct publish *p) {
    struct admitted found;
    struct mw_m1 m1 = {0};
    const char *why = NULL;
    if (c->will_heard || host_stopping()) return; /* a stopping broker delivers nothing more of ours */
    c->will_heard = true;
    enum mw_reason ended = c->subject.ended;
    if (ended != MW_REASON_NONE && ended != MW_REASON_EXPIRED) return;
    /* An expired session's will is still its own: judged as of its last second. */
    c->subject.ended = MW_REASON_NONE;
    enum mw_reason reason = access_judge(pl, c, p, 0, &found, &m1, &why);
    c->subject.ended = ended;
    if (reason != MW_REASON_NONE) {
        char id[MW_LOGVAL_MAX];
        mw_log(&pl->log, MW_LOG_INFO, "will.refused", "client=%s reason=\"%s\"", mw_logval(mw_cstr(c->id), id),
               why ? why : mw_reason_text(reason));
        return;
    }
    stamp_publish(pl, c, p, &found);
}

/* Without an entry. The broker's check_retain_source asks with a fake client that has the id and name of whoever
 * published a retained message: for our services the answer is theirs. */
static enum verdict publish_unknown(const struct plugin *pl, const struct publish *p) {
    struct mw_str id = host_client_id(p->ptr), username = host_username(p->ptr);
    if (host_has_address(p->ptr)) return VERDICT_NOT_OURS;
    const struct client *c = clients_holder(&pl->clients, id);
    if (c && c->subject.role != MW_ROLE_USER && mw_username_fits(username, mw_cstr(c->uid), mw_cstr(c->sid)))
        return VERDICT_ALLOW;
    return named_like_ours(id, username) ? VERDICT_DENY : VERDICT_NOT_OURS;
}

enum verdict access_publish(struct plugin *pl, const struct publish *p) {
    struct mw_m1 m1 = {0};
    const char *why = NULL;
    pl->admitted = (struct admitted){0};
    pl->stamped = NULL;
    struct client *c = clients_get(&pl->clients, p->ptr);
    if (c == NULL) return publish_unknown(pl, p);
    if (is_will(c)) {
        hear_will(pl, c, p);
        return VERDICT_DENY;
    }
    enum mw_reason reason = access_judge(pl, c, p, now_s_for(c), &pl->admitted, &m1, &why);
    if (reason == MW_REASON_NONE) return VERDICT_ALLOW;
    tell_refusal(pl, c, p, reason, &m1, why);
    return VERDICT_DENY;
}

enum verdict access_subscribe(struct plugin *pl, const struct mosquitto *ptr, struct mw_str filter) {
    /* Asked from inside our own kick, for every subscription of a persistent session: refused ones are removed. */
    if (pl->kicking && pl->kicking == clients_find(&pl->clients, ptr))
        return pl->kicking->subject.ended == MW_REASON_EXPIRED ? VERDICT_ALLOW : VERDICT_DENY;

    struct client *c = clients_get(&pl->clients, ptr);
    if (c == NULL) return VERDICT_NOT_OURS;
    if (!c->connected) return VERDICT_DENY;
    struct mw_topic parsed = mw_filter_parse(filter);
    enum mw_reason reason = mw_acl_subscribe(&c->subject, &parsed, now_s_for(c));
    if (reason == MW_REASON_NONE) return VERDICT_ALLOW;
    bool lives = mw_subject_over(&c->subject, now_s_for(c)) == MW_REASON_NONE;
    if (lives && notify_allowed(c)) notify_refusal(c, reason, filter, mw_cstr(NULL), mw_cstr(NULL));
    return VERDICT_DENY;
}

enum verdict access_unsubscribe(struct plugin *pl, const struct mosquitto *ptr) {
    return clients_get(&pl->clients, ptr) ? VERDICT_ALLOW : VERDICT_NOT_OURS;
}
