#include "fakes/fake_host.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>

static struct plugin *pl;

static int setup(void **state) {
    (void)state;
    pl = fake_plugin_new();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    fake_plugin_free(pl);
    return 0;
}

static const char *skey_of_a(int64_t ttl_s) {
    struct mw_claims claims = fake_claims(UID_A, SID_A, ttl_s);
    return fake_skey(pl, &claims);
}

static void connect__names__only_the_owners(void **state) {
    static const struct {
        const char *id, *username;
        int want;
    } rows[] = {
        {UID_A, UID_A, MOSQ_ERR_SUCCESS},
        {SID_A, UID_A, MOSQ_ERR_SUCCESS},
        {UID_A "-phone_2", SID_A, MOSQ_ERR_SUCCESS},
        {UID_B, UID_A, MOSQ_ERR_AUTH},
        {UID_A, UID_B, MOSQ_ERR_AUTH},
        {UID_A, NULL, MOSQ_ERR_AUTH},
        {UID_A "-", UID_A, MOSQ_ERR_AUTH},
        {UID_A "x", UID_A, MOSQ_ERR_AUTH},
        {UID_A "-a b", UID_A, MOSQ_ERR_AUTH},
        {"auto-1234", UID_A, MOSQ_ERR_AUTH},
        {NULL, UID_A, MOSQ_ERR_AUTH},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mosquitto m = fake_client(rows[i].id);
        m.username = rows[i].username;
        int got = fake_basic_auth(pl, &m, skey_of_a(100));
        if (got != rows[i].want) fail_msg("row %zu: got %d, want %d", i, got, rows[i].want);
        clients_forget(&pl->clients, &m);
    }
}

static void connect__password__ours_decided_others_deferred(void **state) {
    (void)state;
    struct mosquitto m = fake_client(UID_A);
    char forged[MW_SKEY_MAX + 1];
    snprintf(forged, sizeof forged, "%s", skey_of_a(100));
    size_t last = strlen(forged) - 2;
    forged[last] = forged[last] == 'A' ? 'B' : 'A';
    struct mw_keyset none = {0};
    struct mw_keyset keys = pl->keys;

    assert_int_equal(fake_basic_auth(pl, &m, NULL), MOSQ_ERR_PLUGIN_DEFER);
    assert_int_equal(fake_basic_auth(pl, &m, ""), MOSQ_ERR_PLUGIN_DEFER);
    assert_int_equal(fake_basic_auth(pl, &m, "secret"), MOSQ_ERR_PLUGIN_DEFER);
    assert_int_equal(fake_basic_auth(pl, &m, forged), MOSQ_ERR_AUTH);
    assert_int_equal(fake_basic_auth(pl, &m, skey_of_a(0)), MOSQ_ERR_AUTH);
    const char *good = skey_of_a(100);
    pl->keys = none;
    assert_int_equal(fake_basic_auth(pl, &m, good), MOSQ_ERR_PLUGIN_DEFER);
    pl->keys = keys;
    assert_null(clients_find(&pl->clients, &m));
    assert_int_equal(fake_basic_auth(pl, &m, good), MOSQ_ERR_SUCCESS);
}

static void connect__before_the_first_tick__refused(void **state) {
    (void)state;
    struct mosquitto m = fake_client(UID_A);
    pl->ticking = false;
    assert_int_equal(fake_basic_auth(pl, &m, skey_of_a(100)), MOSQ_ERR_AUTH);
    assert_int_equal(fake_basic_auth(pl, &m, "secret"), MOSQ_ERR_PLUGIN_DEFER);
}

