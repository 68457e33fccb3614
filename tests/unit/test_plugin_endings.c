#include "fakes/fake_host.h"

#include "endings.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define TEXT "{\"type\":\"text\",\"content\":\"bye\"}"

static struct plugin *pl;
static struct mosquitto ann;

static void connect_for(struct mosquitto *m, int64_t ttl_s) {
    struct mw_claims claims = fake_claims(UID_A, SID_A, ttl_s);
    *m = fake_client(UID_A);
    assert_int_equal(fake_ext_auth(pl, m, "WX-SKEY", fake_skey(pl, &claims)), MOSQ_ERR_SUCCESS);
}

static int setup(void **state) {
    (void)state;
    pl = fake_plugin_new();
    connect_for(&ann, 100);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    fake_plugin_free(pl);
    return 0;
}

static void tick(void) {
    assert_int_equal(fake_event(pl, MOSQ_EVT_TICK, NULL), MOSQ_ERR_SUCCESS);
}

static void expired__told_in_one_tick_kicked_in_the_next(void **state) {
    (void)state;
    fake.unix_ms += 99999;
    tick();
    tick();
    assert_int_equal(fake.published, 0);
    fake.unix_ms += 1;
    tick();
    assert_int_equal(fake.published, 1);
    assert_int_equal(fake.kicks, 0);
    assert_string_equal(fake.last.topic, "user/" UID_A "/notice");
    assert_non_null(strstr(fake.last.payload, "\"error\":\"ERR_INVALID_SESSION\""));
    assert_non_null(strstr(fake.last.payload, "\"reason\":\"expired\""));
    tick();
    assert_int_equal(fake.kicks, 1);
    assert_string_equal(fake.kicked, UID_A);
    assert_true(fake.kicked_with_will);
    tick();
    assert_int_equal(fake.kicks, 1);
    assert_int_equal(fake.published, 1);
}

/* The worker's turns, one after each of the broker's. */
static void ended__until_its_socket_is_closed__broker_turns_at_once(void **state) {
    (void)state;
    endings_hurry(pl);
    assert_int_equal(fake.wakes, 0);
    fake.unix_ms += 100000;
    tick();
    for (size_t turn = 1; turn <= 2; turn++) {
        endings_hurry(pl);
        assert_int_equal(fake.wakes, turn);
        tick();
        assert_int_equal(fake.kicks, 1);
    }
    endings_hurry(pl);
    assert_int_equal(fake.wakes, 2);
}

static void renewed__before_the_kick__stays(void **state) {
    (void)state;
    struct mw_claims later = fake_claims(UID_A, SID_A, 500);
    fake.unix_ms += 100000;
    tick();
    assert_int_equal(fake_ext_auth(pl, &ann, "WX-SKEY", fake_skey(pl, &later)), MOSQ_ERR_SUCCESS);
    tick();
    tick();
    assert_int_equal(fake.kicks, 0);
    assert_int_equal(fake_acl(pl, &ann, MOSQ_ACL_READ, "room/lobby", "x"), MOSQ_ERR_SUCCESS);
}

static void replaced__before_the_kick__newer_connection_is_not_kicked(void **state) {
    (void)state;
    struct mosquitto again;
    fake.unix_ms += 100000;
    tick();
    connect_for(&again, 500);
    tick();
    tick();
    assert_int_equal(fake.kicks, 0);
    assert_int_equal(fake_acl(pl, &again, MOSQ_ACL_READ, "room/lobby", "x"), MOSQ_ERR_SUCCESS);
}

static void gone__before_the_kick__nobody_is_kicked(void **state) {
    (void)state;
    fake.unix_ms += 100000;
    tick();
    fake_event(pl, MOSQ_EVT_DISCONNECT, &ann);
    tick();
    assert_int_equal(fake.kicks, 0);
}

static int subscribe_in_kick;
static void while_kicking(void *ctx) {
    (void)ctx;
    subscribe_in_kick = fake_acl(pl, &ann, MOSQ_ACL_SUBSCRIBE, "room/lobby", NULL);
    fake_event(pl, MOSQ_EVT_DISCONNECT, &ann);
    assert_int_equal(fake_acl(pl, &ann, MOSQ_ACL_WRITE, "room/lobby", TEXT), MOSQ_ERR_ACL_DENIED);
}

static void expired__subscriptions_stay_and_the_will_goes_out(void **state) {
    (void)state;
    fake.in_kick = while_kicking;
    fake.unix_ms += 100000;
    tick();
    tick();
    assert_int_equal(fake.kicks, 1);
    assert_int_equal(subscribe_in_kick, MOSQ_ERR_SUCCESS);
    assert_int_equal(fake.published, 2);
    assert_non_null(strstr(fake.last.payload, "bye"));
}

static void revoked__subscriptions_go_and_no_will(void **state) {
    (void)state;
    struct client *c = clients_find(&pl->clients, &ann);
    fake.in_kick = while_kicking;
    c->subject.ended = MW_REASON_REVOKED;
    clients_settle(c);
    assert_int_equal(mw_expiry_set(&pl->clients.due, &c->due, fake.unix_ms), MW_OK);
    tick();
    assert_non_null(strstr(fake.last.payload, "\"reason\":\"revoked\""));
    tick();
    assert_int_equal(fake.kicks, 1);
    assert_false(fake.kicked_with_will);
    assert_int_equal(subscribe_in_kick, MOSQ_ERR_ACL_DENIED);
    assert_int_equal(fake.published, 1);
    assert_int_equal(fake_acl(pl, &ann, MOSQ_ACL_READ, "room/lobby", "x"), MOSQ_ERR_ACL_DENIED);
}

static void away__expired_session__queue_fills_until_forgotten(void **state) {
    (void)state;
    ann.clean_v3 = false;
    fake_event(pl, MOSQ_EVT_DISCONNECT, &ann);
    fake.unix_ms += INT64_C(86400000);
    tick();
    assert_int_equal(fake_acl(pl, &ann, MOSQ_ACL_READ, "room/lobby", "x"), MOSQ_ERR_SUCCESS);
    assert_int_equal(fake.published, 0);
    fake.unix_ms += INT64_C(31) * 86400000;
    tick();
    assert_null(clients_find(&pl->clients, &ann));
}

static void clean_session__gone__forgotten_after_its_will(void **state) {
    (void)state;
    fake_event(pl, MOSQ_EVT_DISCONNECT, &ann);
    tick();
    assert_non_null(clients_find(&pl->clients, &ann));
    fake.unix_ms += 61000;
    tick();
    assert_null(clients_find(&pl->clients, &ann));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(expired__told_in_one_tick_kicked_in_the_next, setup, teardown),
        cmocka_unit_test_setup_teardown(ended__until_its_socket_is_closed__broker_turns_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(renewed__before_the_kick__stays, setup, teardown),
        cmocka_unit_test_setup_teardown(replaced__before_the_kick__newer_connection_is_not_kicked, setup, teardown),
        cmocka_unit_test_setup_teardown(gone__before_the_kick__nobody_is_kicked, setup, teardown),
        cmocka_unit_test_setup_teardown(expired__subscriptions_stay_and_the_will_goes_out, setup, teardown),
        cmocka_unit_test_setup_teardown(revoked__subscriptions_go_and_no_will, setup, teardown),
        cmocka_unit_test_setup_teardown(away__expired_session__queue_fills_until_forgotten, setup, teardown),
        cmocka_unit_test_setup_teardown(clean_session__gone__forgotten_after_its_will, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
