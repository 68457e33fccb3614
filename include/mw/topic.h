/* The topic grammar of DESIGN section 3: room/<room>[/online|/history], user/<uid>[/notice]. */
#ifndef MW_TOPIC_H
#define MW_TOPIC_H

#include "mw/err.h"
#include "mw/str.h"

#define MW_ROOM_MAX 64 /* bytes of UTF-8 */

enum mw_topic_kind {
    MW_TOPIC_OTHER = 0,
    MW_TOPIC_ROOM,
    MW_TOPIC_ROOM_ONLINE,
    MW_TOPIC_ROOM_HISTORY,
    MW_TOPIC_USER,
    MW_TOPIC_USER_NOTICE,
    MW_TOPIC_ROOM_ALL, /* filters only: room/<room>/# */
};

enum mw_room_kind {
    MW_ROOM_INVALID = 0,
    MW_ROOM_PUBLIC,
    MW_ROOM_PRIVATE, /* ~name: by grant */
    MW_ROOM_GROUP,   /* @openGId: by proof */
};

struct mw_topic {
    enum mw_topic_kind kind;
    struct mw_str name; /* room or uid, borrowed from the topic; absent for MW_TOPIC_OTHER */
    enum mw_room_kind room;
};

/* 1..64 bytes of UTF-8 without / + # $ and control characters. A sigil alone ("~", "@") is invalid. */
enum mw_room_kind mw_room_kind(struct mw_str room);

/* A topic name as it is published. Total: what is not one of ours, or malformed, is MW_TOPIC_OTHER. */
struct mw_topic mw_topic_parse(struct mw_str topic);
/* Whether a topic, NUL-terminated, is for sure within a public room: for deliveries, where the broker has matched it
 * with a subscription already. */
static inline bool mw_topic_is_public_room(const char *topic) {
    return topic[0] == 'r' && topic[1] == 'o' && topic[2] == 'o' && topic[3] == 'm' && topic[4] == '/' &&
           topic[5] != '~' && topic[5] != '@' && topic[5] != '\0';
}
/* A subscription filter. Wildcards other than room/<room>/# and everything under $share are MW_TOPIC_OTHER. */
struct mw_topic mw_filter_parse(struct mw_str filter);

#endif
