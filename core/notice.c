#include "mw/notice.h"

#include "mw/utf8.h"

#define TOPIC_SHOWN_MAX 256 /* bytes */

static const struct {
    const char *error;
    const char *reason; /* ended sessions only */
    const char *message;
} kinds[] = {
    [MW_REASON_NONE] = {"ERR_UNKNOWN", NULL, "something went wrong"},
    [MW_REASON_EXPIRED] = {"ERR_INVALID_SESSION", "expired", "the session has expired: log in again"},
    [MW_REASON_REVOKED] = {"ERR_INVALID_SESSION", "revoked", "the session was ended: log in again"},
    [MW_REASON_BANNED] = {"ERR_INVALID_SESSION", "banned", "the session was ended by an administrator"},
    [MW_REASON_FORBIDDEN_TOPIC] = {"ERR_FORBIDDEN_TOPIC", NULL, "this session may not use this topic"},
    [MW_REASON_FORBIDDEN_ROOM] = {"ERR_FORBIDDEN_TOPIC", NULL, "this session may not enter this room"},
    [MW_REASON_BAD_MESSAGE] = {"ERR_BAD_MESSAGE", NULL, "the message is not what docs/protocol.md describes"},
    [MW_REASON_MUTED] = {"ERR_MUTED", NULL, "this user may read here, and not speak"},
    [MW_REASON_BANNED_ROOM] = {"ERR_FORBIDDEN_TOPIC", NULL, "this user is banned from this room"},
    [MW_REASON_RATE_LIMITED] = {"ERR_RATE_LIMITED", NULL, "too many messages: wait, then send again"},
    [MW_REASON_TOO_MANY_ROOMS] = {"ERR_FORBIDDEN_TOPIC", NULL, "this client is in as many rooms as it may be"},
};
_Static_assert(sizeof kinds / sizeof kinds[0] == MW_REASON_COUNT, "one kind of notice for each mw_reason");

/* What each member may take as JSON text, quotes included; together with names and punctuation they always fit. */
#define TOPIC_ROOM 520
#define REF_ROOM 160
#define MESSAGE_ROOM 240
_Static_assert(
    sizeof("{\"error\":\"ERR_INVALID_SESSION\",\"reason\":\"expired\",\"topic\":,\"ref\":,\"until\":,\"message\":}") +
            20 + TOPIC_ROOM + REF_ROOM + MESSAGE_ROOM <=
        MW_NOTICE_MAX,
    "a notice fits whatever its members hold");

static enum mw_reason known(enum mw_reason reason) {
    return (unsigned)reason < MW_REASON_COUNT ? reason : MW_REASON_NONE;
}

const char *mw_notice_error(enum mw_reason reason) {
    return kinds[known(reason)].error;
}

static struct mw_str cut(struct mw_str s, size_t max) {
    if (s.len <= max) return s;
    s.len = max;
    while (s.len > 0 && ((unsigned char)s.ptr[s.len] & 0xc0) == 0x80)
        s.len--;
    return s;
}

static bool fits_json(struct mw_str s, size_t room) {
    char text[TOPIC_ROOM];
    struct mw_buf b = mw_buf_over(text, room < sizeof text ? room : sizeof text);
    mw_buf_put_json(&b, s);
    return !b.overflow;
}

/* ,"name":"value" with at most `room` bytes for the value: what gets longer, by its escapes too, is cut. What is
 * absent, empty or no UTF-8 is left out. */
static void put_member(struct mw_buf *b, const char *name, struct mw_str value, size_t room) {
    if (value.len == 0 || !mw_utf8_check(value, NULL, NULL)) return;
    while (!fits_json(value, room))
        value = cut(value, value.len - value.len / 8 - 1);
    mw_buf_put(b, MW_STR(",\""));
    mw_buf_put(b, mw_cstr(name));
    mw_buf_put(b, MW_STR("\":"));
    mw_buf_put_json(b, value);
}

size_t mw_notice_write(char out[static MW_NOTICE_MAX], const struct mw_notice *n) {
    const enum mw_reason reason = known(n->reason);
    struct mw_buf b = mw_buf_over(out, MW_NOTICE_MAX);

    mw_buf_put(&b, MW_STR("{\"error\":"));
    mw_buf_put_json(&b, mw_cstr(kinds[reason].error));
    put_member(&b, "reason", mw_cstr(kinds[reason].reason), REF_ROOM);
    put_member(&b, "topic", cut(n->topic, TOPIC_SHOWN_MAX), TOPIC_ROOM);
    put_member(&b, "ref", n->ref, REF_ROOM);
    if (n->until_ms > 0) {
        mw_buf_put(&b, MW_STR(",\"until\":"));
        mw_buf_puti(&b, n->until_ms);
    }
    put_member(&b, "message", n->message.ptr ? n->message : mw_cstr(kinds[reason].message), MESSAGE_ROOM);
    mw_buf_putc(&b, '}');
    return b.len;
}
