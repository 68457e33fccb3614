/* What the stand-in says, without a socket: errcodes from their causes, and the formats of WeChat's texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "api.h"
#include "seal.h"

#define APP_ID "wx0123456789abcdef"
#define SECRET "the-app-secret"
#define NOW_S 1763800000

struct fixture {
    struct api *api;
    int64_t mono_ms;
};

static int set_up(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    f->api = api_new(MW_STR(APP_ID), MW_STR(SECRET));
    f->mono_ms = 1000;
    *state = f;
    return f->api ? 0 : -1;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    api_free(&f->api);
    free(f);
    return 0;
}

/* The caller deletes the tree; *status may be NULL. */
static cJSON *call(struct fixture *f, struct request *r, unsigned *status) {
    struct answer answer;
    r->mono_ms = f->mono_ms;
    r->unix_s = NOW_S;
    api_answer(f->api, r, &answer);
    if (status) *status = answer.status;
    cJSON *tree = cJSON_Parse(answer.body);
    free(answer.body);
    return tree;
}

static cJSON *door(struct fixture *f, const char *path, const char *body, unsigned *status) {
    struct request r = {.method = MW_STR("POST"), .path = mw_cstr(path), .body = mw_cstr(body)};
    return call(f, &r, status);
}

static void behave(struct fixture *f, const char *body) {
    unsigned status = 0;
    cJSON_Delete(door(f, "/standin/behave", body, &status));
    assert_int_equal(status, 200);
}

static void mint(struct fixture *f, const char *body, char out[static CODE_LEN + 1]) {
    cJSON *answer = door(f, "/standin/code", body, NULL);
    const char *code = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "code"));
    assert_non_null(code);
    assert_true(mw_str_copy(out, CODE_LEN + 1, mw_cstr(code)));
    cJSON_Delete(answer);
}

struct exchange {
    const char *method, *appid, *secret, *code, *grant_type;
};

static cJSON *exchange(struct fixture *f, const struct exchange *e) {
    struct request r = {.method = mw_cstr(e->method), .path = MW_STR("/sns/jscode2session")};
    r.query[QUERY_APPID] = mw_cstr(e->appid);
    r.query[QUERY_SECRET] = mw_cstr(e->secret);
    r.query[QUERY_JS_CODE] = mw_cstr(e->code);
    r.query[QUERY_GRANT_TYPE] = mw_cstr(e->grant_type);
    return call(f, &r, NULL);
}

/* 0: the exchange went well. */
static int errcode_of(struct fixture *f, const char *code) {
    cJSON *answer = exchange(f, &(struct exchange){"GET", APP_ID, SECRET, code, "authorization_code"});
    const cJSON *errcode = cJSON_GetObjectItemCaseSensitive(answer, "errcode");
    int result = cJSON_IsNumber(errcode) ? errcode->valueint : 0;
    if (result == 0) assert_non_null(cJSON_GetObjectItemCaseSensitive(answer, "openid"));
    cJSON_Delete(answer);
    return result;
}

static void exchange__wrong_parameters__their_errcode(void **state) {
    struct fixture *f = *state;
    char code[CODE_LEN + 1];
    mint(f, "{\"person\":\"alice\"}", code);
    const struct {
        struct exchange e;
        int errcode;
    } rows[] = {
        {{"POST", APP_ID, SECRET, code, "authorization_code"}, 41002},
        {{"GET", NULL, SECRET, code, "authorization_code"}, 41002},
        {{"GET", "", SECRET, code, "authorization_code"}, 41002},
        {{"GET", APP_ID, NULL, code, "authorization_code"}, 41004},
        {{"GET", APP_ID, SECRET, NULL, "authorization_code"}, 41008},
        {{"GET", APP_ID, SECRET, code, NULL}, 40002},
        {{"GET", APP_ID, SECRET, code, "client_credential"}, 40002},
        {{"GET", "wxother", SECRET, code, "authorization_code"}, 40013},
        {{"GET", APP_ID, "guess", code, "authorization_code"}, 40125},
        {{"GET", APP_ID, SECRET, "0unknown", "authorization_code"}, 40029},
        {{"GET", APP_ID, SECRET, code, "authorization_code"}, 0},
        {{"GET", APP_ID, SECRET, code, "authorization_code"}, 40163},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cJSON *answer = exchange(f, &rows[i].e);
        const cJSON *errcode = cJSON_GetObjectItemCaseSensitive(answer, "errcode");
        const char *errmsg = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "errmsg"));
        int got = errcode ? errcode->valueint : 0;
        const char *rid = errmsg ? strstr(errmsg, ", rid: ") : NULL;
        if (got != rows[i].errcode) fail_msg("row %zu: errcode %d, not %d", i, got, rows[i].errcode);
        if (got != 0 && (!rid || strlen(rid) != strlen(", rid: 00000000-00000000-00000000")))
            fail_msg("row %zu: errmsg without rid: %s", i, errmsg ? errmsg : "none");
        cJSON_Delete(answer);
    }
}

