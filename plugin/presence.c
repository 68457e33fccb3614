#include "presence.h"

#include "rights.h"

#include <stdio.h>
#include <stdlib.h>

/* Numbers told in one tick; those of more rooms follow in the next. */
#define TOLD_AT_ONCE 200

static enum stay_by way_of(const struct mw_topic *filter) {
    return filter->kind == MW_TOPIC_ROOM_ALL ? STAY_BY_WILDCARD : STAY_BY_NAME;
}

static bool is_counted(const struct client *c) {
    return c->subject.role != MW_ROLE_SERVICE;
}

enum mw_reason presence_enter(struct plugin *pl, struct client *c, const struct mw_topic *filter, struct stay **out,
                              bool *entered) {
    *out = NULL;
    *entered = false;
    if (filter->kind != MW_TOPIC_ROOM && filter->kind != MW_TOPIC_ROOM_ALL) return MW_REASON_NONE;
    if (!is_counted(c)) return MW_REASON_NONE;
    if (rooms_stay(c->stays, filter->name) == NULL &&
        rooms_stay_count(c->stays) >= (size_t)pl->options.rooms_per_client)
        return MW_REASON_TOO_MANY_ROOMS;
    if (rooms_stay(c->stays, filter->name) == NULL && !rights_take_entry(pl, c)) return MW_REASON_RATE_LIMITED;
    if (rooms_enter(&pl->rooms, &c->stays, filter->name, mw_cstr(c->uid), way_of(filter), host_mono_ms(), out,
                    entered) != MW_OK)
        return MW_REASON_TOO_MANY_ROOMS; /* no memory for one more */
    return MW_REASON_NONE;
}

void presence_unsubscribe(struct plugin *pl, struct client *c, const struct mw_topic *filter) {
    if (filter->kind == MW_TOPIC_ROOM || filter->kind == MW_TOPIC_ROOM_ALL)
        rooms_leave(&pl->rooms, &c->stays, filter->name, way_of(filter), host_mono_ms());
}

static void forget_kept(struct client *c) {
    free(c->kept);
    c->kept = NULL;
    c->kept_count = 0;
}

/* Without memory the rooms are learned anew from their deliveries. */
static void keep_rooms(struct client *c) {
    size_t count = rooms_stay_count(c->stays);
    forget_kept(c);
    if (count == 0) return;
    c->kept = calloc(count, sizeof *c->kept);
    if (c->kept == NULL) return;
    for (const struct stay *s = c->stays; s && c->kept_count < count; s = s->next) {
        struct kept_room *kept = &c->kept[c->kept_count];
        if (!mw_str_copy(kept->name, sizeof kept->name, rooms_name(s->room))) continue;
        kept->by = s->by;
        c->kept_count++;
    }
}

void presence_gone(struct plugin *pl, struct client *c, bool said_goodbye) {
    if (c->stays == NULL) return; /* never in a room, or gone already: what was kept stays */
    keep_rooms(c);
    rooms_end_all(&pl->rooms, &c->stays, said_goodbye ? LEAVE_NOW : LEAVE_WITH_GRACE, host_mono_ms());
}

void presence_end(struct plugin *pl, struct client *c) {
    if (c->stays) keep_rooms(c);
    rooms_end_all(&pl->rooms, &c->stays, LEAVE_NOW, host_mono_ms());
    for (size_t i = 0; i < c->kept_count; i++) /* its connection was lost before */
        rooms_end_grace(&pl->rooms, mw_cstr(c->kept[i].name), mw_cstr(c->uid), host_mono_ms());
}

static void make_strict(struct client *c) {
    c->strict = true;
    c->learning = false;
    clients_settle(c);
}

void presence_expel(struct plugin *pl, struct client *c, struct mw_str room) {
    struct stay *stay = rooms_stay(c->stays, room);
    if (stay) rooms_end_stay(&pl->rooms, &c->stays, stay, LEAVE_NOW, host_mono_ms());
    rooms_end_grace(&pl->rooms, room, mw_cstr(c->uid), host_mono_ms());
    for (size_t i = 0; i < c->kept_count; i++)
        if (mw_str_eq(mw_cstr(c->kept[i].name), room)) c->kept[i] = c->kept[--c->kept_count];
    make_strict(c);
}

