#include "mw/acl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define ME "abcdefgh234567zz"
#define YOU "zzzzzzzz22222222"
#define NOW 1000

/* ME holds grants for ~staff and @G1. */
static const char granted[][MW_ROOM_MAX + 1] = {"~staff", "@G1"};

static struct mw_subject subject(enum mw_role role) {
    return (struct mw_subject){.uid = MW_STR(ME),
                               .role = role,
                               .exp_s = NOW + 1,
                               .grants = {role == MW_ROLE_USER ? granted : NULL, role == MW_ROLE_USER ? 2 : 0}};
}

#define OK MW_REASON_NONE
#define NO_TOPIC MW_REASON_FORBIDDEN_TOPIC
#define NO_ROOM MW_REASON_FORBIDDEN_ROOM

/* What a user and what a service or admin (alike) are answered. */
static const struct row {
    const char *topic;
    enum mw_reason user_publish, user_subscribe, user_deliver;
    enum mw_reason trusted_publish, trusted_subscribe, trusted_deliver;
} rows[] = {
    {"room/lobby", OK, OK, OK, OK, OK, OK},
    {"room/online", OK, OK, OK, OK, OK, OK},
    {"room/\xe7\xbe\xa4", OK, OK, OK, OK, OK, OK},
    {"room/~staff", OK, OK, OK, OK, OK, OK},
    {"room/@G1", OK, OK, OK, OK, OK, OK},
    {"room/~other", NO_ROOM, NO_ROOM, NO_ROOM, OK, OK, OK},
    {"room/~staf", NO_ROOM, NO_ROOM, NO_ROOM, OK, OK, OK},
    {"room/~staff2", NO_ROOM, NO_ROOM, NO_ROOM, OK, OK, OK},
    {"room/@G2", NO_ROOM, NO_ROOM, NO_ROOM, OK, OK, OK},
    {"room/~G1", NO_ROOM, NO_ROOM, NO_ROOM, OK, OK, OK},
    /* the plugin alone publishes who is there, and what went wrong */
    {"room/lobby/online", NO_TOPIC, OK, OK, NO_TOPIC, OK, OK},
    {"room/~staff/online", NO_TOPIC, OK, OK, NO_TOPIC, OK, OK},
    {"room/~other/online", NO_TOPIC, NO_ROOM, NO_ROOM, NO_TOPIC, OK, OK},
    {"user/" ME "/notice", NO_TOPIC, OK, OK, NO_TOPIC, OK, OK},
    {"user/" YOU "/notice", NO_TOPIC, NO_TOPIC, NO_TOPIC, NO_TOPIC, OK, OK},
    {"room/lobby/history", OK, NO_TOPIC, OK, OK, OK, OK},
    {"room/~staff/history", OK, NO_TOPIC, OK, OK, OK, OK},
    {"room/~other/history", NO_ROOM, NO_TOPIC, NO_ROOM, OK, OK, OK},
    {"room/lobby/#", NO_TOPIC, OK, OK, OK, OK, OK},
    {"room/~staff/#", NO_TOPIC, OK, OK, OK, OK, OK},
    {"room/~other/#", NO_TOPIC, NO_ROOM, NO_ROOM, OK, OK, OK},
    {"user/" ME, OK, OK, OK, OK, OK, OK},
    {"user/" YOU, OK, NO_TOPIC, NO_TOPIC, OK, OK, OK},
    {"user/" ME "/#", NO_TOPIC, NO_TOPIC, OK, OK, OK, OK},
    {"user/" ME "/x", NO_TOPIC, NO_TOPIC, OK, OK, OK, OK},
    {"user/" ME "x", NO_TOPIC, NO_TOPIC, NO_TOPIC, OK, OK, OK},
    {"user/nobody", NO_TOPIC, NO_TOPIC, NO_TOPIC, OK, OK, OK},
    {"user/", NO_TOPIC, NO_TOPIC, NO_TOPIC, OK, OK, OK},
    {"user/+", NO_TOPIC, NO_TOPIC, NO_TOPIC, OK, OK, OK},
    {"room/", NO_TOPIC, NO_TOPIC, NO_ROOM, OK, OK, OK},
    {"room", NO_TOPIC, NO_TOPIC, NO_TOPIC, OK, OK, OK},
    {"room/~", NO_TOPIC, NO_TOPIC, NO_ROOM, OK, OK, OK},
    {"room/@", NO_TOPIC, NO_TOPIC, NO_ROOM, OK, OK, OK},
    {"room//x", NO_TOPIC, NO_TOPIC, OK, OK, OK, OK},
    {"room/lobby/", NO_TOPIC, NO_TOPIC, OK, OK, OK, OK},
    {"room/lobby/backstage", NO_TOPIC, NO_TOPIC, OK, OK, OK, OK}, /* a service's own: whoever may enter hears it */
    {"room/~other/backstage", NO_TOPIC, NO_TOPIC, NO_ROOM, OK, OK, OK},
    {"room/~staff/backstage", NO_TOPIC, NO_TOPIC, OK, OK, OK, OK},
    {"room/lobby/online/x", NO_TOPIC, NO_TOPIC, OK, OK, OK, OK},
    {"rooms/lobby", NO_TOPIC, NO_TOPIC, NO_TOPIC, OK, OK, OK},
    {"#", NO_TOPIC, NO_TOPIC, NO_TOPIC, OK, OK, OK},
    {"+/lobby", NO_TOPIC, NO_TOPIC, NO_TOPIC, OK, OK, OK},
    {"room/+/#", NO_TOPIC, NO_TOPIC, OK, OK, OK, OK},
    {"$share/g/room/lobby", NO_TOPIC, NO_TOPIC, NO_TOPIC, OK, OK, OK},
    {"$SYS/broker/uptime", NO_TOPIC, NO_TOPIC, NO_TOPIC, OK, OK, OK},
    {"sensors/1", NO_TOPIC, NO_TOPIC, NO_TOPIC, OK, OK, OK},
    {"", NO_TOPIC, NO_TOPIC, NO_TOPIC, OK, OK, OK},
};

