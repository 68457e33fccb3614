#include "mw/topic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define UID "abcdefgh234567zz"
#define CHARS_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void room__each_form__has_its_kind(void **state) {
    static const struct {
        struct mw_str name;
        enum mw_room_kind want;
    } rows[] = {
        {{"lobby", 5}, MW_ROOM_PUBLIC},
        {{"a", 1}, MW_ROOM_PUBLIC},
        {{"online", 6}, MW_ROOM_PUBLIC},
        {{"two words", 9}, MW_ROOM_PUBLIC},
        {{"a\"b\\c", 5}, MW_ROOM_PUBLIC},
        {{"\xe7\xbe\xa4\xe8\x81\x8a", 6}, MW_ROOM_PUBLIC},
        {{"\xef\xbf\xbf", 3}, MW_ROOM_PUBLIC}, /* U+FFFF: no character, but valid UTF-8 */
        {{CHARS_64, 64}, MW_ROOM_PUBLIC},
        {{"a~", 2}, MW_ROOM_PUBLIC},
        {{"~staff", 6}, MW_ROOM_PRIVATE},
        {{"~@x", 3}, MW_ROOM_PRIVATE},
        {{"@G0abc", 6}, MW_ROOM_GROUP},
        {{"@~x", 3}, MW_ROOM_GROUP},
        {{NULL, 0}, MW_ROOM_INVALID},
        {{"", 0}, MW_ROOM_INVALID},
        {{"~", 1}, MW_ROOM_INVALID},
        {{"@", 1}, MW_ROOM_INVALID},
        {{CHARS_64 "x", 65}, MW_ROOM_INVALID},
        {{"a/b", 3}, MW_ROOM_INVALID},
        {{"a+b", 3}, MW_ROOM_INVALID},
        {{"#", 1}, MW_ROOM_INVALID},
        {{"$SYS", 4}, MW_ROOM_INVALID},
        {{"~a$", 3}, MW_ROOM_INVALID},
        {{"a\0b", 3}, MW_ROOM_INVALID},
        {{"a\nb", 3}, MW_ROOM_INVALID},
        {{"a\x7f", 2}, MW_ROOM_INVALID},
        {{"a\xc2\x85", 3}, MW_ROOM_INVALID}, /* U+0085, a C1 control */
        {{"\xff", 1}, MW_ROOM_INVALID},
        {{"\xc0\xaf", 2}, MW_ROOM_INVALID},     /* overlong '/' */
        {{"\xe7\xbe", 2}, MW_ROOM_INVALID},     /* cut */
        {{"\xed\xa0\x80", 3}, MW_ROOM_INVALID}, /* surrogate */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const enum mw_room_kind got = mw_room_kind(rows[i].name);
        if (got != rows[i].want) fail_msg("row %zu \"%s\": kind %d", i, rows[i].name.ptr, (int)got);
    }
}

static void room__every_byte_of_ascii__is_fit_or_not(void **state) {
    (void)state;
    for (unsigned c = 0; c < 0x80; c++) {
        const char name[] = {'a', (char)c, 'b'};
        const bool fit = c >= 0x20 && c != 0x7f && !memchr("/+#$", (int)c, 4);
        if ((mw_room_kind(mw_bytes(name, 3)) == MW_ROOM_PUBLIC) != fit) fail_msg("byte %u", c);
    }
}

