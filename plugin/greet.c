#include "greet.h"

#include "mw/json.h"
#include "mw/parse.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#define REQUEST_MAX 512
#define GREETED_AT_ONCE                                                                                                \
    500                /* to one client in one turn: the broker's own queue holds 1000; rooms beyond can be asked for */
#define ANSWER_MAX 200 /* messages for one request; the end mark says when there are more */

static const char mark[] = "{\"history\":true,";
enum { MARK_LEN = sizeof mark - 1 };

struct delivery {
    struct client *client;
    char topic[sizeof("room/") + MW_ROOM_MAX];
    int64_t skip_from, skip_to; /* ids that the client was greeted with */
    int64_t first, last;
    size_t sent;
};

static bool delivery_to(struct delivery *d, struct client *c, struct mw_str room) {
    struct mw_buf b = mw_buf_over(d->topic, sizeof d->topic);
    mw_buf_put(&b, MW_STR("room/"));
    mw_buf_put(&b, room);
    d->client = c;
    return mw_buf_cstr(&b) != NULL;
}

static void deliver(void *ctx, const struct past *message) {
    struct delivery *d = ctx;
    size_t skip = mw_json_first_member(message->m2);
    if (d->skip_from && message->id >= d->skip_from && message->id <= d->skip_to) return;
    if (skip >= message->m2.len) return;
    size_t len = MARK_LEN + message->m2.len - skip;
    char *text = malloc(len);
    if (text == NULL) return; /* the client can ask again */
    memcpy(text, mark, MARK_LEN);
    memcpy(text + MARK_LEN, message->m2.ptr + skip, message->m2.len - skip);
    if (host_publish(d->client->id, d->topic, mw_bytes(text, len), 0, false)) {
        if (d->first == 0) d->first = message->id;
        d->last = message->id;
        d->sent++;
    }
    free(text);
}

/* From here to the broker's next turn. */
static void begin(const struct plugin *pl, struct client *c) {
    c->greeting = true;
    c->greeting_turn = pl->turn;
    c->diverted = 0;
    clients_settle(c);
}

void greet_enter(struct plugin *pl, struct client *c, struct stay *stay) {
    struct delivery d = {0};
    if (c->greeting_turn != pl->turn) c->greeted = 0;
    size_t left = c->greeted < GREETED_AT_ONCE ? GREETED_AT_ONCE - c->greeted : 0;
    size_t max = (size_t)pl->options.history < left ? (size_t)pl->options.history : left;
    if (max == 0 || !delivery_to(&d, c, rooms_name(stay->room))) return;
    history_last(&pl->history, rooms_name(stay->room), max, deliver, &d);
    c->greeted += d.sent;
    if (d.sent == 0) return;
    stay->greeted_from = d.first;
    stay->greeted_to = d.last;
    begin(pl, c);
}

void greet_over(const struct plugin *pl, struct client *c) {
    if (!c->greeting || c->greeting_turn == pl->turn) return;
    c->greeting = false; /* the broker has emptied its queue since */
    clients_settle(c);
}

bool greet_divert(const struct plugin *pl, struct client *c, const struct mw_topic *room, const char *topic,
                  struct mw_str payload, int qos) {
    greet_over(pl, c);
    if (!c->greeting) return false;
    const struct stay *stay = rooms_stay(c->stays, room->name);
    int wanted = stay ? stay->qos : 0;
    /* Two subscriptions that match the same message make one delivery, as the broker has it. A message is known by its
     * number: the next one may lie at the same address. */
    if (c->diverted != pl->serial) (void)host_publish(c->id, topic, payload, qos < wanted ? qos : wanted, false);
    c->diverted = pl->serial;
    return true;
}

static void end_mark(struct client *c, const char *topic, struct mw_str room, bool more) {
    char text[160 + 6 * MW_ROOM_MAX];
    struct mw_buf b = mw_buf_over(text, sizeof text);
    mw_buf_put(&b, MW_STR("{\"type\":\"system\",\"history\":\"end\",\"room\":"));
    mw_buf_put_json(&b, room);
    mw_buf_put(&b, more ? MW_STR(",\"more\":true}") : MW_STR("}"));
    (void)host_publish(c->id, topic, mw_buf_str(&b), 0, false);
}

struct request {
    bool is_after;
    int64_t id;
    int64_t limit;
};

static bool read_id(struct mw_str s, int64_t *id) {
    uint64_t value = 0;
    if (mw_parse_u64(s, INT64_MAX, &value) != MW_OK || s.len > 19) return false;
    *id = (int64_t)value;
    return true;
}

static const char *read_request(struct mw_str text, struct request *out) {
    struct cJSON *object = NULL;
    const char *why = "a request is {\"after\":\"<id>\"} or {\"before\":\"<id>\",\"limit\":n}";
    if (text.len > REQUEST_MAX || mw_json_parse_object(text, &object, NULL) != MW_OK) return why;
    struct mw_str after = mw_json_string(object, "after"), before = mw_json_string(object, "before");
    int members = cJSON_GetArraySize(object), known = (after.ptr != NULL) + (before.ptr != NULL);
    struct request found = {.is_after = after.ptr != NULL, .limit = ANSWER_MAX};
    if (cJSON_GetObjectItemCaseSensitive(object, "limit")) {
        known++;
        if (!mw_json_int(object, "limit", 1, ANSWER_MAX, &found.limit)) {
            why = "limit must be a whole number from 1 to 200";
            goto done;
        }
    }
    if (members != known || (after.ptr != NULL) == (before.ptr != NULL)) goto done;
    if (!read_id(after.ptr ? after : before, &found.id)) {
        why = "after and before take a message id in a string";
        goto done;
    }
    *out = found;
    why = NULL;
done:
    cJSON_Delete(object);
    return why;
}

const char *greet_answer(struct plugin *pl, struct client *c, struct mw_str room, struct mw_str request) {
    struct request asked;
    struct delivery d = {0};
    const char *why = pl->options.history == 0 ? "this server keeps no history" : read_request(request, &asked);
    if (why) return why;
    const struct stay *stay = rooms_stay(c->stays, room);
    if (stay == NULL && c->subject.role == MW_ROLE_USER) return "subscribe to the room first";
    if (!delivery_to(&d, c, room)) return "no memory";
    if (stay && asked.is_after) {
        d.skip_from = stay->greeted_from;
        d.skip_to = stay->greeted_to;
    }
    size_t max = (size_t)asked.limit;
    size_t found = asked.is_after ? history_after(&pl->history, room, asked.id, max, deliver, &d)
                                  : history_before(&pl->history, room, asked.id, max, deliver, &d);
    end_mark(c, d.topic, room, found == max);
    begin(pl, c);
    return NULL;
}