static enum mw_reason publish(const struct mw_subject *s, const char *text, int64_t now_s) {
    const struct mw_topic topic = mw_topic_parse(mw_cstr(text));
    return mw_acl_publish(s, &topic, now_s);
}

static enum mw_reason subscribe(const struct mw_subject *s, const char *text, int64_t now_s) {
    const struct mw_topic filter = mw_filter_parse(mw_cstr(text));
    return mw_acl_subscribe(s, &filter, now_s);
}

static enum mw_reason deliver(const struct mw_subject *s, const char *text, int64_t now_s) {
    return mw_acl_deliver(s, mw_cstr(text), now_s);
}

static void expect(size_t row, const char *what, enum mw_reason got, enum mw_reason want) {
    if (got != want)
        fail_msg("row %zu: %s %s: %s, not %s", row, what, rows[row].topic, mw_reason_text(got), mw_reason_text(want));
}

static void user__each_topic__is_answered(void **state) {
    const struct mw_subject s = subject(MW_ROLE_USER);
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        expect(i, "publish", publish(&s, rows[i].topic, NOW), rows[i].user_publish);
        expect(i, "subscribe", subscribe(&s, rows[i].topic, NOW), rows[i].user_subscribe);
        expect(i, "deliver", deliver(&s, rows[i].topic, NOW), rows[i].user_deliver);
    }
}

static void trusted__each_topic__is_answered(void **state) {
    static const enum mw_role roles[] = {MW_ROLE_SERVICE, MW_ROLE_ADMIN};
    (void)state;
    for (size_t r = 0; r < 2; r++) {
        const struct mw_subject s = subject(roles[r]);
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            expect(i, "publish", publish(&s, rows[i].topic, NOW), rows[i].trusted_publish);
            expect(i, "subscribe", subscribe(&s, rows[i].topic, NOW), rows[i].trusted_subscribe);
            expect(i, "deliver", deliver(&s, rows[i].topic, NOW), rows[i].trusted_deliver);
        }
    }
}

