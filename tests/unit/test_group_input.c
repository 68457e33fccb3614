#include "group_input.h"

#include "mw/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>
#include <openssl/evp.h>

/* A group's id under the key of the official sample decoder, stamped 1477314187. */
static const char data_g[] = "qlDG7kAgG6wCKEoFl5ynqGedtuoSfHgYa376sUM/mfrdyg6xcrRLSFGMby7zA5wC5wAGYktYBGw12dFmeP6W5l"
                             "ImDXokRWrIl3ytNd8o5gJi0TmopIozud/T+yj4OUlZU3yEe0xU5UjWy7qm5WvROA==";
static const char key_b[] = "tiihtNczf5v6AKRyjwEUhQ==", iv_b[] = "r7BXXKkLb8qrSNn05n0qiA==";
#define APPID "wx4f4bc4dec97d474b"
#define STAMP 1477314187
#define MARK "\"watermark\":{\"timestamp\":1477314187,\"appid\":\"" APPID "\"}}"

static void decode(const char *text, uint8_t out[16]) {
    size_t len = 0;
    assert_int_equal(mw_base64_decode(mw_cstr(text), out, 16, &len), MW_OK);
}

static enum mw_err read_body(const char *body, const char *appid, int64_t now_s, char room[MW_ROOM_MAX + 1]) {
    uint8_t key[MW_SESSION_KEY_LEN];
    const char *message = NULL;
    decode(key_b, key);
    enum mw_err err = group_input_read(mw_cstr(body), key, mw_cstr(appid), now_s, room, &message);
    if (err == MW_EINVAL) assert_non_null(message);
    return err;
}

static void read__official_vector__is_fresh_for_five_minutes(void **state) {
    static const struct {
        int64_t now_s;
        enum mw_err want;
    } rows[] = {
        {STAMP, MW_OK},      {STAMP + 300, MW_OK},   {STAMP + 301, MW_EAUTH},
        {STAMP - 60, MW_OK}, {STAMP - 61, MW_EAUTH}, {STAMP + 86400, MW_EAUTH},
    };
    char body[512];
    (void)state;
    (void)snprintf(body, sizeof body, "{\"encryptedData\":\"%s\",\"iv\":\"%s\"}", data_g, iv_b);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char room[MW_ROOM_MAX + 1] = "untouched";
        enum mw_err err = read_body(body, APPID, rows[i].now_s, room);
        if (err != rows[i].want) fail_msg("row %zu: %s", i, mw_err_text(err));
        if (strcmp(room, err == MW_OK ? "@tGdEb0ExampleOpenGId0000" : "untouched") != 0)
            fail_msg("row %zu: %s", i, room);
    }
    char room[MW_ROOM_MAX + 1];
    assert_int_equal(read_body(body, "wx0000000000000000", STAMP, room), MW_EAUTH);
}

/* As WeChat would seal it, under the same key and iv. */
static void seal(const char *plain, char out[1024]) {
    uint8_t key[16], iv[16], data[512];
    int len = 0, rest = 0;
    decode(key_b, key);
    decode(iv_b, iv);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_aes_128_cbc(), NULL, key, iv), 1);
    assert_int_equal(EVP_EncryptUpdate(ctx, data, &len, (const uint8_t *)plain, (int)mw_cstr(plain).len), 1);
    assert_int_equal(EVP_EncryptFinal_ex(ctx, data + len, &rest), 1);
    EVP_CIPHER_CTX_free(ctx);
    struct mw_buf b = mw_buf_over(out, 1024);
    mw_buf_put(&b, MW_STR("{\"encryptedData\":\""));
    mw_base64_put(&b, mw_bytes(data, (size_t)(len + rest)));
    mw_buf_put(&b, MW_STR("\",\"iv\":\""));
    mw_buf_put(&b, mw_cstr(iv_b));
    mw_buf_put(&b, MW_STR("\"}"));
    assert_non_null(mw_buf_cstr(&b));
}

static void read__plaintexts__rows(void **state) {
    static const struct {
        const char *plain, *room; /* NULL: MW_EAUTH */
    } rows[] = {
        {"{\"openGId\":\"tG1\"," MARK, "@tG1"},
        {"{\"opengid\":\"tG1\",\"group_openid\":\"\",\"chat_type\":3," MARK, "@tG1"},
        {"{\"openGId\":\"tG1\",\"opengid\":\"tG1\"," MARK, "@tG1"},
        {"{\"openGId\":\"tG1\",\"opengid\":\"tG2\"," MARK, NULL},
        {"{\"openGId\":\"\"," MARK, NULL},
        {"{\"openGId\":\"a/b\"," MARK, NULL},
        {"{\"openGId\":\"a#\"," MARK, NULL},
        {"{\"openGId\":7," MARK, NULL},
        {"{\"openGId\":\"0123456789012345678901234567890123456789012345678901234567890123\"," MARK, NULL},
        {"{\"group\":\"tG1\"," MARK, NULL},
        {"{\"openId\":\"oA\",\"openGId\":\"tG1\"," MARK, NULL}, /* a person's data is no group's */
        {"{\"openGId\":\"tG1\",\"watermark\":{\"appid\":\"" APPID "\"}}", NULL},
        {"{\"openGId\":\"tG1\",\"watermark\":{\"timestamp\":\"1477314187\",\"appid\":\"" APPID "\"}}", NULL},
        {"{\"openGId\":\"tG1\",\"watermark\":{\"timestamp\":-1,\"appid\":\"" APPID "\"}}", NULL},
        {"{\"openGId\":\"tG1\"}", NULL},
        {"tG1", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char body[1024], room[MW_ROOM_MAX + 1] = "";
        seal(rows[i].plain, body);
        enum mw_err err = read_body(body, APPID, STAMP, room);
        if (err != (rows[i].room ? MW_OK : MW_EAUTH)) fail_msg("row %zu: %s", i, mw_err_text(err));
        if (rows[i].room && strcmp(room, rows[i].room) != 0) fail_msg("row %zu: %s", i, room);
    }
}

static void read__no_proof_at_all__is_told(void **state) {
    static const char *const bodies[] = {"",
                                         "{}",
                                         "[]",
                                         "{\"encryptedData\":\"AAAA\"}",
                                         "{\"iv\":\"AAAA\"}",
                                         "{\"encryptedData\":1,\"iv\":2}",
                                         "{\"encryptedData\":\"\",\"iv\":\"\"}"};
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        char room[MW_ROOM_MAX + 1] = "";
        enum mw_err err = read_body(bodies[i], APPID, STAMP, room);
        if (err != MW_EINVAL) fail_msg("row %zu: %s", i, mw_err_text(err));
    }
    char room[MW_ROOM_MAX + 1] = "";
    assert_int_equal(read_body("{\"encryptedData\":\"AAAA\",\"iv\":\"AAAA\"}", APPID, STAMP, room), MW_EAUTH);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__official_vector__is_fresh_for_five_minutes),
        cmocka_unit_test(read__plaintexts__rows),
        cmocka_unit_test(read__no_proof_at_all__is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
