#include "access.h"

#include "greet.h"
#include "notify.h"
#include "presence.h"
#include "rights.h"

/* Of one client: each room's chat, number and wildcard, and its own topics. */
#define SUBSCRIPTIONS_PER_ROOM 4

bool access_id_like_ours(struct mw_str id) {
    struct mw_str uid = {id.ptr, MW_UID_LEN}, sid = {id.ptr, MW_SID_LEN};
    return (id.len >= MW_UID_LEN && mw_is_uid(uid) && mw_client_id_fits(id, uid, uid)) ||
           (id.len >= MW_SID_LEN && mw_is_sid(sid) && mw_client_id_fits(id, sid, sid));
}

bool access_named_like_ours(struct mw_str id, struct mw_str username) {
    return (mw_is_uid(username) || mw_is_sid(username)) && access_id_like_ours(id);
}

bool access_restored(const struct mosquitto *ptr) {
    return !host_has_address(ptr) && access_named_like_ours(host_client_id(ptr), host_username(ptr));
}

/* The coarse clock lags by some milliseconds, which counts in a session's last second only. */
int64_t access_now_s(const struct client *c) {
    int64_t coarse_s = host_unix_s();
    return coarse_s + 1 < c->subject.exp_s ? coarse_s : host_unix_ms() / 1000;
}

/* Away: what is queued is asked for again when it is handed out, so only what can never be handed out is refused. */
static enum mw_reason queue_for(const struct plugin *pl, const struct client *c, const char *topic) {
    if (c->subject.ended == MW_REASON_EXPIRED) return MW_REASON_NONE;
    enum mw_reason own = mw_acl_deliver(&c->subject, mw_cstr(topic), c->subject.exp_s - 1);
    struct mw_topic parsed = mw_topic_parse(mw_cstr(topic));
    return rights_enter(pl, c, &parsed, own, host_unix_s()).reason;
}

/* A topic of a room, for a client of which not everything is settled. */
static enum mw_reason deliver_from_room(struct plugin *pl, struct client *c, const struct delivery_check *d,
                                        const struct mw_topic *topic, enum mw_reason own, int64_t now_s) {
    enum mw_reason reason = rights_enter(pl, c, topic, own, now_s).reason;
    if (reason != MW_REASON_NONE) return reason;
    if (c->learning) presence_learn(pl, c, topic);
    if (c->strict && topic->kind == MW_TOPIC_ROOM && rooms_stay(c->stays, topic->name) == NULL)
        return MW_REASON_FORBIDDEN_ROOM;
    if (c->greeting && topic->kind == MW_TOPIC_ROOM && greet_divert(pl, c, topic, d->topic, d->payload, d->qos))
        return MW_REASON_FORBIDDEN_TOPIC;
    return MW_REASON_NONE;
}

static enum mw_reason deliver_to(struct plugin *pl, struct client *c, const struct delivery_check *d) {
    int64_t now_s = access_now_s(c);
    enum mw_reason over = mw_subject_over(&c->subject, now_s);
    if (over != MW_REASON_NONE) return over;
    greet_over(pl, c);
    struct mw_topic topic = mw_topic_parse(mw_cstr(d->topic));
    if (topic.kind == MW_TOPIC_ROOM_ONLINE && d->retain && rooms_distrust(&pl->rooms, topic.name, host_mono_ms()))
        return MW_REASON_FORBIDDEN_TOPIC; /* a number of a former run; the right one follows */
    enum mw_reason own = mw_acl_deliver(&c->subject, mw_cstr(d->topic), now_s);
    if (topic.room == MW_ROOM_INVALID || c->subject.role == MW_ROLE_SERVICE) return own;
    return deliver_from_room(pl, c, d, &topic, own, now_s);
}

enum verdict access_deliver(struct plugin *pl, const struct delivery_check *d) {
    struct client *c = clients_find(&pl->clients, d->ptr);
    if (pl->swallowing) return VERDICT_DENY;
    if (c == NULL) {
        /* Queued for a session that is away. It is asked for again, with the new connection's pointer, when the queue
         * is handed out. */
        return access_restored(d->ptr) ? VERDICT_ALLOW : VERDICT_NOT_OURS;
    }
    enum mw_reason reason = c->connected ? deliver_to(pl, c, d) : queue_for(pl, c, d->topic);
    return reason == MW_REASON_NONE ? VERDICT_ALLOW : VERDICT_DENY;
}

static struct right subscribe(struct plugin *pl, const struct mosquitto *ptr, struct client *c, struct mw_str filter,
                              int qos) {
    struct mw_topic parsed = mw_filter_parse(filter);
    struct stay *stay = NULL;
    bool entered = false;
    int64_t now_s = access_now_s(c);
    struct right right = rights_enter(pl, c, &parsed, mw_acl_subscribe(&c->subject, &parsed, now_s), now_s);
    if (c->learning) presence_learn(pl, c, NULL);
    bool many = host_subscriptions(ptr) >= SUBSCRIPTIONS_PER_ROOM * (int)pl->options.rooms_per_client;
    if (right.reason == MW_REASON_NONE && many && c->subject.role == MW_ROLE_USER)
        right.reason = MW_REASON_TOO_MANY_ROOMS;
    if (right.reason == MW_REASON_NONE) right.reason = presence_enter(pl, c, &parsed, &stay, &entered);
    if (stay) stay->qos = qos;
    if (right.reason == MW_REASON_NONE && entered) greet_enter(pl, c, stay);
    return right;
}

enum verdict access_subscribe(struct plugin *pl, const struct mosquitto *ptr, struct mw_str filter, int qos) {
    /* Asked from inside our own kick, for every subscription of a persistent session: refused ones are removed. */
    if (pl->kicking && pl->kicking == clients_find(&pl->clients, ptr))
        return pl->kicking->subject.ended == MW_REASON_EXPIRED ? VERDICT_ALLOW : VERDICT_DENY;

    struct client *c = clients_get(&pl->clients, ptr);
    if (c == NULL) return VERDICT_NOT_OURS;
    if (!c->connected) return VERDICT_DENY;
    struct right right = subscribe(pl, ptr, c, filter, qos);
    if (right.reason == MW_REASON_NONE) return VERDICT_ALLOW;
    const struct mw_notice notice = {.reason = right.reason, .topic = filter, .until_ms = right.until_s * 1000};
    bool lives = mw_subject_over(&c->subject, access_now_s(c)) == MW_REASON_NONE;
    if (lives && notify_allowed(c)) notify_refusal(c, &notice);
    return VERDICT_DENY;
}

enum verdict access_unsubscribe(struct plugin *pl, const struct mosquitto *ptr, struct mw_str filter) {
    struct client *c = clients_get(&pl->clients, ptr);
    if (c == NULL) return VERDICT_NOT_OURS;
    struct mw_topic parsed = mw_filter_parse(filter);
    presence_unsubscribe(pl, c, &parsed);
    return VERDICT_ALLOW;
}
