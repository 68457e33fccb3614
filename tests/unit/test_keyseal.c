#include "keyseal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const uint8_t at_rest[32] = "an at-rest key of thirty-two by";
static const uint8_t key[MW_SESSION_KEY_LEN] = "session-key-16b";
static const struct mw_str sid = {"abcdefghijklmnopqrstuvwxyz", 26};

static void keyseal__closed__opens_again_and_shows_nothing(void **state) {
    uint8_t sealed[MW_SEALED_KEY_LEN], again[MW_SEALED_KEY_LEN], opened[MW_SESSION_KEY_LEN];
    (void)state;
    assert_int_equal(keyseal_close(at_rest, sid, key, sealed), MW_OK);
    assert_int_equal(keyseal_close(at_rest, sid, key, again), MW_OK);
    assert_memory_not_equal(sealed, again, sizeof sealed); /* another nonce each time */
    assert_null(memmem(sealed, sizeof sealed, key, 8));
    assert_int_equal(keyseal_open(at_rest, sid, sealed, opened), MW_OK);
    assert_memory_equal(opened, key, sizeof key);
}

static void keyseal__any_byte_changed__opens_nothing(void **state) {
    uint8_t sealed[MW_SEALED_KEY_LEN], opened[MW_SESSION_KEY_LEN];
    (void)state;
    assert_int_equal(keyseal_close(at_rest, sid, key, sealed), MW_OK);
    for (size_t i = 0; i < sizeof sealed; i++) {
        memset(opened, 0x55, sizeof opened);
        sealed[i] ^= 1;
        if (keyseal_open(at_rest, sid, sealed, opened) != MW_EAUTH) fail_msg("byte %zu may be changed", i);
        if (opened[0] != 0x55) fail_msg("byte %zu: something was handed out", i);
        sealed[i] ^= 1;
    }
}

static void keyseal__another_session_or_key__opens_nothing(void **state) {
    uint8_t sealed[MW_SEALED_KEY_LEN], opened[MW_SESSION_KEY_LEN], other_key[32];
    (void)state;
    assert_int_equal(keyseal_close(at_rest, sid, key, sealed), MW_OK);
    assert_int_equal(keyseal_open(at_rest, MW_STR("bbcdefghijklmnopqrstuvwxyz"), sealed, opened), MW_EAUTH);
    memcpy(other_key, at_rest, sizeof other_key);
    other_key[31] ^= 1;
    assert_int_equal(keyseal_open(other_key, sid, sealed, opened), MW_EAUTH);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keyseal__closed__opens_again_and_shows_nothing),
        cmocka_unit_test(keyseal__any_byte_changed__opens_nothing),
        cmocka_unit_test(keyseal__another_session_or_key__opens_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
