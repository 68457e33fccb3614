#include "changes.h"
#include "fakes/fake_host.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>

static struct plugin *pl;
static struct mosquitto phone, tablet;

static int log_in(struct mosquitto *m, const char *id, const char *sid, int64_t ttl_s) {
    struct mw_claims claims = fake_claims(UID_A, sid, ttl_s);
    *m = fake_client(id);
    m->username = UID_A;
    return fake_basic_auth(pl, m, fake_skey(pl, &claims));
}

static int setup(void **state) {
    (void)state;
    pl = fake_plugin_new();
    assert_int_equal(log_in(&phone, UID_A "-phone", SID_A, 100), MOSQ_ERR_SUCCESS);
    assert_int_equal(log_in(&tablet, UID_A "-tablet", SID_B, 100), MOSQ_ERR_SUCCESS);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    fake_plugin_free(pl);
    return 0;
}

static void take(enum mw_change_type type, const char *who, int64_t ttl_s, const char *nick) {
    struct mw_change c = {.seq = 7, .at_s = fake.unix_ms / 1000, .type = type};
    c.until_s = c.at_s + ttl_s;
    snprintf(c.who, sizeof c.who, "%s", who);
    snprintf(c.profile.nick, sizeof c.profile.nick, "%s", nick ? nick : "");
    changes_take(pl, &c);
}

static void tick(void) {
    fake_event(pl, MOSQ_EVT_TICK, NULL);
}

static void extend__live_session__ends_at_its_new_end(void **state) {
    (void)state;
    take(MW_CHANGE_EXTEND, SID_A, 500, NULL);
    fake.unix_ms += 100000;
    tick();
    tick();
    assert_int_equal(fake.kicks, 1);
    assert_string_equal(fake.kicked, UID_A "-tablet");
    assert_int_equal(fake_acl(pl, &phone, MOSQ_ACL_READ, "room/lobby", "x"), MOSQ_ERR_SUCCESS);
    fake.unix_ms += 400000;
    tick();
    assert_int_equal(fake_acl(pl, &phone, MOSQ_ACL_READ, "room/lobby", "x"), MOSQ_ERR_ACL_DENIED);
    tick();
    assert_int_equal(fake.kicks, 2);
}

static void extend__older_skey_connects__has_the_new_end(void **state) {
    struct mosquitto again;
    (void)state;
    take(MW_CHANGE_EXTEND, SID_A, 500, NULL);
    assert_int_equal(log_in(&again, UID_A, SID_A, 50), MOSQ_ERR_SUCCESS);
    assert_int_equal(clients_find(&pl->clients, &again)->subject.exp_s, fake.unix_ms / 1000 + 500);
}

static void extend__between_notice_and_kick__stays(void **state) {
    (void)state;
    fake.unix_ms += 100000;
    tick();
    take(MW_CHANGE_EXTEND, SID_A, 500, NULL);
    tick();
    assert_int_equal(fake.kicks, 1);
    assert_string_equal(fake.kicked, UID_A "-tablet");
}

static void revoke__one_session__told_kicked_and_kept_out(void **state) {
    struct mosquitto again;
    (void)state;
    take(MW_CHANGE_REVOKE, SID_A, 100, NULL);
    assert_int_equal(fake_acl(pl, &phone, MOSQ_ACL_WRITE, "room/lobby", "{\"type\":\"text\",\"content\":\"x\"}"),
                     MOSQ_ERR_ACL_DENIED);
    assert_int_equal(fake_acl(pl, &phone, MOSQ_ACL_READ, "room/lobby", "x"), MOSQ_ERR_ACL_DENIED);
    tick();
    assert_non_null(strstr(fake.last.payload, "\"reason\":\"revoked\""));
    tick();
    assert_int_equal(fake.kicks, 1);
    assert_string_equal(fake.kicked, UID_A "-phone");
    assert_false(fake.kicked_with_will);
    assert_int_equal(log_in(&again, UID_A, SID_A, 100), MOSQ_ERR_AUTH);
    assert_int_equal(log_in(&again, UID_A, SID_B, 100), MOSQ_ERR_SUCCESS);
    assert_int_equal(fake_acl(pl, &tablet, MOSQ_ACL_READ, "room/lobby", "x"), MOSQ_ERR_SUCCESS);
}

static void revoke__then_extend__stays_revoked(void **state) {
    struct mosquitto again;
    (void)state;
    take(MW_CHANGE_REVOKE, SID_A, 100, NULL);
    take(MW_CHANGE_EXTEND, SID_A, 500, NULL);
    assert_int_equal(fake_acl(pl, &phone, MOSQ_ACL_READ, "room/lobby", "x"), MOSQ_ERR_ACL_DENIED);
    assert_int_equal(log_in(&again, UID_A, SID_A, 100), MOSQ_ERR_AUTH);
}