static void resume_room(struct plugin *pl, struct client *c, const struct kept_room *kept) {
    static const enum stay_by ways[] = {STAY_BY_NAME, STAY_BY_WILDCARD};
    struct mw_str name = mw_cstr(kept->name);
    const struct mw_topic topic = {MW_TOPIC_ROOM, name, mw_room_kind(name)};
    int64_t now_s = host_unix_ms() / 1000;
    enum mw_reason own = mw_may_enter(&c->subject, name, topic.room) ? MW_REASON_NONE : MW_REASON_FORBIDDEN_ROOM;
    if (rights_enter(pl, c, &topic, own, now_s).reason != MW_REASON_NONE) {
        make_strict(c); /* the broker goes on delivering to the old subscription */
        return;
    }
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct stay *stay = NULL;
        bool entered = false;
        if ((kept->by & (unsigned)ways[i]) && rooms_enter(&pl->rooms, &c->stays, name, mw_cstr(c->uid), ways[i],
                                                          host_mono_ms(), &stay, &entered) != MW_OK)
            c->learning = true;
    }
}

void presence_take_over(struct plugin *pl, struct client *former, struct client *c, bool resumes) {
    bool expelled = former && (former->subject.ended == MW_REASON_REVOKED || former->subject.ended == MW_REASON_BANNED);
    if (resumes && expelled) {
        c->strict = true; /* the subscriptions of a session that was ended so are to go, and the broker keeps them */
    } else if (resumes && former) {
        if (former->stays) keep_rooms(former);
        c->strict = former->strict;
        c->learning = former->learning;
        for (size_t i = 0; i < former->kept_count; i++)
            resume_room(pl, c, &former->kept[i]);
    } else {
        c->learning = resumes;
    }
    if (former) {
        forget_kept(former);
        rooms_end_all(&pl->rooms, &former->stays, LEAVE_WITH_GRACE, host_mono_ms());
    }
    if (!is_counted(c)) c->learning = c->strict = false;
    clients_settle(c);
}

void presence_restore(struct plugin *pl, struct client *c) {
    if (!c->connected || c->stays) return;
    for (size_t i = 0; i < c->kept_count; i++)
        resume_room(pl, c, &c->kept[i]);
    forget_kept(c);
}

void presence_learn(struct plugin *pl, struct client *c, const struct mw_topic *topic) {
    struct stay *stay = NULL;
    bool entered = false;
    if (host_subscriptions(c->ptr) == 0) { /* the session was a new one after all */
        c->learning = false;
        clients_settle(c);
        return;
    }
    if (topic == NULL || topic->kind != MW_TOPIC_ROOM || rooms_stay(c->stays, topic->name)) return;
    (void)presence_enter(pl, c, topic, &stay, &entered);
}

static void tell_number(void *ctx, struct mw_str room, uint32_t people) {
    char topic[sizeof("room//online") + MW_ROOM_MAX], text[96];
    struct mw_buf b = mw_buf_over(topic, sizeof topic);
    (void)ctx;
    mw_buf_put(&b, MW_STR("room/"));
    mw_buf_put(&b, room);
    mw_buf_put(&b, MW_STR("/online"));
    const char *name = mw_buf_cstr(&b);
    int len = snprintf(text, sizeof text, "{\"type\":\"system\",\"num\":%u,\"time\":%lld}", people,
                       (long long)host_unix_ms());
    if (name && len > 0) (void)host_publish(NULL, name, mw_bytes(text, (size_t)len), 0, true);
}

void presence_tick(struct plugin *pl) {
    const struct rooms_sink sink = {tell_number, pl};
    rooms_tick(&pl->rooms, &sink, TOLD_AT_ONCE, host_mono_ms());
}
