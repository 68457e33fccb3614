#include "mw/m2.h"

#include "mw/json.h"
#include "mw/m1.h"

#include <cjson/cJSON.h>

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

static const char *check(const struct cJSON *object, const struct mw_topic *topic) {
    const struct mw_str here = place_of(topic);
    const bool is_room = topic->kind == MW_TOPIC_ROOM;
    int64_t time_ms = 0;

    if (!here.ptr) return "a finished message belongs on room/<room> or user/<uid>";
    if (!mw_is_id(mw_json_string(object, "id"))) return "id must be a message id in a string";
    if (!mw_json_int(object, "time", 0, TIME_MAX, &time_ms)) return "time must be whole milliseconds";
    if (!mw_str_eq(mw_json_string(object, is_room ? "room" : "to"), topic->name))
        return is_room ? "room must be the topic's" : "to must be the topic's uid";
    if (cJSON_GetObjectItemCaseSensitive(object, is_room ? "to" : "room")) return "room and to exclude each other";

    const struct cJSON *from = cJSON_GetObjectItemCaseSensitive(object, "from");
    if (!cJSON_IsObject(from) || !mw_is_uid(mw_json_string(from, "uid"))) return "from.uid must be a uid";
    if (mw_json_string(object, "type").len == 0) return "type must be a string";
    return NULL;
}

enum mw_err mw_m2_check(struct mw_str payload, const struct mw_topic *topic, size_t max_bytes, const char **why) {
    struct cJSON *object = NULL;

    if (payload.len > max_bytes) {
        *why = "message is over the size limit";
        return MW_ETOOBIG;
    }
    const enum mw_err err = mw_json_parse_object(payload, &object, why);
    if (err != MW_OK) return err;

    const char *fault = check(object, topic);
    cJSON_Delete(object);
    if (!fault) return MW_OK;
    *why = fault;
    return MW_EINVAL;
}
