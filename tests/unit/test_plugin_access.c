#include "fakes/fake_host.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdlib.h>

#define TEXT "{\"type\":\"text\",\"content\":\"hi\",\"ref\":\"r1\"}"

static struct plugin *pl;
static struct mosquitto ann, bob, bot;

static void connect_as(struct mosquitto *m, const char *uid, const char *sid, enum mw_role role) {
    struct mw_claims claims = fake_claims(uid, sid, 100);
    claims.role = role;
    *m = fake_client(uid);
    assert_int_equal(fake_basic_auth(pl, m, fake_skey(pl, &claims)), MOSQ_ERR_SUCCESS);
}

static int setup(void **state) {
    (void)state;
    pl = fake_plugin_new();
    connect_as(&ann, UID_A, SID_A, MW_ROLE_USER);
    connect_as(&bob, UID_B, SID_B, MW_ROLE_USER);
    connect_as(&bot, "cccccccccccccccc", "cccccccccccccccccccccccccc", MW_ROLE_SERVICE);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    fake_plugin_free(pl);
    return 0;
}

/* Publishes as the broker does: ACL_CHECK, then MESSAGE. The payload that goes out, or NULL when refused. */
static char *publish(struct mosquitto *m, const char *topic, const char *payload, bool *retain) {
    char *out = NULL;
    if (fake_acl(pl, m, MOSQ_ACL_WRITE, topic, payload) != MOSQ_ERR_SUCCESS) return NULL;
    if (fake_message(pl, m, topic, payload, &out, retain) != MOSQ_ERR_SUCCESS) return NULL;
    return out ? out : strdup(payload);
}

static void expect_notice(const char *to, const char *part) {
    assert_true(fake.published > 0);
    assert_string_equal(fake.last.client_id, to);
    if (strstr(fake.last.payload, part) == NULL) fail_msg("no %s in notice %s", part, fake.last.payload);
}

static void publish__user__stamped_from_the_session(void **state) {
    (void)state;
    bool retain = true;
    char *out = publish(&ann, "room/lobby", TEXT, &retain);
    assert_non_null(out);
    assert_non_null(strstr(out, "\"room\":\"lobby\""));
    assert_non_null(strstr(out, "\"from\":{\"uid\":\"" UID_A "\",\"nickName\":\"Ann\"}"));
    assert_non_null(strstr(out, "\"type\":\"text\",\"content\":\"hi\""));
    assert_false(retain);
    free(out);
    out = publish(&ann, "user/" UID_B, TEXT, &retain);
    assert_non_null(out);
    assert_non_null(strstr(out, "\"to\":\"" UID_B "\""));
    free(out);
}

