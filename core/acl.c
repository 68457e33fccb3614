#include "mw/acl.h"

static const char *const reason_texts[] = {"none",           "expired",     "revoked", "banned",      "forbidden_topic",
                                           "forbidden_room", "bad_message", "muted",   "banned_room", "rate_limited",
                                           "too_many_rooms"};
_Static_assert(sizeof reason_texts / sizeof reason_texts[0] == MW_REASON_COUNT,
               "one text for each mw_reason, in enum order");

const char *mw_reason_text(enum mw_reason reason) {
    if ((unsigned)reason >= MW_REASON_COUNT) return "unknown";
    return reason_texts[reason];
}

/* An unknown role is a user's. */
static bool is_trusted(const struct mw_subject *s) {
    return s->role == MW_ROLE_SERVICE || s->role == MW_ROLE_ADMIN;
}

bool mw_may_enter(const struct mw_subject *s, struct mw_str room, enum mw_room_kind kind) {
    if (kind == MW_ROOM_PUBLIC) return true;
    if (kind != MW_ROOM_PRIVATE && kind != MW_ROOM_GROUP) return false;
    if (is_trusted(s)) return true;
    for (size_t i = 0; i < s->grants.count; i++)
        if (mw_str_eq(room, mw_cstr(s->grants.rooms[i]))) return true;
    return false;
}

static enum mw_reason enter(const struct mw_subject *s, const struct mw_topic *topic) {
    return mw_may_enter(s, topic->name, topic->room) ? MW_REASON_NONE : MW_REASON_FORBIDDEN_ROOM;
}

static enum mw_reason own_only(const struct mw_subject *s, const struct mw_topic *topic) {
    return mw_str_eq(topic->name, s->uid) ? MW_REASON_NONE : MW_REASON_FORBIDDEN_TOPIC;
}

enum mw_reason mw_acl_publish(const struct mw_subject *s, const struct mw_topic *topic, int64_t now_s) {
    const enum mw_reason over = mw_subject_over(s, now_s);
    if (over != MW_REASON_NONE) return over;

    switch (topic->kind) {
    case MW_TOPIC_ROOM:
    case MW_TOPIC_ROOM_HISTORY:
        return enter(s, topic);
    case MW_TOPIC_USER:
        return MW_REASON_NONE;
    case MW_TOPIC_OTHER:
        return is_trusted(s) ? MW_REASON_NONE : MW_REASON_FORBIDDEN_TOPIC;
    case MW_TOPIC_ROOM_ONLINE: /* the plugin alone speaks here: not even a service may pretend to be it */
    case MW_TOPIC_USER_NOTICE:
    case MW_TOPIC_ROOM_ALL: /* no topic name */
        break;
    }
    return MW_REASON_FORBIDDEN_TOPIC;
}

enum mw_reason mw_acl_subscribe(const struct mw_subject *s, const struct mw_topic *filter, int64_t now_s) {
    const enum mw_reason over = mw_subject_over(s, now_s);
    if (over != MW_REASON_NONE) return over;
    if (is_trusted(s)) return MW_REASON_NONE;

    switch (filter->kind) {
    case MW_TOPIC_ROOM:
    case MW_TOPIC_ROOM_ONLINE:
    case MW_TOPIC_ROOM_ALL:
        return enter(s, filter);
    case MW_TOPIC_USER:
    case MW_TOPIC_USER_NOTICE:
        return own_only(s, filter);
    case MW_TOPIC_ROOM_HISTORY: /* its answers come on the room itself */
    case MW_TOPIC_OTHER:
        break;
    }
    return MW_REASON_FORBIDDEN_TOPIC;
}

static bool is_at_or_below(struct mw_str path, struct mw_str name) {
    return name.len > 0 && mw_str_starts(path, name) && (path.len == name.len || path.ptr[name.len] == '/');
}

/* All but a public room. Not inlined: a public room's delivery would pay for the registers. */
__attribute__((noinline)) static enum mw_reason deliver_by_name(const struct mw_subject *s, struct mw_str topic) {
    const struct mw_str path = mw_str_skip(topic, sizeof "room/" - 1);
    if (mw_str_starts(topic, MW_STR("user/")))
        return is_at_or_below(path, s->uid) ? MW_REASON_NONE : MW_REASON_FORBIDDEN_TOPIC;
    if (!mw_str_starts(topic, MW_STR("room/"))) return MW_REASON_FORBIDDEN_TOPIC;
    for (size_t i = 0; i < s->grants.count; i++)
        if (is_at_or_below(path, mw_cstr(s->grants.rooms[i]))) return MW_REASON_NONE;
    return MW_REASON_FORBIDDEN_ROOM;
}

enum mw_reason mw_acl_deliver(const struct mw_subject *s, struct mw_str topic, int64_t now_s) {
    static const char room[] = "room/";
    const size_t at = sizeof room - 1;
    const enum mw_reason over = mw_subject_over(s, now_s);
    if (over != MW_REASON_NONE) return over;
    if (is_trusted(s)) return MW_REASON_NONE;

    /* Nearly every message is one in a public room, and no sigil settles that. The name needs no check: the broker
     * matched it with a filter that passed mw_acl_subscribe(), and a scan of it would cost more than all the rest. */
    if (topic.ptr && topic.len > at && memcmp(topic.ptr, room, at) == 0 && topic.ptr[at] != '~' && topic.ptr[at] != '@')
        return MW_REASON_NONE;
    return deliver_by_name(s, topic);
}
