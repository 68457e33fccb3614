#include "wechat.h"

#include "mw/base64.h"
#include "mw/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

/* Official vectors: A, the worked example of the signature; B, the sample decoder; C, a phone number under another key;
 * G, a group's id under B's key. */
static const char raw_a[] =
    "{\"nickName\":\"Band\",\"gender\":1,\"language\":\"zh_CN\",\"city\":\"Guangzhou\",\"province\":\"Guangdong\","
    "\"country\":\"CN\",\"avatarUrl\":\"http://wx.qlogo.cn/mmopen/vi_32/"
    "1vZvI39NWFQ9XM4LtQpFrQJ1xlgZxx3w7bQxKARol6503Iuswjjn6nIGBiaycAjAtpujxyzYsrztuuICqIM5ibXQ/0\"}";
static const char key_a[] = "HyVFkGl5F5OQWJZZaNzBBg==";

static const char appid_b[] = "wx4f4bc4dec97d474b", openid_b[] = "oGZUI0egBJY1zhBYw2KhdUfwVJJE";
static const char key_b[] = "tiihtNczf5v6AKRyjwEUhQ==", iv_b[] = "r7BXXKkLb8qrSNn05n0qiA==";
static const char data_b[] =
    "CiyLU1Aw2KjvrjMdj8YKliAjtP4gsMZMQmRzooG2xrDcvSnxIMXFufNstNGTyaGS9uT5geRa0W4oTOb1WT7fJlAC+oNPdbB+3hVbJSRgv+"
    "4lGOETKUQz6OYStslQ142dNCuabNPGBzlooOmB231qMM85d2/fV6ChevvXvQP8Hkue1poOFtnEtpyxVLW1zAo6/1Xx1COxFvrc2d7UL/"
    "lmHInNlxuacJXwu0fjpXfz/YqYzBIBzD6WUfTIF9GRHpOn/Hz7saL8xz+W//"
    "FRAUid1OksQaQx4CMs8LOddcQhULW4ucetDf96JcR3g0gfRK4PC7E/"
    "r7Z6xNrXd2UIeorGj5Ef7b1pJAYB6Y5anaHqZ9J6nKEBvB4DnNLIVWSgARns/"
    "8wR2SiRS7MNACwTyrGvt9ts8p12PKFdlqYTopNHR1Vf7XjfhQlVsAJdNiKdYmYVoKlaRv85IfVunYzO0IKXsyl7JCUjCpoG20f0a04COwfneQAGGw"
    "d5oa+T8yO5hzuyDb/XcxxmK01EpqOyuxINew==";

static const char appid_c[] = "wxdaa2ab9ef87b5497", key_c[] = "lyY4HPQbaOYzZdG+JcYK9w==";
static const char iv_c[] = "Cds8j3VYoGvnTp1BrjXdJg==";
static const char data_c[] =
    "Kf3TdPbzEmhWMuPKtlKxIWDkijhn402w1bxoHL4kLdcKr6jT1jNcIhvDJfjXmJcgDWLjmBiIGJ5acUuSvxLws3WgAkERmtTuiCG10CKLsJiR+"
    "AXVk7B2TUQzsq88YVilDz/YAN3647REE7glGmeBPfvUmdbfDzhL9BzvEiuRhABuCYyTMz4iaM8hFjbLB1caaeoOlykYAFMWC5pZi9P8uw==";

static const char data_g[] = "qlDG7kAgG6wCKEoFl5ynqGedtuoSfHgYa376sUM/mfrdyg6xcrRLSFGMby7zA5wC5wAGYktYBGw12dFmeP6W5l"
                             "ImDXokRWrIl3ytNd8o5gJi0TmopIozud/T+yj4OUlZU3yEe0xU5UjWy7qm5WvROA==";

static void decode_key(const char *text, uint8_t key[MW_SESSION_KEY_LEN]) {
    size_t len = 0;
    assert_int_equal(mw_base64_decode(mw_cstr(text), key, MW_SESSION_KEY_LEN, &len), MW_OK);
    assert_int_equal(len, MW_SESSION_KEY_LEN);
}