static void stranger__client_id_of_a_session__refused_while_held(void **state) {
    (void)state;
    struct mosquitto ours = fake_client(UID_A), other = fake_client(UID_A), elsewhere = fake_client("sensor-1");
    assert_int_equal(fake_basic_auth(pl, &ours, skey_of_a(100)), MOSQ_ERR_SUCCESS);
    assert_int_equal(fake_basic_auth(pl, &other, "secret"), MOSQ_ERR_AUTH);
    assert_int_equal(fake_ext_auth(pl, &other, "SCRAM-SHA-1", "x"), MOSQ_ERR_AUTH);
    fake_event(pl, MOSQ_EVT_DISCONNECT, &ours); /* away, its session is kept by the broker */
    assert_int_equal(fake_basic_auth(pl, &other, "secret"), MOSQ_ERR_AUTH);
    assert_int_equal(fake_basic_auth(pl, &elsewhere, "secret"), MOSQ_ERR_PLUGIN_DEFER);
}

static void pointer_reused__by_a_stranger__inherits_nothing(void **state) {
    (void)state;
    struct mosquitto m = fake_client(UID_A);
    assert_int_equal(fake_basic_auth(pl, &m, skey_of_a(100)), MOSQ_ERR_SUCCESS);
    fake_event(pl, MOSQ_EVT_DISCONNECT, &m);
    m.id = m.username = "sensor-1";
    assert_int_equal(fake_basic_auth(pl, &m, "secret"), MOSQ_ERR_PLUGIN_DEFER);
    assert_null(clients_find(&pl->clients, &m));
    assert_int_equal(fake_acl(pl, &m, MOSQ_ACL_READ, "room/lobby", "x"), MOSQ_ERR_PLUGIN_DEFER);
    assert_int_equal(fake_acl(pl, &m, MOSQ_ACL_WRITE, "room/lobby", "x"), MOSQ_ERR_PLUGIN_DEFER);
}

static void sighup__live_session__passes_without_its_password(void **state) {
    (void)state;
    struct mosquitto m = fake_client(UID_A);
    assert_int_equal(fake_basic_auth(pl, &m, skey_of_a(100)), MOSQ_ERR_SUCCESS);
    pl->asking_again = true;
    assert_int_equal(fake_basic_auth(pl, &m, NULL), MOSQ_ERR_SUCCESS);
    fake.unix_ms += 100000;
    assert_int_equal(fake_basic_auth(pl, &m, NULL), MOSQ_ERR_AUTH);
}

static void no_sighup__live_pointer_again__must_show_a_password(void **state) {
    (void)state;
    struct mosquitto m = fake_client(UID_A);
    assert_int_equal(fake_basic_auth(pl, &m, skey_of_a(100)), MOSQ_ERR_SUCCESS);
    assert_int_equal(fake_basic_auth(pl, &m, NULL), MOSQ_ERR_PLUGIN_DEFER);
    assert_int_equal(fake_acl(pl, &m, MOSQ_ACL_READ, "room/lobby", "x"), MOSQ_ERR_PLUGIN_DEFER);
}

static void sighup__session_away__answer_changes_nothing(void **state) {
    (void)state;
    struct mosquitto m = fake_client(UID_A);
    m.clean_v3 = false;
    const char *good = skey_of_a(100);
    assert_int_equal(fake_basic_auth(pl, &m, good), MOSQ_ERR_SUCCESS);
    fake_event(pl, HOST_EVT_CLIENT_OFFLINE, &m);
    pl->asking_again = true;
    assert_int_equal(fake_basic_auth(pl, &m, NULL), MOSQ_ERR_SUCCESS); /* a refusal would crash 2.0 */
    assert_false(clients_find(&pl->clients, &m)->connected);
    m.websocket = true; /* a fresh connection in the same turn */
    assert_int_not_equal(fake_basic_auth(pl, &m, NULL), MOSQ_ERR_SUCCESS);
}

static void stranger__resuming_an_id_of_our_form__refused(void **state) {
    struct mosquitto fresh = fake_client(UID_A "-1"), resuming = fake_client(SID_A), other = fake_client("livingroom");
    (void)state;
    resuming.resumes = other.resumes = true;
    assert_int_equal(fake_basic_auth(pl, &fresh, "secret"), MOSQ_ERR_PLUGIN_DEFER);
    assert_int_equal(fake_basic_auth(pl, &resuming, "secret"), MOSQ_ERR_AUTH);
    assert_int_equal(fake_basic_auth(pl, &other, "secret"), MOSQ_ERR_PLUGIN_DEFER);
}

