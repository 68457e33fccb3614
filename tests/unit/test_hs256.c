#include "../../core/hs256.h"
#include "mw/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void put_hex(char out[static 2 * HS256_LEN + 1], const uint8_t mac[static HS256_LEN]) {
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < HS256_LEN; i++) {
        out[2 * i] = hex[mac[i] >> 4];
        out[2 * i + 1] = hex[mac[i] & 15];
    }
    out[2 * HS256_LEN] = '\0';
}

/* RFC 4231, test cases 1 to 3; then keys as long as a block and longer (its own such keys are longer than ours may be),
 * computed with Python's hmac module. */
static void hs256__rfc_4231__prepared_or_not(void **state) {
    (void)state;
    static const struct {
        size_t key_len;
        char key_byte; /* the whole key; 0: "Jefe" */
        const char *message, *want;
    } rows[] = {
        {20, 0x0b, "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {4, 0, "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {20, (char)0xaa,
         "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd"
         "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd",
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {128, (char)0xaa, "Larger than a block", "faeeea5acbe04e10e8ab7a721b427790291dd1f519901d4074480a157112db57"},
        {64, (char)0xaa, "As large as a block", "45f6bd3e7450214a560a830d31cb4241fb0b9773e047132dbb709f393dc6dbf8"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t mac[HS256_LEN];
        char hex[2 * HS256_LEN + 1];
        struct mw_key key = {.k_len = rows[i].key_len};
        memset(key.k, rows[i].key_byte, key.k_len);
        if (!rows[i].key_byte) memcpy(key.k, "Jefe", 4);
        for (int prepared = 0; prepared <= 1; prepared++) {
            if (prepared) hs256_prepare(&key);
            hs256_sign(&key, mw_cstr(rows[i].message), mac);
            put_hex(hex, mac);
            if (strcmp(hex, rows[i].want) != 0) fail_msg("row %zu, prepared %d: %s", i, prepared, hex);
        }
    }
}

static void hs256__header__written_once_for_a_key(void **state) {
    (void)state;
    struct mw_key key = {.kid = "k1", .k_len = 32};
    assert_null(hs256_header(&key).ptr);
    hs256_prepare(&key);
    assert_true(mw_str_eq(hs256_header(&key), MW_STR("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0")));
    memset(key.kid, 'k', MW_KID_MAX);
    hs256_prepare(&key);
    assert_int_equal(hs256_header(&key).len, MW_JWT_HEADER_MAX);
}

/* RFC 7515 appendix A.1: the JWS that everybody checks against. */
static void hs256__rfc_7515_a1__known_signature(void **state) {
    (void)state;
    struct mw_key key = {0};
    uint8_t mac[HS256_LEN];
    char text[MW_BASE64URL_LEN(HS256_LEN) + 1];
    assert_int_equal(
        mw_base64url_decode(
            MW_STR("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"), key.k,
            sizeof key.k, &key.k_len),
        MW_OK);
    hs256_sign(&key,
               MW_STR("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
                      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"),
               mac);
    struct mw_buf b = mw_buf_over(text, sizeof text);
    mw_base64url_put(&b, mw_bytes(mac, sizeof mac));
    assert_string_equal(mw_buf_cstr(&b), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hs256__rfc_4231__prepared_or_not),
        cmocka_unit_test(hs256__header__written_once_for_a_key),
        cmocka_unit_test(hs256__rfc_7515_a1__known_signature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