static void signature__official_vectors__fit_and_nothing_else(void **state) {
    static const struct {
        const char *raw, *key, *signature;
        bool want;
    } rows[] = {
        {raw_a, key_a, "75e81ceda165f4ffa64f4068af58c64b8f54b88c", true},
        {"{\"nickName\":\"苏震巍\"}", key_a, "9d3494543bb249d46f4f076a650c8015f99af498", true},
        {"{\"nickName\":\"苏震巍\"} ", key_a, "9d3494543bb249d46f4f076a650c8015f99af498", false},
        {raw_a, key_b, "75e81ceda165f4ffa64f4068af58c64b8f54b88c", false},
        {raw_a, key_a, "75e81ceda165f4ffa64f4068af58c64b8f54b88d", false},
        {raw_a, key_a, "75E81CEDA165F4FFA64F4068AF58C64B8F54B88C", false},
        {raw_a, key_a, "75e81ceda165f4ffa64f4068af58c64b8f54b8", false},
        {raw_a, key_a, "", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t key[MW_SESSION_KEY_LEN];
        decode_key(rows[i].key, key);
        if (wechat_signature_fits(mw_cstr(rows[i].raw), key, mw_cstr(rows[i].signature)) != rows[i].want)
            fail_msg("row %zu: %s", i, rows[i].signature);
    }
}

static enum mw_err open_data(const char *data, const char *iv, const char *key_text, const char *appid,
                             const char *openid, struct cJSON **out) {
    uint8_t key[MW_SESSION_KEY_LEN];
    decode_key(key_text, key);
    return wechat_open_data(mw_cstr(data), mw_cstr(iv), key, mw_cstr(appid), mw_cstr(openid), out);
}

static void open_data__official_vectors__give_the_plaintext(void **state) {
    static const struct {
        const char *data, *iv, *key, *appid, *openid, *member, *value;
    } rows[] = {
        {data_b, iv_b, key_b, appid_b, openid_b, "nickName", "Band"},
        {data_b, iv_b, key_b, appid_b, openid_b, "unionId", "ocMvos6NjeKLIBqg5Mr9QjxrP1FA"},
        {data_c, iv_c, key_c, appid_c, "oAnybody", "countryCode", "86"}, /* names no openId */
        {data_g, iv_b, key_b, appid_b, openid_b, "openGId", "tGdEb0ExampleOpenGId0000"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cJSON *json = NULL;
        if (open_data(rows[i].data, rows[i].iv, rows[i].key, rows[i].appid, rows[i].openid, &json) != MW_OK)
            fail_msg("row %zu does not open", i);
        struct mw_str value = mw_json_string(json, rows[i].member);
        if (!mw_str_eq(value, mw_cstr(rows[i].value))) fail_msg("row %zu: %.*s", i, (int)value.len, value.ptr);
        cJSON_Delete(json);
    }
}

static void open_data__anything_wrong__is_one_and_the_same_error(void **state) {
    static const struct {
        const char *what, *data, *iv, *key, *appid, *openid;
    } rows[] = {
        {"another app", data_b, iv_b, key_b, appid_c, openid_b},
        {"another person", data_b, iv_b, key_b, appid_b, "oAnother"},
        {"another key", data_b, iv_b, key_c, appid_b, openid_b},
        {"another iv", data_b, iv_c, key_b, appid_b, openid_b},
        {"iv too short", data_b, "AAAA", key_b, appid_b, openid_b},
        {"no block", "AAAA", iv_b, key_b, appid_b, openid_b},
        {"nothing", "", iv_b, key_b, appid_b, openid_b},
        {"no base64", "!!!!", iv_b, key_b, appid_b, openid_b},
        {"last block missing", "CiyLU1Aw2KjvrjMdj8YKliAjtP4gsMZMQmRzooG2xrA=", iv_b, key_b, appid_b, openid_b},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cJSON *json = NULL;
        enum mw_err err = open_data(rows[i].data, rows[i].iv, rows[i].key, rows[i].appid, rows[i].openid, &json);
        if (err != MW_EAUTH || json) fail_msg("%s: %s", rows[i].what, mw_err_text(err));
    }
}

static void url__code__is_percent_encoded(void **state) {
    static const struct {
        const char *base, *code, *want;
    } rows[] = {
        {"https://api.weixin.qq.com", "0a3-_.~Z",
         "https://api.weixin.qq.com/sns/"
         "jscode2session?appid=wx1&secret=s%2Fc%3D&js_code=0a3-_.~Z&grant_type=authorization_code"},
        {"http://127.0.0.1:1/", "a&secret=x#?%/+\"",
         "http://127.0.0.1:1/sns/"
         "jscode2session?appid=wx1&secret=s%2Fc%3D&js_code=a%26secret%3Dx%23%3F%25%2F%2B%22&grant_"
         "type=authorization_code"},
        {"https://api.weixin.qq.com", "", NULL},
        {"https://api.weixin.qq.com", "a b", NULL},
        {"https://api.weixin.qq.com", "a\n", NULL},
        {"https://api.weixin.qq.com", "码", NULL},
        {"https://api.weixin.qq.com", "\x7f", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char url[WECHAT_URL_MAX] = "";
        enum mw_err err =
            wechat_code2session_url(mw_cstr(rows[i].base), MW_STR("wx1"), MW_STR("s/c="), mw_cstr(rows[i].code), url);
        if (err != (rows[i].want ? MW_OK : MW_EINVAL)) fail_msg("row %zu: %s", i, mw_err_text(err));
        if (rows[i].want && strcmp(url, rows[i].want) != 0) fail_msg("row %zu: %s", i, url);
    }
}

static void url__code_over_its_bound__is_refused(void **state) {
    char code[WECHAT_CODE_MAX + 2], url[WECHAT_URL_MAX];
    (void)state;
    memset(code, 'c', sizeof code);
    assert_true(wechat_is_code(mw_bytes(code, WECHAT_CODE_MAX)));
    assert_false(wechat_is_code(mw_bytes(code, WECHAT_CODE_MAX + 1)));
    assert_false(wechat_is_code((struct mw_str){NULL, 0}));
    /* A code of the longest kind, every byte of it encoded, still fits beside the longest base. */
    memset(code, '%', sizeof code);
    assert_int_equal(wechat_code2session_url(MW_STR("https://api.weixin.qq.com"), MW_STR("wx1"), MW_STR("s"),
                                             mw_bytes(code, WECHAT_CODE_MAX), url),
                     MW_OK);
}

#define GOOD_KEY "\"session_key\":\"HyVFkGl5F5OQWJZZaNzBBg==\""

static void reply__rows__have_their_verdict(void **state) {
    static const struct {
        long status;
        const char *body;
        enum wechat_verdict want;
    } rows[] = {
        {200, "{" GOOD_KEY ",\"openid\":\"oA_-9\"}", WECHAT_LOGGED_IN},
        {200, "{" GOOD_KEY ",\"openid\":\"oA\",\"errcode\":0,\"errmsg\":\"\",\"unionid\":\"u1\"}", WECHAT_LOGGED_IN},
        {200, " {\"openid\":\"oA\",\"more\":[1]," GOOD_KEY "}\n", WECHAT_LOGGED_IN},
        {200, "{" GOOD_KEY ",\"openid\":\"oA\",\"unionid\":\"no good\"}", WECHAT_LOGGED_IN},
        /* no success */
        {500, "{" GOOD_KEY ",\"openid\":\"oA\"}", WECHAT_NO_ANSWER},
        {200, "{" GOOD_KEY "}", WECHAT_NO_ANSWER},
        {200, "{\"openid\":\"oA\"}", WECHAT_NO_ANSWER},
        {200, "{" GOOD_KEY ",\"openid\":\"\"}", WECHAT_NO_ANSWER},
        {200, "{" GOOD_KEY ",\"openid\":\"o A\"}", WECHAT_NO_ANSWER},
        {200, "{" GOOD_KEY ",\"openid\":7}", WECHAT_NO_ANSWER},
        {200, "{" GOOD_KEY ",\"openid\":\"oAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
         WECHAT_NO_ANSWER},
        {200, "{" GOOD_KEY ",\"openid\":\"oA\",\"openid\":\"oB\"}", WECHAT_NO_ANSWER},
        {200, "{" GOOD_KEY ",\"openid\":\"oA\",\"errcode\":\"0\"}", WECHAT_NO_ANSWER},
        {200, "{" GOOD_KEY ",\"openid\":\"oA\",\"errcode\":0.5}", WECHAT_NO_ANSWER},
        {200, "{\"openid\":\"oA\",\"session_key\":\"HyVFkGl5F5OQWJZZaNzBBg=\"}", WECHAT_NO_ANSWER},
        {200, "{\"openid\":\"oA\",\"session_key\":\"HyVFkGl5F5OQWJZZaNzB\"}", WECHAT_NO_ANSWER},
        {200, "{\"openid\":\"oA\",\"session_key\":\"HyVFkGl5F5OQWJZZaNzBBgAA\"}", WECHAT_NO_ANSWER},
        {200, "{\"openid\":\"oA\",\"session_key\":\"HyVFkGl5F5OQWJZZaNzBB!==\"}", WECHAT_NO_ANSWER},
        {200, "", WECHAT_NO_ANSWER},
        {200, "<html>502</html>", WECHAT_NO_ANSWER},
        {200, "{\"openid\":\"oA\",\"session_k", WECHAT_NO_ANSWER},
        {200, "[]", WECHAT_NO_ANSWER},
        {200, "null", WECHAT_NO_ANSWER},
        /* WeChat's no */
        {200, "{\"errcode\":-1,\"errmsg\":\"system error\"}", WECHAT_BUSY},
        {200, "{\"errcode\":40029}", WECHAT_BAD_CODE},
        {200, "{\"errcode\":40163}", WECHAT_BAD_CODE},
        {200, "{\"errcode\":41008}", WECHAT_BAD_CODE},
        {400, "{\"errcode\":40029}", WECHAT_BAD_CODE},
        {200, "{\"errcode\":40226}", WECHAT_USER_BLOCKED},
        {200, "{\"errcode\":45011}", WECHAT_TOO_OFTEN},
        {200, "{\"errcode\":40013}", WECHAT_MISCONFIGURED},
        {200, "{\"errcode\":40125}", WECHAT_MISCONFIGURED},
        {200, "{\"errcode\":41002}", WECHAT_MISCONFIGURED},
        {200, "{\"errcode\":41004}", WECHAT_MISCONFIGURED},
        {200, "{\"errcode\":40243}", WECHAT_MISCONFIGURED},
        {200, "{\"errcode\":12345}", WECHAT_NO_ANSWER},
        /* an errcode outweighs what else is there */
        {200, "{" GOOD_KEY ",\"openid\":\"oA\",\"errcode\":40029}", WECHAT_BAD_CODE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wechat_reply reply;
        memset(&reply, 0x55, sizeof reply);
        wechat_read_reply(rows[i].status, mw_cstr(rows[i].body), &reply);
        if (reply.verdict != rows[i].want) fail_msg("row %zu: %s gives %d", i, rows[i].body, (int)reply.verdict);
        if ((reply.setting != NULL) != (rows[i].want == WECHAT_MISCONFIGURED)) fail_msg("row %zu: setting", i);
    }
}

static void reply__success__fills_ids_and_key(void **state) {
    struct wechat_reply reply;
    uint8_t key[MW_SESSION_KEY_LEN];
    (void)state;
    wechat_read_reply(200, MW_STR("{" GOOD_KEY ",\"openid\":\"oA\",\"unionid\":\"u1\"}"), &reply);
    decode_key(key_a, key);
    assert_string_equal(reply.openid, "oA");
    assert_string_equal(reply.unionid, "u1");
    assert_memory_equal(reply.session_key, key, sizeof key);
    wechat_read_reply(200, MW_STR("{" GOOD_KEY ",\"openid\":\"oA\",\"unionid\":\"u 1\"}"), &reply);
    assert_string_equal(reply.unionid, "");
}

static void reply__settings__are_named(void **state) {
    struct wechat_reply reply;
    (void)state;
    wechat_read_reply(200, MW_STR("{\"errcode\":40013}"), &reply);
    assert_string_equal(reply.setting, "app_id");
    wechat_read_reply(200, MW_STR("{\"errcode\":40125}"), &reply);
    assert_string_equal(reply.setting, "app_secret_file");
}

static void reply__errmsg__only_its_rid_is_kept(void **state) {
    static const struct {
        const char *errmsg, *want;
    } rows[] = {
        {"invalid code, rid: 6166f719-6cb5d09c-633ab469", "6166f719-6cb5d09c-633ab469"},
        {"secret=0123 code=abc", ""},
        {"rid: code=abc", "c"},
        {"rid: ", ""},
        {"", ""},
        {"rid: 111111111122222222223333333333444444444455555555556666666666",
         "111111111122222222223333333333444444444455555555"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char body[256];
        struct wechat_reply reply;
        (void)snprintf(body, sizeof body, "{\"errcode\":40029,\"errmsg\":\"%s\"}", rows[i].errmsg);
        wechat_read_reply(200, mw_cstr(body), &reply);
        if (strcmp(reply.rid, rows[i].want) != 0) fail_msg("row %zu: %s", i, reply.rid);
    }
}

static void profile__rows__give_what_is_known(void **state) {
    static const struct {
        const char *json, *nick, *avatar;
    } rows[] = {
        {"{\"nickName\":\"Band\",\"avatarUrl\":\"https://a/b\"}", "Band", "https://a/b"},
        {"{\"nickName\":\"Band\"}", "Band", ""},
        {"{\"avatarUrl\":\"http://wx.qlogo.cn/x\"}", "", "http://wx.qlogo.cn/x"},
        {"{\"nickName\":\"微信用户\",\"avatarUrl\":\"https://a/grey\"}", "", ""},
        {"{\"nickName\":\"\",\"avatarUrl\":\"\"}", "", ""},
        {"{\"nickName\":\"a\\nb\",\"avatarUrl\":\"https://a/b\"}", "", "https://a/b"},
        {"{\"nickName\":\"Band\",\"avatarUrl\":\"javascript:x\"}", "Band", ""},
        {"{\"nickName\":7,\"avatarUrl\":[]}", "", ""},
        {"{}", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cJSON *json = NULL;
        struct mw_profile p;
        memset(&p, 'x', sizeof p);
        assert_int_equal(mw_json_parse_object(mw_cstr(rows[i].json), &json, NULL), MW_OK);
        wechat_profile(json, &p);
        cJSON_Delete(json);
        if (strcmp(p.nick, rows[i].nick) != 0 || strcmp(p.avatar, rows[i].avatar) != 0)
            fail_msg("row %zu: %s, %s", i, p.nick, p.avatar);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signature__official_vectors__fit_and_nothing_else),
        cmocka_unit_test(open_data__official_vectors__give_the_plaintext),
        cmocka_unit_test(open_data__anything_wrong__is_one_and_the_same_error),
        cmocka_unit_test(url__code__is_percent_encoded),
        cmocka_unit_test(url__code_over_its_bound__is_refused),
        cmocka_unit_test(reply__rows__have_their_verdict),
        cmocka_unit_test(reply__success__fills_ids_and_key),
        cmocka_unit_test(reply__settings__are_named),
        cmocka_unit_test(reply__errmsg__only_its_rid_is_kept),
        cmocka_unit_test(profile__rows__give_what_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
