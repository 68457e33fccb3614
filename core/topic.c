#include "mw/topic.h"

#include "mw/identity.h"
#include "mw/utf8.h"

/* What may stand behind a name, and what the topic then is under room/ and under user/. */
static const struct {
    struct mw_str tail;
    enum mw_topic_kind room, user;
    bool filter_only;
} shapes[] = {
    {{"", 0}, MW_TOPIC_ROOM, MW_TOPIC_USER, false},
    {{"/online", 7}, MW_TOPIC_ROOM_ONLINE, MW_TOPIC_OTHER, false},
    {{"/history", 8}, MW_TOPIC_ROOM_HISTORY, MW_TOPIC_OTHER, false},
    {{"/notice", 7}, MW_TOPIC_OTHER, MW_TOPIC_USER_NOTICE, false},
    {{"/#", 2}, MW_TOPIC_ROOM_ALL, MW_TOPIC_OTHER, true},
};

static const struct mw_topic other = {.kind = MW_TOPIC_OTHER};

/* Controls, and what means something in MQTT. */
static bool is_barred(unsigned char c) {
    return c < 0x20 || c == '/' || c == '+' || c == '#' || c == '$' || c == 0x7f;
}

enum mw_room_kind mw_room_kind(struct mw_str room) {
    bool wide = false, controls = true;

    if (!room.ptr || room.len == 0 || room.len > MW_ROOM_MAX) return MW_ROOM_INVALID;
    for (size_t i = 0; i < room.len; i++) {
        const unsigned char c = (unsigned char)room.ptr[i];
        if (is_barred(c)) return MW_ROOM_INVALID;
        wide |= c >= 0x80;
    }
    if (wide && (!mw_utf8_check(room, NULL, &controls) || controls)) return MW_ROOM_INVALID;
    if (room.ptr[0] != '~' && room.ptr[0] != '@') return MW_ROOM_PUBLIC;
    if (room.len == 1) return MW_ROOM_INVALID;
    return room.ptr[0] == '~' ? MW_ROOM_PRIVATE : MW_ROOM_GROUP;
}

static enum mw_topic_kind kind_of(struct mw_str tail, bool is_room, bool is_filter) {
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        if (!mw_str_eq(tail, shapes[i].tail)) continue;
        if (shapes[i].filter_only && !is_filter) break;
        return is_room ? shapes[i].room : shapes[i].user;
    }
    return MW_TOPIC_OTHER;
}

static struct mw_topic parse(struct mw_str text, bool is_filter) {
    const bool is_room = mw_str_starts(text, MW_STR("room/"));
    struct mw_topic topic = other;

    if (!is_room && !mw_str_starts(text, MW_STR("user/"))) return other;
    const struct mw_str rest = mw_str_skip(text, sizeof "room/" - 1);
    const char *slash = memchr(rest.ptr, '/', rest.len);
    topic.name = (struct mw_str){rest.ptr, slash ? (size_t)(slash - rest.ptr) : rest.len};

    topic.kind = kind_of(mw_str_skip(rest, topic.name.len), is_room, is_filter);
    if (topic.kind == MW_TOPIC_OTHER) return other;
    if (!is_room) return mw_is_uid(topic.name) ? topic : other;
    topic.room = mw_room_kind(topic.name);
    return topic.room != MW_ROOM_INVALID ? topic : other;
}

struct mw_topic mw_topic_parse(struct mw_str topic) {
    return parse(topic, false);
}

struct mw_topic mw_filter_parse(struct mw_str filter) {
    return parse(filter, true);
}
