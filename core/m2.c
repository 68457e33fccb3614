#include "mw/m2.h"

#include "json_number.h"
#include "json_string.h"
#include "json_walk.h"
#include "mw/json.h"
#include "mw/m1.h"

#define TIME_MAX ((INT64_C(1) << 53) - 1)

void mw_from_make(struct mw_str uid, struct mw_str nick, struct mw_str avatar, struct mw_from *out) {
    struct mw_buf b = mw_buf_over(out->text, sizeof out->text);
    out->len = 0;
    if (!mw_is_uid(uid)) return;

    mw_buf_put(&b, MW_STR("\"from\":{\"uid\":"));
    mw_buf_put_json(&b, uid);
    if (mw_is_nick(nick)) {
        mw_buf_put(&b, MW_STR(",\"nickName\":"));
        mw_buf_put_json(&b, nick);
    }
    if (mw_is_avatar_url(avatar)) {
        mw_buf_put(&b, MW_STR(",\"avatarUrl\":"));
        mw_buf_put_json(&b, avatar);
    }
    mw_buf_put(&b, MW_STR("},"));
    if (!b.overflow) out->len = b.len;
}

/* "room" or "to"; absent for what carries no m2. */
static struct mw_str place_of(const struct mw_topic *topic) {
    if (topic->kind == MW_TOPIC_ROOM) return MW_STR("room");
    if (topic->kind == MW_TOPIC_USER) return MW_STR("to");
    return (struct mw_str){NULL, 0};
}

size_t mw_m2_write(char *out, size_t cap, int64_t id, int64_t time_ms, const struct mw_topic *topic, struct mw_str from,
                   struct mw_str m1, size_t first_member) {
    const struct mw_str place = place_of(topic);
    struct mw_buf b = mw_buf_over(out, cap);
    if (!place.ptr || from.len == 0 || first_member >= m1.len) return 0;

    mw_buf_put(&b, MW_STR("{\"id\":\""));
    mw_buf_puti(&b, id);
    mw_buf_put(&b, MW_STR("\",\"time\":"));
    mw_buf_puti(&b, time_ms);
    mw_buf_put(&b, MW_STR(",\""));
    mw_buf_put(&b, place);
    mw_buf_put(&b, MW_STR("\":"));
    mw_buf_put_json(&b, topic->name);
    mw_buf_putc(&b, ',');
    mw_buf_put(&b, from);
    mw_buf_put(&b, mw_str_skip(m1, first_member));
    return b.overflow ? 0 : b.len;
}

static bool member_is(struct mw_str object, struct mw_str name, struct mw_str want) {
    char mem[MW_ROOM_MAX];
    return mw_str_eq(json_string(json_walk_find(object, name), mem, sizeof mem), want);
}

static bool has_id(struct mw_str object) {
    char mem[MW_ID_DIGITS_MAX];
    return mw_is_id(json_string(json_walk_find(object, MW_STR("id")), mem, sizeof mem));
}

static bool has_sender(struct mw_str object) {
    char mem[MW_UID_LEN];
    const struct mw_str from = json_walk_find(object, MW_STR("from"));
    return mw_is_uid(json_string(json_walk_find(from, MW_STR("uid")), mem, sizeof mem));
}

static const char *check(struct mw_str object, const struct mw_topic *topic) {
    const struct mw_str here = place_of(topic);
    const bool is_room = topic->kind == MW_TOPIC_ROOM;
    int64_t time_ms = 0;

    if (!here.ptr) return "a finished message belongs on room/<room> or user/<uid>";
    if (!has_id(object)) return "id must be a message id in a string";
    if (!json_number_whole(json_walk_find(object, MW_STR("time")), 0, TIME_MAX, &time_ms))
        return "time must be whole milliseconds";
    if (!member_is(object, here, topic->name))
        return is_room ? "room must be the topic's" : "to must be the topic's uid";
    if (json_walk_find(object, is_room ? MW_STR("to") : MW_STR("room")).ptr) return "room and to exclude each other";
    if (!has_sender(object)) return "from.uid must be a uid";
    if (json_string_chars(json_walk_find(object, MW_STR("type"))) == 0) return "type must be a string";
    return NULL;
}

enum mw_err mw_m2_check(struct mw_str payload, const struct mw_topic *topic, size_t max_bytes, const char **why) {
    if (payload.len > max_bytes) {
        *why = "message is over the size limit";
        return MW_ETOOBIG;
    }
    const enum mw_err err = mw_json_check_object(payload, why);
    if (err != MW_OK) return err;

    const char *fault = check(payload, topic);
    if (!fault) return MW_OK;
    *why = fault;
    return MW_EINVAL;
}