static void exchange__foreign_code__one_person_when_it_may_be_and_40029_else(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *code;
        int errcode;
    } rows[] = {
        {"0a1BcD2eF3gH4iJ5kL6mN7oP8qR9sT0u", 0},
        {"0a1BcD2eF3gH4iJ5kL6mN7oP8qR9sT0u", 0},
        {"0d_-X", 0},
        {"the code is a mock one", 40029},
        {"0a1\xe4\xbd\xa0", 40029},
        {"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
         "0123456789abcdef0123456789abcdefx",
         40029},
    };
    char used[CODE_LEN + 1], old[CODE_LEN + 1];
    mint(f, "{\"person\":\"alice\"}", used);
    mint(f, "{\"person\":\"alice\"}", old);
    assert_int_equal(errcode_of(f, used), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(errcode_of(f, rows[i].code), 40029);
    api_take_foreign_codes(f->api);
    char first[OPENID_LEN + 1] = "";
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cJSON *answer = exchange(f, &(struct exchange){"GET", APP_ID, SECRET, rows[i].code, "authorization_code"});
        const cJSON *errcode = cJSON_GetObjectItemCaseSensitive(answer, "errcode");
        const char *openid = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "openid"));
        int got = errcode ? errcode->valueint : 0;
        if (got != rows[i].errcode || !openid != (got != 0)) fail_msg("row %zu: errcode %d", i, got);
        if (openid && !first[0]) assert_true(mw_str_copy(first, sizeof first, mw_cstr(openid)));
        if (openid) assert_string_equal(openid, first);
        cJSON_Delete(answer);
    }
    /* Those that were minted here are as strict as ever. */
    assert_int_equal(errcode_of(f, used), 40163);
    f->mono_ms += 300000;
    assert_int_equal(errcode_of(f, old), 40029);
}

static void code__five_minutes_old__is_refused(void **state) {
    struct fixture *f = *state;
    char young[CODE_LEN + 1], old[CODE_LEN + 1];
    mint(f, "{\"person\":\"alice\"}", young);
    mint(f, "{\"person\":\"bob\"}", old);
    f->mono_ms += 299999;
    assert_int_equal(errcode_of(f, young), 0);
    f->mono_ms += 1;
    assert_int_equal(errcode_of(f, old), 40029);
}

static void exchange__blocked_person__40226_until_unblocked(void **state) {
    struct fixture *f = *state;
    char code[CODE_LEN + 1];
    mint(f, "{\"person\":\"mallory\",\"blocked\":true}", code);
    assert_int_equal(errcode_of(f, code), 40226);
    mint(f, "{\"person\":\"mallory\",\"blocked\":false}", code);
    assert_int_equal(errcode_of(f, code), 0);
}

static void exchange__blocked_person_with_burn__code_is_used_up(void **state) {
    struct fixture *f = *state;
    char code[CODE_LEN + 1], other[CODE_LEN + 1];
    behave(f, "{\"burn\":true}");
    mint(f, "{\"person\":\"mallory\",\"blocked\":true}", code);
    assert_int_equal(errcode_of(f, code), 40226);
    mint(f, "{\"person\":\"mallory\",\"blocked\":false}", other);
    assert_int_equal(errcode_of(f, code), 40163);
    assert_int_equal(errcode_of(f, other), 0);
}