static void session__over__may_nothing_more(void **state) {
    static const struct {
        enum mw_reason ended;
        int64_t exp_s, now_s;
        enum mw_reason want;
    } ends[] = {
        {OK, NOW + 1, NOW, OK},
        {OK, NOW, NOW, MW_REASON_EXPIRED},
        {OK, NOW - 1, NOW, MW_REASON_EXPIRED},
        {OK, 0, INT64_MAX, MW_REASON_EXPIRED},
        {MW_REASON_REVOKED, NOW + 1, NOW, MW_REASON_REVOKED},
        {MW_REASON_REVOKED, NOW - 1, NOW, MW_REASON_REVOKED},
        {MW_REASON_BANNED, NOW + 1, NOW, MW_REASON_BANNED},
        {MW_REASON_EXPIRED, NOW + 1, NOW, MW_REASON_EXPIRED},
    };
    static const enum mw_role roles[] = {MW_ROLE_USER, MW_ROLE_SERVICE, MW_ROLE_ADMIN};
    (void)state;
    for (size_t r = 0; r < 3; r++)
        for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
            struct mw_subject s = subject(roles[r]);
            s.ended = ends[i].ended;
            s.exp_s = ends[i].exp_s;
            if (publish(&s, "room/lobby", ends[i].now_s) != ends[i].want) fail_msg("publish, role %zu row %zu", r, i);
            if (subscribe(&s, "room/lobby", ends[i].now_s) != ends[i].want)
                fail_msg("subscribe, role %zu row %zu", r, i);
            if (deliver(&s, "room/lobby", ends[i].now_s) != ends[i].want) fail_msg("deliver, role %zu row %zu", r, i);
        }
}

static void subject__zeroed_or_of_unknown_role__gains_nothing(void **state) {
    const struct mw_subject zero = {0};
    struct mw_subject odd = subject(MW_ROLE_USER);
    (void)state;
    assert_int_equal(publish(&zero, "room/lobby", NOW), MW_REASON_EXPIRED);
    assert_int_equal(deliver(&zero, "room/lobby", NOW), MW_REASON_EXPIRED);
    odd.role = (enum mw_role)7;
    odd.grants.count = 0;
    assert_int_equal(publish(&odd, "sensors/1", NOW), NO_TOPIC);
    assert_int_equal(subscribe(&odd, "#", NOW), NO_TOPIC);
    assert_int_equal(deliver(&odd, "room/~staff", NOW), NO_ROOM);
    odd.uid = (struct mw_str){NULL, 0};
    assert_int_equal(deliver(&odd, "user/" ME, NOW), NO_TOPIC);
    assert_int_equal(mw_acl_deliver(&odd, (struct mw_str){NULL, 0}, NOW), NO_TOPIC);
}

static void enter__invalid_room__is_refused_to_everybody(void **state) {
    (void)state;
    for (enum mw_role role = MW_ROLE_USER; role <= MW_ROLE_ADMIN; role++) {
        const struct mw_subject s = subject(role);
        assert_false(mw_may_enter(&s, MW_STR("~staff"), MW_ROOM_INVALID));
        assert_false(mw_may_enter(&s, MW_STR("~staff"), (enum mw_room_kind)9));
        assert_true(mw_may_enter(&s, MW_STR("~staff"), MW_ROOM_PRIVATE));
        assert_true(mw_may_enter(&s, MW_STR("lobby"), MW_ROOM_PUBLIC));
    }
}

static void reason__every_one__has_its_text(void **state) {
    (void)state;
    assert_string_equal(mw_reason_text(MW_REASON_EXPIRED), "expired");
    assert_string_equal(mw_reason_text(MW_REASON_REVOKED), "revoked");
    assert_string_equal(mw_reason_text(MW_REASON_BANNED), "banned");
    assert_string_equal(mw_reason_text(MW_REASON_BAD_MESSAGE), "bad_message");
    assert_string_equal(mw_reason_text(MW_REASON_COUNT), "unknown");
    assert_string_equal(mw_reason_text((enum mw_reason) - 1), "unknown");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(user__each_topic__is_answered),
        cmocka_unit_test(trusted__each_topic__is_answered),
        cmocka_unit_test(session__over__may_nothing_more),
        cmocka_unit_test(subject__zeroed_or_of_unknown_role__gains_nothing),
        cmocka_unit_test(enter__invalid_room__is_refused_to_everybody),
        cmocka_unit_test(reason__every_one__has_its_text),
    };
    return cmocka_run_group_tests_name("acl", tests, NULL, NULL);
}