static void publish__refused__told_why(void **state) {
    static const struct {
        const char *topic, *payload, *notice;
    } rows[] = {
        {"room/lobby", "hello", "ERR_BAD_MESSAGE"},
        {"room/lobby", "{\"type\":\"text\",\"content\":\"x\",\"from\":{}}", "ERR_BAD_MESSAGE"},
        {"room/lobby", "{\"type\":\"text\",\"content\":\"x\",\"\\u0066rom\":{}}", "ERR_BAD_MESSAGE"},
        {"room/lobby", "{\"type\":\"recall\",\"of\":\"12\"}", "ERR_BAD_MESSAGE"},
        {"room/~club", TEXT, "ERR_FORBIDDEN_TOPIC"},
        {"room/lobby/online", "1", "ERR_FORBIDDEN_TOPIC"},
        {"room/lobby/history", "{}", "ERR_BAD_MESSAGE"},
        {"user/" UID_A "/notice", TEXT, "ERR_FORBIDDEN_TOPIC"},
        {"other", TEXT, "ERR_FORBIDDEN_TOPIC"},
        {"$CONTROL/dynamic-security/v1", "{}", "ERR_FORBIDDEN_TOPIC"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool retain = false;
        fake.published = 0;
        fake.mono_ms += 1000;
        if (publish(&ann, rows[i].topic, rows[i].payload, &retain)) fail_msg("row %zu passed", i);
        expect_notice(UID_A, rows[i].notice);
    }
    fake.mono_ms += 1000;
    assert_null(publish(&ann, "room/~club", TEXT, &(bool){false}));
    expect_notice(UID_A, "\"ref\":\"r1\"");
    expect_notice(UID_A, "\"topic\":\"room/~club\"");
}

static void notices__flood__ten_a_second(void **state) {
    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(fake_acl(pl, &ann, MOSQ_ACL_WRITE, "room/lobby", "junk"), MOSQ_ERR_ACL_DENIED);
    assert_int_equal(fake.published, NOTICES_PER_S);
}

static void publish__service__finished_message_passes_as_it_is(void **state) {
    (void)state;
    const char *m2 = "{\"id\":\"12\",\"time\":1,\"room\":\"lobby\",\"from\":{\"uid\":\"" UID_A
                     "\"},\"type\":\"text\",\"content\":\"x\"}";
    const char *elsewhere = "{\"id\":\"12\",\"time\":1,\"room\":\"hall\",\"from\":{\"uid\":\"" UID_A
                            "\"},\"type\":\"text\",\"content\":\"x\"}";
    bool retain = true;
    char *out = publish(&bot, "room/lobby", m2, &retain);
    assert_non_null(out);
    assert_string_equal(out, m2);
    assert_true(retain);
    free(out);
    out = publish(&bot, "room/~any", TEXT, &retain);
    assert_non_null(out);
    assert_non_null(strstr(out, "cccccccccccccccc"));
    free(out);
    out = publish(&bot, "devices/lamp", "on", &retain);
    assert_non_null(out);
    assert_string_equal(out, "on");
    free(out);
    assert_null(publish(&bot, "room/lobby", elsewhere, &retain));
    assert_null(publish(&bot, "room/lobby", "junk", &retain));
    assert_null(publish(&bot, "room/lobby/online", "{}", &retain));
    assert_null(publish(&ann, "room/lobby", m2, &retain));
}

static void message__without_its_acl_check__judged_again(void **state) {
    (void)state;
    char *out = NULL;
    bool retain = false;
    assert_int_equal(fake_message(pl, &ann, "room/~club", TEXT, &out, &retain), MOSQ_ERR_ACL_DENIED);
    assert_null(out);
    assert_int_equal(fake_message(pl, &ann, "room/lobby", TEXT, &out, &retain), MOSQ_ERR_SUCCESS);
    assert_non_null(out);
    free(out);
}

static void subscribe__filters__only_what_a_user_may_read(void **state) {
    static const struct {
        const char *filter;
        bool want;
    } rows[] = {
        {"room/lobby", true},        {"room/lobby/#", true},
        {"room/lobby/online", true}, {"user/" UID_A, true},
        {"room/+", false},           {"#", false},
        {"room/#", false},           {"user/" UID_B, false},
        {"room/~club", false},       {"$share/g/room/lobby", false},
        {"$SYS/#", false},           {"user/+", false},
        {"room/~club/#", false},     {"devices/lamp", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int want = rows[i].want ? MOSQ_ERR_SUCCESS : MOSQ_ERR_ACL_DENIED;
        int got = fake_acl(pl, &ann, MOSQ_ACL_SUBSCRIBE, rows[i].filter, NULL);
        if (got != want) fail_msg("%s: %d", rows[i].filter, got);
        assert_int_equal(fake_acl(pl, &bot, MOSQ_ACL_SUBSCRIBE, rows[i].filter, NULL), MOSQ_ERR_SUCCESS);
    }
    assert_int_equal(fake_acl(pl, &ann, MOSQ_ACL_UNSUBSCRIBE, "room/lobby", NULL), MOSQ_ERR_SUCCESS);
}

static void expired__every_access__denied_to_the_second(void **state) {
    static const int all[] = {MOSQ_ACL_READ, MOSQ_ACL_WRITE, MOSQ_ACL_SUBSCRIBE};
    (void)state;
    fake.unix_ms += 90000;
    fake_event(pl, MOSQ_EVT_TICK, NULL);
    fake.unix_ms += 9999; /* and no tick since */
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(fake_acl(pl, &ann, all[i], "room/lobby", TEXT), MOSQ_ERR_SUCCESS);
    fake.unix_ms += 1;
    for (size_t i = 0; i < 3; i++)
        if (fake_acl(pl, &ann, all[i], "room/lobby", TEXT) != MOSQ_ERR_ACL_DENIED) fail_msg("access %d", all[i]);
    assert_int_equal(fake.published, 0);
}

static void deliver__old_subscription__looked_at_again(void **state) {
    (void)state;
    assert_int_equal(fake_acl(pl, &ann, MOSQ_ACL_READ, "room/~club", "x"), MOSQ_ERR_ACL_DENIED);
    assert_int_equal(fake_acl(pl, &ann, MOSQ_ACL_READ, "user/" UID_B, "x"), MOSQ_ERR_ACL_DENIED);
    assert_int_equal(fake_acl(pl, &ann, MOSQ_ACL_READ, "devices/lamp", "x"), MOSQ_ERR_ACL_DENIED);
    assert_int_equal(fake_acl(pl, &ann, MOSQ_ACL_READ, "user/" UID_A, "x"), MOSQ_ERR_SUCCESS);
    assert_int_equal(fake_acl(pl, &bot, MOSQ_ACL_READ, "devices/lamp", "x"), MOSQ_ERR_SUCCESS);
}

static void will__after_disconnect__stamped_once_and_raw_refused(void **state) {
    (void)state;
    fake_event(pl, MOSQ_EVT_DISCONNECT, &ann);
    assert_int_equal(fake_acl(pl, &ann, MOSQ_ACL_WRITE, "room/lobby", TEXT), MOSQ_ERR_ACL_DENIED);
    assert_int_equal(fake.published, 1);
    assert_string_equal(fake.last.client_id, "");
    assert_string_equal(fake.last.topic, "room/lobby");
    assert_non_null(strstr(fake.last.payload, "\"from\":{\"uid\":\"" UID_A "\""));
    assert_int_equal(fake_acl(pl, &ann, MOSQ_ACL_WRITE, "room/lobby", TEXT), MOSQ_ERR_ACL_DENIED);
    assert_int_equal(fake.published, 1);
}

static void will__of_a_replaced_connection__comes_before_its_disconnect(void **state) {
    (void)state;
    struct mosquitto again;
    connect_as(&again, UID_A, SID_A, MW_ROLE_USER);
    assert_int_equal(fake_acl(pl, &ann, MOSQ_ACL_WRITE, "room/lobby", TEXT), MOSQ_ERR_ACL_DENIED);
    assert_int_equal(fake.published, 1);
    fake_event(pl, MOSQ_EVT_DISCONNECT, &ann);
    assert_int_equal(fake_acl(pl, &again, MOSQ_ACL_WRITE, "room/lobby", TEXT), MOSQ_ERR_SUCCESS);
    assert_int_equal(fake.published, 1);
}

static void will__not_allowed__nothing_goes_out(void **state) {
    static const struct {
        const char *topic, *payload;
    } rows[] = {{"room/~club", TEXT}, {"room/lobby", "junk"}, {"devices/lamp", "on"}, {"room/lobby/online", TEXT}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mosquitto m;
        connect_as(&m, UID_A, SID_A, MW_ROLE_USER);
        fake_event(pl, MOSQ_EVT_DISCONNECT, &m);
        assert_int_equal(fake_acl(pl, &m, MOSQ_ACL_WRITE, rows[i].topic, rows[i].payload), MOSQ_ERR_ACL_DENIED);
        if (fake.published) fail_msg("row %zu went out", i);
        clients_forget(&pl->clients, &m);
    }
}

static void will__stopping_broker__refused(void **state) {
    (void)state;
    fake.stopping = true;
    assert_int_equal(fake_acl(pl, &ann, MOSQ_ACL_WRITE, "room/lobby", TEXT), MOSQ_ERR_ACL_DENIED);
    assert_int_equal(fake.published, 0);
}

static void unknown_pointers__fall_back_to_their_names(void **state) {
    struct mosquitto restored = {.id = "dddddddddddddddd-1", .username = "dddddddddddddddd"};
    struct mosquitto live = {.id = "dddddddddddddddd-1", .username = "dddddddddddddddd", .address = true};
    struct mosquitto bridge = {.id = "bridge.local", .username = NULL};
    struct mosquitto bare = {0};
    struct mosquitto fake_ann = {.id = UID_A, .username = UID_A}, fake_bot = bot;
    (void)state;
    fake_bot.address = false;
    assert_int_equal(fake_acl(pl, &restored, MOSQ_ACL_READ, "room/lobby", "x"), MOSQ_ERR_SUCCESS);
    assert_int_equal(fake_acl(pl, &restored, MOSQ_ACL_WRITE, "room/lobby", TEXT), MOSQ_ERR_ACL_DENIED);
    assert_int_equal(fake_acl(pl, &live, MOSQ_ACL_READ, "room/lobby", "x"), MOSQ_ERR_PLUGIN_DEFER);
    assert_int_equal(fake_acl(pl, &live, MOSQ_ACL_WRITE, "room/lobby", TEXT), MOSQ_ERR_PLUGIN_DEFER);
    assert_int_equal(fake_acl(pl, &bridge, MOSQ_ACL_WRITE, "room/lobby", TEXT), MOSQ_ERR_PLUGIN_DEFER);
    assert_int_equal(fake_acl(pl, &bare, MOSQ_ACL_READ, "room/lobby", TEXT), MOSQ_ERR_PLUGIN_DEFER);
    assert_int_equal(fake_event(pl, MOSQ_EVT_DISCONNECT, &bare), MOSQ_ERR_SUCCESS);
    assert_int_equal(fake_acl(pl, &fake_ann, MOSQ_ACL_WRITE, "devices/lamp", "x"), MOSQ_ERR_ACL_DENIED);
    assert_int_equal(fake_acl(pl, &fake_bot, MOSQ_ACL_WRITE, "devices/lamp", "x"), MOSQ_ERR_SUCCESS);
    char *out = NULL;
    bool retain = true;
    assert_int_equal(fake_message(pl, &bridge, "room/lobby", TEXT, &out, &retain), MOSQ_ERR_SUCCESS);
    assert_null(out);
    assert_true(retain);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(publish__user__stamped_from_the_session, setup, teardown),
        cmocka_unit_test_setup_teardown(publish__refused__told_why, setup, teardown),
        cmocka_unit_test_setup_teardown(notices__flood__ten_a_second, setup, teardown),
        cmocka_unit_test_setup_teardown(publish__service__finished_message_passes_as_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(message__without_its_acl_check__judged_again, setup, teardown),
        cmocka_unit_test_setup_teardown(subscribe__filters__only_what_a_user_may_read, setup, teardown),
        cmocka_unit_test_setup_teardown(expired__every_access__denied_to_the_second, setup, teardown),
        cmocka_unit_test_setup_teardown(deliver__old_subscription__looked_at_again, setup, teardown),
        cmocka_unit_test_setup_teardown(will__after_disconnect__stamped_once_and_raw_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(will__of_a_replaced_connection__comes_before_its_disconnect, setup, teardown),
        cmocka_unit_test_setup_teardown(will__not_allowed__nothing_goes_out, setup, teardown),
        cmocka_unit_test_setup_teardown(will__stopping_broker__refused, setup, teardown),
        cmocka_unit_test_setup_teardown(unknown_pointers__fall_back_to_their_names, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