static void exchange__over_100_a_minute__45011_then_well_again(void **state) {
    struct fixture *f = *state;
    char code[CODE_LEN + 1];
    for (int i = 0; i < 100; i++) {
        mint(f, "{\"person\":\"alice\"}", code);
        assert_int_equal(errcode_of(f, code), 0);
    }
    mint(f, "{\"person\":\"alice\"}", code);
    assert_int_equal(errcode_of(f, code), 45011);
    mint(f, "{\"person\":\"bob\"}", code);
    assert_int_equal(errcode_of(f, code), 0);
    f->mono_ms += 60000;
    mint(f, "{\"person\":\"alice\"}", code);
    assert_int_equal(errcode_of(f, code), 0);
}

static void behave__errcode_for_two_calls__burns_the_code_only_when_told(void **state) {
    struct fixture *f = *state;
    char code[CODE_LEN + 1];
    mint(f, "{\"person\":\"alice\"}", code);
    behave(f, "{\"errcode\":-1,\"times\":2}");
    assert_int_equal(errcode_of(f, code), -1);
    assert_int_equal(errcode_of(f, code), -1);
    assert_int_equal(errcode_of(f, code), 0);
    mint(f, "{\"person\":\"alice\"}", code);
    behave(f, "{\"errcode\":40243,\"times\":1,\"burn\":true}");
    assert_int_equal(errcode_of(f, code), 40243);
    assert_int_equal(errcode_of(f, code), 40163);
}

static void session_key__new_code__rotates_unless_told_otherwise(void **state) {
    struct fixture *f = *state;
    struct request person = {.method = MW_STR("GET"), .path = MW_STR("/standin/person")};
    person.query[QUERY_NAME] = MW_STR("alice");
    char code[CODE_LEN + 1], keys[3][SESSION_KEY_LEN + 1], openids[3][OPENID_LEN + 1];
    for (size_t i = 0; i < 3; i++) {
        if (i == 2) behave(f, "{\"rotate\":false}");
        mint(f, "{\"person\":\"alice\"}", code);
        cJSON *answer = call(f, &person, NULL);
        const char *key = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "session_key"));
        const char *openid = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "openid"));
        assert_true(mw_str_copy(keys[i], sizeof keys[i], mw_cstr(key)));
        assert_true(mw_str_copy(openids[i], sizeof openids[i], mw_cstr(openid)));
        cJSON_Delete(answer);
    }
    assert_string_not_equal(keys[0], keys[1]);
    assert_string_equal(keys[1], keys[2]);
    assert_string_equal(openids[0], openids[2]);
    assert_int_equal(strlen(openids[0]), OPENID_LEN);
    assert_int_equal(openids[0][0], 'o');
}

static void door__wrong_bodies__refused_with_the_member_named(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *path, *body, *word;
    } rows[] = {
        {"/standin/code", "", "JSON"},
        {"/standin/code", "[]", "JSON"},
        {"/standin/code", "{}", "person"},
        {"/standin/code", "{\"person\":\"\"}", "person"},
        {"/standin/code", "{\"person\":7}", "person"},
        {"/standin/code", "{\"person\":\"a\",\"nickname\":\"x\"}", "nickname"},
        {"/standin/code", "{\"person\":\"a\",\"ttl\":-1}", "ttl"},
        {"/standin/code", "{\"person\":\"a\",\"ttl\":1.5}", "ttl"},
        {"/standin/code", "{\"person\":\"a\",\"blocked\":1}", "blocked"},
        {"/standin/code", "{\"person\":\"a\",\"errcode\":1}", "errcode"},
        {"/standin/group", "{\"person\":\"a\"}", "group"},
        {"/standin/group", "{\"person\":\"a\",\"group\":\"g\",\"form\":\"x\"}", "form"},
        {"/standin/behave", "{\"mode\":\"nice\"}", "mode"},
        {"/standin/behave", "{\"times\":\"1\"}", "times"},
        {"/standin/behave", "{\"delay_ms\":600001}", "delay_ms"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned status = 0;
        cJSON *answer = door(f, rows[i].path, rows[i].body, &status);
        const char *error = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "error"));
        if (status != 400 || !error || !strstr(error, rows[i].word))
            fail_msg("row %zu: %u %s", i, status, error ? error : "no error text");
        cJSON_Delete(answer);
    }
}