/* topic: as a topic name; filter: as a subscription filter. The name is checked against `name` ("" for other). */
static const struct row {
    const char *text, *name;
    enum mw_topic_kind topic, filter;
    enum mw_room_kind room;
} rows[] = {
    {"room/lobby", "lobby", MW_TOPIC_ROOM, MW_TOPIC_ROOM, MW_ROOM_PUBLIC},
    {"room/~staff", "~staff", MW_TOPIC_ROOM, MW_TOPIC_ROOM, MW_ROOM_PRIVATE},
    {"room/@G1", "@G1", MW_TOPIC_ROOM, MW_TOPIC_ROOM, MW_ROOM_GROUP},
    {"room/online", "online", MW_TOPIC_ROOM, MW_TOPIC_ROOM, MW_ROOM_PUBLIC},
    {"room/lobby/online", "lobby", MW_TOPIC_ROOM_ONLINE, MW_TOPIC_ROOM_ONLINE, MW_ROOM_PUBLIC},
    {"room/~s/online", "~s", MW_TOPIC_ROOM_ONLINE, MW_TOPIC_ROOM_ONLINE, MW_ROOM_PRIVATE},
    {"room/lobby/history", "lobby", MW_TOPIC_ROOM_HISTORY, MW_TOPIC_ROOM_HISTORY, MW_ROOM_PUBLIC},
    {"user/" UID, UID, MW_TOPIC_USER, MW_TOPIC_USER, MW_ROOM_INVALID},
    {"user/" UID "/notice", UID, MW_TOPIC_USER_NOTICE, MW_TOPIC_USER_NOTICE, MW_ROOM_INVALID},
    {"room/" CHARS_64, CHARS_64, MW_TOPIC_ROOM, MW_TOPIC_ROOM, MW_ROOM_PUBLIC},
    /* a filter, never a topic */
    {"room/lobby/#", "lobby", MW_TOPIC_OTHER, MW_TOPIC_ROOM_ALL, MW_ROOM_PUBLIC},
    {"room/~s/#", "~s", MW_TOPIC_OTHER, MW_TOPIC_ROOM_ALL, MW_ROOM_PRIVATE},
    /* none of ours */
    {"", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"room", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"room/", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"room//online", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"room/~", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"room/@/online", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"/room/lobby", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"Room/lobby", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"rooms/lobby", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"room/lobby/", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"room/lobby/x", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"room/lobby/notice", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"room/lobby/online/", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"room/lobby/onlinex", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"room/lobby/online/#", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"room/" CHARS_64 "x", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"user/" UID "/", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"user/" UID "/online", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"user/" UID "/#", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"user/" UID "x", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"user/abc", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"user/ABCDEFGH234567ZZ", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"user/", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"user/+", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"user/#", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"#", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"+/lobby", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"room/#", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"room/+", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"room/+/online", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"room/+/#", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"room/lobby/+", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"room/lobby#", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"$share/g/room/lobby", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"$SYS/broker/uptime", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
    {"$CONTROL/dynamic-security/v1", "", MW_TOPIC_OTHER, MW_TOPIC_OTHER, MW_ROOM_INVALID},
};

static void check(size_t i, bool as_filter) {
    const struct row *r = &rows[i];
    const struct mw_str text = mw_cstr(r->text);
    const struct mw_topic got = as_filter ? mw_filter_parse(text) : mw_topic_parse(text);
    const enum mw_topic_kind want = as_filter ? r->filter : r->topic;

    if (got.kind != want) fail_msg("row %zu %s: kind %d, not %d", i, r->text, (int)got.kind, (int)want);
    if (want == MW_TOPIC_OTHER) {
        if (got.name.ptr || got.room != MW_ROOM_INVALID) fail_msg("row %zu %s: other, yet with a name", i, r->text);
        return;
    }
    if (!mw_str_eq(got.name, mw_cstr(r->name))) fail_msg("row %zu %s: wrong name", i, r->text);
    if (got.room != r->room) fail_msg("row %zu %s: room kind %d", i, r->text, (int)got.room);
}

static void topic__each_form__has_its_kind(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check(i, false);
}

static void filter__each_form__has_its_kind(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check(i, true);
}

static void topic__absent_or_with_nul__is_other(void **state) {
    (void)state;
    assert_int_equal(mw_topic_parse((struct mw_str){NULL, 0}).kind, MW_TOPIC_OTHER);
    assert_int_equal(mw_filter_parse((struct mw_str){NULL, 0}).kind, MW_TOPIC_OTHER);
    assert_int_equal(mw_topic_parse(MW_STR("room/a\0b")).kind, MW_TOPIC_OTHER);
    assert_int_equal(mw_topic_parse(MW_STR("room/a\0")).kind, MW_TOPIC_OTHER);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(room__each_form__has_its_kind),
        cmocka_unit_test(room__every_byte_of_ascii__is_fit_or_not),
        cmocka_unit_test(topic__each_form__has_its_kind),
        cmocka_unit_test(filter__each_form__has_its_kind),
        cmocka_unit_test(topic__absent_or_with_nul__is_other),
    };
    return cmocka_run_group_tests_name("topic", tests, NULL, NULL);
}