static void revoke__session_away__loses_its_subscriptions_untold(void **state) {
    (void)state;
    fake_event(pl, HOST_EVT_CLIENT_OFFLINE, &phone);
    take(MW_CHANGE_REVOKE, SID_A, 100, NULL);
    assert_int_equal(fake_acl(pl, &phone, MOSQ_ACL_READ, "room/lobby", "x"), MOSQ_ERR_ACL_DENIED);
    tick();
    tick();
    assert_int_equal(fake.kicks, 0); /* 2.0 crashes when one who is away is kicked */
    assert_int_equal(fake.published, 0);
    struct mw_claims fresh = fake_claims(UID_A, "cccccccccccccccccccccccccc", 100);
    struct mosquitto again = fake_client(UID_A "-phone");
    again.username = UID_A;
    again.resumes = true;
    assert_int_equal(fake_basic_auth(pl, &again, fake_skey(pl, &fresh)), MOSQ_ERR_SUCCESS);
    assert_int_equal(fake_acl(pl, &again, MOSQ_ACL_READ, "room/lobby", "x"), MOSQ_ERR_ACL_DENIED);
    assert_int_equal(fake_acl(pl, &again, MOSQ_ACL_SUBSCRIBE, "room/lobby", NULL), MOSQ_ERR_SUCCESS);
    assert_int_equal(fake_acl(pl, &again, MOSQ_ACL_READ, "room/lobby", "x"), MOSQ_ERR_SUCCESS);
}

static void profile__live_and_later__seen_by_its_new_name(void **state) {
    struct mosquitto again;
    (void)state;
    take(MW_CHANGE_PROFILE, UID_A, 500, "安");
    for (int i = 0; i < 2; i++) {
        const struct client *c = clients_find(&pl->clients, i ? &tablet : &phone);
        if (strstr(c->from, "\"nickName\":\"安\"") == NULL) fail_msg("%s", c->from);
    }
    assert_int_equal(log_in(&again, UID_A, SID_A, 50), MOSQ_ERR_SUCCESS);
    assert_non_null(strstr(clients_find(&pl->clients, &again)->from, "安"));
    fake.unix_ms += 20000;
    struct mw_claims fresh = fake_claims(UID_A, SID_A, 500);
    fresh.iat_s = fake.unix_ms / 1000;
    again = fake_client(UID_A);
    assert_int_equal(fake_basic_auth(pl, &again, fake_skey(pl, &fresh)), MOSQ_ERR_SUCCESS);
    assert_non_null(strstr(clients_find(&pl->clients, &again)->from, "Ann"));
}

static void change__that_is_over__hits_nobody(void **state) {
    static const struct {
        enum mw_change_type type;
        const char *who;
        int64_t ttl_s;
        size_t kicks;
    } rows[] = {
        {MW_CHANGE_BAN, UID_A, 0, 0},
        {MW_CHANGE_BAN, UID_A, -5, 0},
        {MW_CHANGE_REVOKE, SID_A, 0, 0},
        {MW_CHANGE_BAN, UID_A, 1, 2},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        take(rows[i].type, rows[i].who, rows[i].ttl_s, NULL);
        tick();
        tick();
        if (fake.kicks != rows[i].kicks) fail_msg("row %zu: %zu kicks", i, fake.kicks);
    }
}

static void change__of_no_use__is_left_out(void **state) {
    (void)state;
    take(MW_CHANGE_NONE, UID_A, 10, NULL);
    take(MW_CHANGE_TYPES, UID_A, 10, NULL);
    take(MW_CHANGE_REVOKE, UID_A, 10, NULL);
    assert_int_equal(ledger_count(&pl->ledger), 0);
    assert_int_equal(fake_acl(pl, &phone, MOSQ_ACL_READ, "room/lobby", "x"), MOSQ_ERR_SUCCESS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(extend__live_session__ends_at_its_new_end, setup, teardown),
        cmocka_unit_test_setup_teardown(extend__older_skey_connects__has_the_new_end, setup, teardown),
        cmocka_unit_test_setup_teardown(extend__between_notice_and_kick__stays, setup, teardown),
        cmocka_unit_test_setup_teardown(revoke__one_session__told_kicked_and_kept_out, setup, teardown),
        cmocka_unit_test_setup_teardown(revoke__then_extend__stays_revoked, setup, teardown),
        cmocka_unit_test_setup_teardown(revoke__session_away__loses_its_subscriptions_untold, setup, teardown),
        cmocka_unit_test_setup_teardown(profile__live_and_later__seen_by_its_new_name, setup, teardown),
        cmocka_unit_test_setup_teardown(change__that_is_over__hits_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(change__of_no_use__is_left_out, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
