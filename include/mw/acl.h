/* Who may publish, subscribe and receive: pure decisions over a live session, a topic and the time. Zero means deny. */
#ifndef MW_ACL_H
#define MW_ACL_H

#include "mw/skey.h"
#include "mw/topic.h"

/* Why something was refused; the notice and the log line are made from it. */
enum mw_reason {
    MW_REASON_NONE = 0,
    MW_REASON_EXPIRED,
    MW_REASON_REVOKED,
    MW_REASON_BANNED,
    MW_REASON_FORBIDDEN_TOPIC,
    MW_REASON_FORBIDDEN_ROOM, /* private or group room without a grant */
    MW_REASON_BAD_MESSAGE,
    MW_REASON_MUTED,
    MW_REASON_BANNED_ROOM, /* from one room; MW_REASON_BANNED is from all of them */
    MW_REASON_RATE_LIMITED,
    MW_REASON_TOO_MANY_ROOMS,
    MW_REASON_COUNT
};

const char *mw_reason_text(enum mw_reason reason);

/* Rooms that are not public and that a session may enter. Borrowed. */
struct mw_grants {
    const char (*rooms)[MW_ROOM_MAX + 1];
    size_t count;
};

/* What a decision needs of a session. `ended` is set once the session is over for another cause than its date. */
struct mw_subject {
    struct mw_str uid;
    enum mw_role role;
    enum mw_reason ended; /* MW_REASON_NONE while it lives; EXPIRED, REVOKED or BANNED */
    int64_t exp_s;
    struct mw_grants grants;
};

/* MW_REASON_NONE while the session lives at now_s. */
static inline enum mw_reason mw_subject_over(const struct mw_subject *s, int64_t now_s) {
    if (s->ended != MW_REASON_NONE) return s->ended;
    return now_s < s->exp_s ? MW_REASON_NONE : MW_REASON_EXPIRED;
}

bool mw_may_enter(const struct mw_subject *s, struct mw_str room, enum mw_room_kind kind);

/* Each gives MW_REASON_NONE for "allowed" and the cause else. */
enum mw_reason mw_acl_publish(const struct mw_subject *s, const struct mw_topic *topic, int64_t now_s);
enum mw_reason mw_acl_subscribe(const struct mw_subject *s, const struct mw_topic *filter, int64_t now_s);
/* Once per subscriber and message: no allocation, no system call. A subscription may be older than the session (a
 * persistent one of a former session under the same client id), so the topic is looked at as well. `topic` is one that
 * the broker matched with a subscription. What a service publishes below room/<room>/ is the room's: who may enter
 * hears it, by room/<room>/#. */
enum mw_reason mw_acl_deliver(const struct mw_subject *s, struct mw_str topic, int64_t now_s);

#endif