static void person__clients_without_end__refused(void **state) {
    static struct mosquitto m[100];
    static char ids[100][40];
    int admitted = 0;
    (void)state;
    for (int i = 0; i < 100; i++) {
        snprintf(ids[i], sizeof ids[i], UID_A "-%d", i);
        m[i] = fake_client(ids[i]);
        m[i].username = UID_A;
        admitted += fake_basic_auth(pl, &m[i], skey_of_a(100)) == MOSQ_ERR_SUCCESS;
    }
    assert_int_equal(admitted, 64);
}

static void ext_auth__first__gives_the_client_a_name(void **state) {
    (void)state;
    struct mosquitto m = fake_client(UID_A), wrong = fake_client(UID_B), other = fake_client("x");
    m.username = NULL;
    assert_int_equal(fake_ext_auth(pl, &m, "WX-SKEY", skey_of_a(100)), MOSQ_ERR_SUCCESS);
    assert_string_equal(m.username, UID_A);
    assert_int_equal(fake_ext_auth(pl, &wrong, "WX-SKEY", skey_of_a(100)), MOSQ_ERR_AUTH);
    assert_int_equal(fake_ext_auth(pl, &other, "WX-SKEY", "not a token"), MOSQ_ERR_AUTH);
    assert_int_equal(fake_ext_auth(pl, &other, "WX-SKEY", NULL), MOSQ_ERR_AUTH);
    assert_int_equal(fake_ext_auth(pl, &other, "OTHER", "x"), MOSQ_ERR_PLUGIN_DEFER);
    assert_int_equal(fake_ext_auth(pl, &other, NULL, NULL), MOSQ_ERR_PLUGIN_DEFER);
}

static void ext_auth__again__renews_the_live_session(void **state) {
    (void)state;
    struct mosquitto m = fake_client(UID_A);
    m.username = NULL;
    assert_int_equal(fake_ext_auth(pl, &m, "WX-SKEY", skey_of_a(100)), MOSQ_ERR_SUCCESS);
    const struct client *c = clients_find(&pl->clients, &m);
    struct mw_claims others = fake_claims(UID_B, SID_B, 500);
    assert_int_equal(fake_ext_auth(pl, &m, "WX-SKEY", fake_skey(pl, &others)), MOSQ_ERR_AUTH);
    assert_int_equal(fake_ext_auth(pl, &m, "WX-SKEY", skey_of_a(0)), MOSQ_ERR_AUTH);
    assert_int_equal(fake_ext_auth(pl, &m, "WX-SKEY", skey_of_a(500)), MOSQ_ERR_SUCCESS);
    assert_ptr_equal(clients_find(&pl->clients, &m), c);
    assert_int_equal(c->subject.exp_s, fake.unix_ms / 1000 + 500);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(connect__names__only_the_owners, setup, teardown),
        cmocka_unit_test_setup_teardown(connect__password__ours_decided_others_deferred, setup, teardown),
        cmocka_unit_test_setup_teardown(connect__before_the_first_tick__refused, setup, teardown),
        cmocka_unit_test_setup_teardown(stranger__client_id_of_a_session__refused_while_held, setup, teardown),
        cmocka_unit_test_setup_teardown(pointer_reused__by_a_stranger__inherits_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(sighup__live_session__passes_without_its_password, setup, teardown),
        cmocka_unit_test_setup_teardown(no_sighup__live_pointer_again__must_show_a_password, setup, teardown),
        cmocka_unit_test_setup_teardown(sighup__session_away__answer_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(stranger__resuming_an_id_of_our_form__refused, setup, teardown),
        cmocka_unit_test_setup_teardown(person__clients_without_end__refused, setup, teardown),
        cmocka_unit_test_setup_teardown(ext_auth__first__gives_the_client_a_name, setup, teardown),
        cmocka_unit_test_setup_teardown(ext_auth__again__renews_the_live_session, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
