/* m2: what everybody in the room gets: m1 with id, time, place and sender put in front, from the session and never from
 * the payload. */
#ifndef MW_M2_H
#define MW_M2_H

#include "mw/identity.h"
#include "mw/topic.h"

/* The ready-made fragment `"from":{"uid":"…","nickName":"…","avatarUrl":"…"},` of a session; a name or picture that is
 * unknown or not in shape is left out. Every character of a nickname escaped takes at most 6 bytes, of a URL 1. What is
 * no uid gives an empty fragment, with which mw_m2_write() writes nothing. */
#define MW_FROM_MAX                                                                                                    \
    (sizeof("\"from\":{\"uid\":\"\",\"nickName\":\"\",\"avatarUrl\":\"\"},") + MW_UID_LEN + (size_t)6 * MW_NICK_MAX +  \
     MW_AVATAR_MAX)

struct mw_from {
    size_t len;
    char text[MW_FROM_MAX];
};
void mw_from_make(struct mw_str uid, struct mw_str nick, struct mw_str avatar, struct mw_from *out);

/* Upper bound of the prefix: {"id":"…","time":…,"room":"…", with every byte of a room name escaped. */
#define MW_M2_PREFIX_MAX (sizeof("{\"id\":\"\",\"time\":,\"room\":\"\",") + 19 + 20 + (size_t)6 * MW_ROOM_MAX)

/* Bytes that mw_m2_write() may need at most for this message. */
static inline size_t mw_m2_size_max(size_t from_len, size_t m1_len) {
    return MW_M2_PREFIX_MAX + from_len + m1_len;
}

/* Writes the message to out[cap] and returns its length; 0 when cap is too small, `from` empty, or the topic neither
 * MW_TOPIC_ROOM ("room") nor MW_TOPIC_USER ("to"). `m1` passed mw_m1_check(), first_member is its answer. */
size_t mw_m2_write(char *out, size_t cap, int64_t id, int64_t time_ms, const struct mw_topic *topic, struct mw_str from,
                   struct mw_str m1, size_t first_member);

/* A finished m2 as a client of role service may publish it: an object that passes the JSON check, with id (an id), time
 * (a whole number), "room" or "to" equal to the topic's and the other one absent, from.uid a uid, and a type. *why and
 * errors as in mw_m1_check(). */
MW_MUST_CHECK enum mw_err mw_m2_check(struct mw_str payload, const struct mw_topic *topic, size_t max_bytes,
                                      const char **why);

#endif
