/* Topics and filters of any bytes: what is recognised can be put together again from its parts, and what a user may
 * hear is a public room, or the user's own. */
#include "mw/acl.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define UID "abcdefgh234567zz"

static void must(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static const struct {
    const char *head, *tail;
} forms[] = {
    [MW_TOPIC_ROOM] = {"room/", ""},
    [MW_TOPIC_ROOM_ONLINE] = {"room/", "/online"},
    [MW_TOPIC_ROOM_HISTORY] = {"room/", "/history"},
    [MW_TOPIC_USER] = {"user/", ""},
    [MW_TOPIC_USER_NOTICE] = {"user/", "/notice"},
    [MW_TOPIC_ROOM_ALL] = {"room/", "/#"},
};

static void check_form(const struct mw_topic *t, struct mw_str text) {
    char mem[128];
    struct mw_buf again = mw_buf_over(mem, sizeof mem);
    if (t->kind == MW_TOPIC_OTHER) {
        must(!t->name.ptr && t->room == MW_ROOM_INVALID, "other topics have no name");
        return;
    }
    mw_buf_put(&again, mw_cstr(forms[t->kind].head));
    mw_buf_put(&again, t->name);
    mw_buf_put(&again, mw_cstr(forms[t->kind].tail));
    must(!again.overflow && mw_str_eq(mw_buf_str(&again), text), "the parts give the topic again");

    const bool is_user = t->kind == MW_TOPIC_USER || t->kind == MW_TOPIC_USER_NOTICE;
    must(is_user ? mw_is_uid(t->name) : mw_room_kind(t->name) != MW_ROOM_INVALID, "the name is in shape");
    must(is_user ? t->room == MW_ROOM_INVALID : t->room == mw_room_kind(t->name), "the kind of the room is the name's");
}

static void check_rights(struct mw_str text, const struct mw_topic *topic, const struct mw_topic *filter) {
    const struct mw_subject user = {.uid = MW_STR(UID), .exp_s = 100};
    const bool own = mw_str_eq(filter->name, user.uid) && filter->room == MW_ROOM_INVALID;
    const bool may_hear = mw_acl_deliver(&user, text, 99) == MW_REASON_NONE;

    if (mw_acl_subscribe(&user, filter, 99) == MW_REASON_NONE) {
        must(filter->room == MW_ROOM_PUBLIC || own, "a user subscribes to public rooms and what is the user's own");
        must(topic->kind == MW_TOPIC_OTHER || may_hear, "what may be subscribed to is delivered");
    }
    if (mw_acl_publish(&user, topic, 99) == MW_REASON_NONE)
        must(topic->room == MW_ROOM_PUBLIC || topic->kind == MW_TOPIC_USER,
             "a user speaks in public rooms and to users");
    if (may_hear && topic->kind != MW_TOPIC_OTHER)
        must(topic->room == MW_ROOM_PUBLIC || own, "a user hears public rooms and what is the user's own");
    if (may_hear)
        must(mw_str_starts(text, MW_STR("room/")) || mw_str_starts(text, MW_STR("user/" UID)), "nothing else is heard");
    must(mw_acl_publish(&user, topic, 100) == MW_REASON_EXPIRED, "an expired session does not speak");
    must(mw_acl_subscribe(&user, filter, 100) == MW_REASON_EXPIRED, "an expired session does not subscribe");
    must(mw_acl_deliver(&user, text, 100) == MW_REASON_EXPIRED, "an expired session does not hear");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct mw_str text = mw_bytes(data, size);
    const struct mw_topic topic = mw_topic_parse(text), filter = mw_filter_parse(text);
    check_form(&topic, text);
    check_form(&filter, text);
    must(topic.kind != MW_TOPIC_ROOM_ALL, "a topic name is no filter");
    must(topic.kind == filter.kind || filter.kind == MW_TOPIC_ROOM_ALL, "a topic is its own filter");
    check_rights(text, &topic, &filter);
    return 0;
}
