#include "rights.h"

#define ENTRIES_PER_S 2

static const struct mw_str everywhere = {"", 0};

static const struct fact *fact_on(const struct plugin *pl, enum fact_kind kind, const struct client *c,
                                  struct mw_str room, int64_t now_s) {
    const struct fact *f = ledger_find(&pl->ledger, kind, mw_cstr(c->uid), room, now_s);
    return f && f->on ? f : NULL;
}

static bool has_room(const struct mw_topic *topic) {
    return topic->room != MW_ROOM_INVALID;
}

struct right rights_enter(const struct plugin *pl, const struct client *c, const struct mw_topic *topic,
                          enum mw_reason own, int64_t now_s) {
    bool asked = own == MW_REASON_NONE || own == MW_REASON_FORBIDDEN_ROOM;
    if (!asked || !has_room(topic)) return (struct right){own, 0};

    const struct fact *ban = fact_on(pl, FACT_BAN, c, topic->name, now_s);
    if (ban) return (struct right){MW_REASON_BANNED_ROOM, ban->until_s};
    if (topic->room == MW_ROOM_PUBLIC || c->subject.role != MW_ROLE_USER) return (struct right){own, 0};
    /* The log is younger than the claims of an skey: taken back counts more than granted there. */
    const struct fact *grant = ledger_find(&pl->ledger, FACT_GRANT, mw_cstr(c->uid), topic->name, now_s);
    if (grant) own = grant->on ? MW_REASON_NONE : MW_REASON_FORBIDDEN_ROOM;
    return (struct right){own, 0};
}

struct right rights_speak(const struct plugin *pl, const struct client *c, const struct mw_topic *topic,
                          enum mw_reason own, int64_t now_s) {
    struct right right = rights_enter(pl, c, topic, own, now_s);
    bool chat = topic->kind == MW_TOPIC_ROOM || topic->kind == MW_TOPIC_USER;
    if (right.reason != MW_REASON_NONE || !chat) return right;
    const struct fact *mute = fact_on(pl, FACT_MUTE, c, everywhere, now_s);
    if (mute == NULL && has_room(topic)) mute = fact_on(pl, FACT_MUTE, c, topic->name, now_s);
    return mute ? (struct right){MW_REASON_MUTED, mute->until_s} : right;
}

bool rights_take(const struct plugin *pl, struct client *c, int64_t *wait_ms) {
    if (c->subject.role != MW_ROLE_USER || c->session == NULL) return true;
    return mw_bucket_take(&c->session->messages, (uint32_t)pl->options.message_rate,
                          (uint32_t)pl->options.message_burst, host_mono_ms(), wait_ms);
}

bool rights_take_entry(const struct plugin *pl, struct client *c) {
    if (c->subject.role != MW_ROLE_USER || c->session == NULL) return true;
    uint32_t burst = 2 * (uint32_t)pl->options.rooms_per_client;
    return mw_bucket_take(&c->session->entries, ENTRIES_PER_S, burst, host_mono_ms(), NULL);
}
