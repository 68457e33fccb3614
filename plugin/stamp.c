#include "stamp.h"

#include "mw/clock.h"
#include "mw/json.h"
#include "mw/parse.h"

#include <cjson/cJSON.h>

#define AHEAD_MS 60000 /* other brokers' clocks */

/* The stamped message, in memory that the broker may free. */
struct stamped {
    char *text; /* NULL: no memory */
    size_t len;
    int64_t id, time_ms;
};

static struct stamped stamp(struct plugin *pl, const struct client *c, const struct publish *p,
                            const struct mw_topic *topic, const struct admitted *found) {
    struct stamped s = {.time_ms = host_unix_ms()};
    size_t cap = mw_m2_size_max(c->from_len, p->payload.len);
    s.text = host_malloc(cap);
    if (s.text == NULL) return s;
    s.id = mw_msgid_next(&pl->ids, s.time_ms);
    s.len = mw_m2_write(s.text, cap, s.id, s.time_ms, topic, (struct mw_str){c->from, c->from_len}, p->payload,
                        found->first_member);
    if (s.len > 0 && s.len <= UINT32_MAX) return s;
    host_free(s.text);
    s.text = NULL;
    return s;
}

/* Takes back what is taken back, and keeps what is said. */
static void remember(struct plugin *pl, struct mw_str room, const struct past *message, const struct admitted *found) {
    if (pl->options.history == 0) return;
    if (found->recall_of) {
        (void)history_remove(&pl->history, room, found->recall_of);
        if (pl->archive) archive_remove(pl->archive, room, found->recall_of);
    }
    if (!found->kept || history_add(&pl->history, room, message) != MW_OK) return;
    if (pl->archive) archive_put(pl->archive, room, message);
}

static void remember_stamped(struct plugin *pl, const struct client *c, const struct mw_topic *topic,
                             const struct stamped *s, const struct admitted *found) {
    struct past message = {.id = s->id, .time_ms = s->time_ms, .m2 = mw_bytes(s->text, s->len)};
    memcpy(message.uid, c->uid, sizeof message.uid);
    if (topic->kind == MW_TOPIC_ROOM) remember(pl, topic->name, &message, found);
}

/* A service's own m2, which passed its check. */
static void remember_finished(struct plugin *pl, const struct mw_topic *topic, struct mw_str m2,
                              const struct admitted *found) {
    struct cJSON *object = NULL;
    uint64_t id = 0;
    struct past message = {.m2 = m2};
    if (pl->options.history == 0 || mw_json_parse_object(m2, &object, NULL) != MW_OK) return;
    const struct cJSON *from = cJSON_GetObjectItemCaseSensitive(object, "from");
    if (mw_parse_u64(mw_json_string(object, "id"), INT64_MAX, &id) == MW_OK &&
        mw_json_int(object, "time", 0, INT64_C(1) << 52, &message.time_ms) &&
        mw_str_copy(message.uid, sizeof message.uid, mw_json_string(from, "uid"))) {
        message.id = (int64_t)id;
        /* An id from far ahead would keep everything that is said later out of the room's history. */
        if (mw_msgid_unix_ms(message.id) <= mw_add_sat(host_unix_ms(), AHEAD_MS)) {
            mw_msgid_after(&pl->ids, message.id); /* so that what is said here comes after it */
            remember(pl, topic->name, &message, found);
        }
    }
    cJSON_Delete(object);
}

void stamp_publish(struct plugin *pl, const struct client *c, const struct publish *p, const struct admitted *found) {
    char name[sizeof("room/") + MW_ROOM_MAX];
    struct mw_topic topic = mw_topic_parse(p->topic);
    if (found->finished || !mw_str_copy(name, sizeof name, p->topic)) return;
    struct stamped s = stamp(pl, c, p, &topic, found);
    if (s.text == NULL) return;
    remember_stamped(pl, c, &topic, &s, found);
    (void)host_publish(NULL, name, mw_bytes(s.text, s.len), p->qos, false);
    host_free(s.text);
}

/* ACL_CHECK comes right before, with the same bytes. Should a broker ever do it otherwise, judge again rather than
 * trust. */
static bool still_admitted(const struct plugin *pl, const struct client *c, const struct publish *p,
                           struct admitted *found) {
    if (found->ptr == p->ptr && found->payload == p->payload.ptr && found->len == p->payload.len) return true;
    struct judgement j;
    publish_judge(pl, c, p, host_unix_ms() / 1000, host_unix_ms() / 1000, &j);
    *found = j.admitted;
    return j.reason == MW_REASON_NONE && !j.admitted.request;
}

/* Nobody gets it, and yet it is not refused: MQTT 5 would tell the sender so. Bridges do not ask who may read, so what
 * goes out there is empty. */
static void swallow(struct plugin *pl, struct mosquitto_evt_message *ev) {
    pl->swallowing = true;
    pl->tick_s = INT64_MAX;
    ev->payload = NULL; /* the broker frees the old one */
    ev->payloadlen = 0;
}

enum verdict stamp_message(struct plugin *pl, struct mosquitto_evt_message *ev) {
    const struct publish p = {.ptr = ev->client,
                              .topic = mw_cstr(ev->topic),
                              .payload = mw_bytes(ev->payload, ev->payloadlen),
                              .qos = ev->qos};
    struct admitted found = pl->admitted;
    pl->admitted = (struct admitted){0};
    struct client *c = clients_get(&pl->clients, p.ptr);
    if (c == NULL) return VERDICT_NOT_OURS;
    if (pl->stamped && pl->stamped == ev->payload) return VERDICT_ALLOW; /* 2.1, with the plugin in the list twice */
    if (!still_admitted(pl, c, &p, &found)) return VERDICT_DENY;
    if (c->subject.role == MW_ROLE_USER || found.request) ev->retain = false;
    if (found.request) {
        swallow(pl, ev);
        return VERDICT_ALLOW;
    }
    struct mw_topic topic = mw_topic_parse(p.topic);
    if (found.finished) {
        if (found.kept) remember_finished(pl, &topic, p.payload, &found);
        pl->stamped = ev->payload;
        return VERDICT_ALLOW;
    }
    struct stamped s = stamp(pl, c, &p, &topic, &found);
    if (s.text == NULL) return VERDICT_DENY;
    remember_stamped(pl, c, &topic, &s, &found);
    pl->stamped = s.text;
    ev->payload = s.text; /* the broker frees the old one, and ours later */
    ev->payloadlen = (uint32_t)s.len;
    return VERDICT_ALLOW;
}