static void sign__official_example__the_official_signature(void **state) {
    (void)state;
    static const char raw[] =
        "{\"nickName\":\"Band\",\"gender\":1,\"language\":\"zh_CN\",\"city\":\"Guangzhou\",\"province\":\"Guangdong\","
        "\"country\":\"CN\",\"avatarUrl\":\"http://wx.qlogo.cn/mmopen/vi_32/"
        "1vZvI39NWFQ9XM4LtQpFrQJ1xlgZxx3w7bQxKARol6503Iuswjjn6nIGBiaycAjAtpujxyzYsrztuuICqIM5ibXQ/0\"}";
    char signature[SIGNATURE_LEN + 1];
    assert_int_equal(seal_sign("HyVFkGl5F5OQWJZZaNzBBg==", MW_STR(raw), signature), MW_OK);
    assert_string_equal(signature, "75e81ceda165f4ffa64f4068af58c64b8f54b88c");
}

/* Opens with the library's own padding check; -1 when that refuses. */
static int open_sealed(const char *key_text, const struct sealed *sealed, char *plain, size_t cap) {
    uint8_t key[18], iv[18], cipher[4096];
    int cipher_len = (int)strlen(sealed->data) / 4 * 3, done = 0, rest = 0;
    assert_true(strlen(sealed->data) < sizeof cipher && (size_t)cipher_len < cap);
    EVP_DecodeBlock(key, (const unsigned char *)key_text, 24);
    EVP_DecodeBlock(iv, (const unsigned char *)sealed->iv, 24);
    EVP_DecodeBlock(cipher, (const unsigned char *)sealed->data, (int)strlen(sealed->data));
    cipher_len -= cipher_len % 16; /* what "=" stood for */
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    EVP_DecryptInit_ex(ctx, EVP_aes_128_cbc(), NULL, key, iv);
    EVP_DecryptUpdate(ctx, (unsigned char *)plain, &done, cipher, cipher_len);
    int ok = EVP_DecryptFinal_ex(ctx, (unsigned char *)plain + done, &rest);
    EVP_CIPHER_CTX_free(ctx);
    if (ok != 1) return -1;
    plain[done + rest] = '\0';
    return done + rest;
}

static void encrypt__every_length__opens_again_and_bad_padding_does_not(void **state) {
    (void)state;
    static const char key[] = "tiihtNczf5v6AKRyjwEUhQ==", text[] = "0123456789abcdef0123456789abcdef!";
    struct sealed *sealed = malloc(sizeof *sealed);
    char plain[4096];
    for (size_t len = 0; len < sizeof text; len++) {
        assert_int_equal(seal_encrypt(key, mw_bytes(text, len), false, sealed), MW_OK);
        if (open_sealed(key, sealed, plain, sizeof plain) != (int)len || memcmp(plain, text, len) != 0)
            fail_msg("length %zu does not open", len);
        assert_int_equal(seal_encrypt(key, mw_bytes(text, len), true, sealed), MW_OK);
        if (open_sealed(key, sealed, plain, sizeof plain) != -1) fail_msg("length %zu: bad padding opens", len);
    }
    assert_int_equal(seal_encrypt("short", MW_STR("x"), false, sealed), MW_EINVAL);
    free(sealed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(exchange__wrong_parameters__their_errcode, set_up, tear_down),
        cmocka_unit_test_setup_teardown(exchange__foreign_code__one_person_when_it_may_be_and_40029_else, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(code__five_minutes_old__is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(exchange__blocked_person__40226_until_unblocked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(exchange__blocked_person_with_burn__code_is_used_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(exchange__over_100_a_minute__45011_then_well_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(behave__errcode_for_two_calls__burns_the_code_only_when_told, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(session_key__new_code__rotates_unless_told_otherwise, set_up, tear_down),
        cmocka_unit_test_setup_teardown(door__wrong_bodies__refused_with_the_member_named, set_up, tear_down),
        cmocka_unit_test(sign__official_example__the_official_signature),
        cmocka_unit_test(encrypt__every_length__opens_again_and_bad_padding_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
