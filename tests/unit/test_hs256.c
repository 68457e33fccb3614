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

/* RFC 4231, test cases 1, 2, 3, 6 and 7: keys shorter and longer than a block, messages of none to three blocks. */
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
        {131, (char)0xaa, "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {131, (char)0xaa,
         "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
         "hashed before being used by the HMAC algorithm.",
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t k[131], mac[HS256_LEN];
        char hex[2 * HS256_LEN + 1];
        struct mw_key key = {.k_len = rows[i].key_len};
        memset(k, rows[i].key_byte, sizeof k);
        if (!rows[i].key_byte) memcpy(k, "Jefe", 4);
        hs256_prepare(&key.hs256, k, rows[i].key_len);
        hs256_sign(&key, mw_cstr(rows[i].message), mac);
        put_hex(hex, mac);
        if (strcmp(hex, rows[i].want) != 0) fail_msg("row %zu, prepared: %s", i, hex);
        if (rows[i].key_len > sizeof key.k) continue;
        memset(&key.hs256, 0, sizeof key.hs256);
        memcpy(key.k, k, rows[i].key_len);
        hs256_sign(&key, mw_cstr(rows[i].message), mac);
        put_hex(hex, mac);
        if (strcmp(hex, rows[i].want) != 0) fail_msg("row %zu, not prepared: %s", i, hex);
    }
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
        cmocka_unit_test(hs256__rfc_7515_a1__known_signature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
