#include "api.h"

#include "mw/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

/* A call that keeps its answer. */
struct kept {
    struct call call; /* first */
    struct reply reply;
    int replies;
};

static void keep(struct call *call, const struct reply *reply) {
    struct kept *k = (struct kept *)call;
    k->reply = *reply;
    k->replies++;
}

static struct cJSON *body_of(const struct kept *k) {
    struct cJSON *json = NULL;
    const char *why = "";
    assert_int_equal(k->replies, 1);
    if (mw_json_parse_object(mw_bytes(k->reply.body, k->reply.body_len), &json, &why) != MW_OK)
        fail_msg("%s: %.*s", why, (int)k->reply.body_len, k->reply.body);
    return json;
}

static void fail__every_error__has_magic_name_and_message(void **state) {
    (void)state;
    for (int e = 0; e < API_ERROR_COUNT; e++) {
        struct kept k = {.call.reply = keep};
        int64_t magic = 0;
        api_fail(&k.call, (enum api_error)e, NULL);
        struct cJSON *json = body_of(&k);
        if (!mw_json_int(json, API_MAGIC, 1, 1, &magic)) fail_msg("error %d: no magic", e);
        if (!mw_str_starts(mw_json_string(json, "error"), MW_STR("ERR_"))) fail_msg("error %d: name", e);
        if (mw_json_string(json, "message").len < 20) fail_msg("error %d: message", e);
        if (k.reply.status < 400 || k.reply.status > 599) fail_msg("error %d: status %d", e, k.reply.status);
        bool later = k.reply.status == 503 || k.reply.status == 429;
        if ((k.reply.retry_after_s > 0) != later) fail_msg("error %d: Retry-After", e);
        cJSON_Delete(json);
        free(k.reply.body);
    }
}

static void answer_login__longest_of_everything__is_still_json(void **state) {
    struct kept k = {.call.reply = keep};
    char skey[MW_NICK_MAX * 32 + 1], url[513];
    struct mw_session s = {.expires_s = 9007199254740};
    (void)state;
    memset(skey, 'k', sizeof skey);
    skey[sizeof skey - 1] = '\0';
    memset(url, 'u', sizeof url);
    url[512] = '\0';
    memset(s.sid, 's', MW_SID_LEN);
    memset(s.uid, 'u', MW_UID_LEN);
    memset(s.profile.nick, '"', MW_NICK_MAX);
    memset(s.profile.avatar, 'a', MW_AVATAR_MAX);
    api_answer_login(&k.call, &(struct api_skey){skey, &s, url});
    assert_int_equal(k.reply.status, 200);
    struct cJSON *json = body_of(&k);
    const struct cJSON *session = cJSON_GetObjectItemCaseSensitive(json, "session");
    int64_t expires_ms = 0;
    assert_true(mw_json_int(session, "expiresAt", 0, INT64_C(1) << 53, &expires_ms));
    assert_int_equal(expires_ms, INT64_C(9007199254740000));
    assert_int_equal(mw_json_string(session, "skey").len, sizeof skey - 1);
    assert_int_equal(mw_json_string(cJSON_GetObjectItemCaseSensitive(session, "userInfo"), "nickName").len,
                     MW_NICK_MAX);
    assert_int_equal(mw_json_string(cJSON_GetObjectItemCaseSensitive(session, "mqtt"), "url").len, 512);
    cJSON_Delete(json);
    free(k.reply.body);
}

/* wafer-client-sdk 0.8.4 clears its session on any answer with the magic, save the log-in's. */
static void answer_session__has_no_magic_and_no_skey(void **state) {
    struct kept k = {.call.reply = keep};
    struct mw_session s = {.expires_s = 2000, .profile = {.avatar = "https://a/b"}};
    (void)state;
    memset(s.sid, 's', MW_SID_LEN);
    memset(s.uid, 'u', MW_UID_LEN);
    api_answer_session(&k.call, &s);
    struct cJSON *json = body_of(&k);
    const struct cJSON *session = cJSON_GetObjectItemCaseSensitive(json, "session");
    assert_false(cJSON_HasObjectItem(json, API_MAGIC));
    assert_false(cJSON_HasObjectItem(session, "skey"));
    assert_string_equal(cJSON_GetObjectItemCaseSensitive(session, "id")->valuestring, s.sid);
    const struct cJSON *info = cJSON_GetObjectItemCaseSensitive(session, "userInfo");
    assert_false(cJSON_HasObjectItem(info, "nickName"));
    assert_true(mw_str_eq(mw_json_string(info, "avatarUrl"), MW_STR("https://a/b")));
    cJSON_Delete(json);
    free(k.reply.body);
}

static void answer_skey__is_the_login_without_magic(void **state) {
    struct kept login = {.call.reply = keep}, fresh = {.call.reply = keep};
    const struct mw_session s = {.sid = "s", .uid = "u", .expires_s = 2000, .profile.nick = "A"};
    const struct api_skey with = {"skey", &s, "wss://a/mqtt"};
    (void)state;
    api_answer_login(&login.call, &with);
    api_answer_skey(&fresh.call, &with);
    struct cJSON *both[] = {body_of(&login), body_of(&fresh)};
    assert_true(cJSON_HasObjectItem(both[0], API_MAGIC));
    assert_false(cJSON_HasObjectItem(both[1], API_MAGIC));
    assert_true(cJSON_Compare(cJSON_GetObjectItem(both[0], "session"), cJSON_GetObjectItem(both[1], "session"), true));
    cJSON_Delete(both[0]);
    cJSON_Delete(both[1]);
    free(login.reply.body);
    free(fresh.reply.body);
}

static void answer_owner__names_both_in_headers(void **state) {
    struct kept k = {.call.reply = keep};
    const char uid[MW_UID_LEN + 1] = "the uid", sid[MW_SID_LEN + 1] = "the sid";
    (void)state;
    api_answer_owner(&k.call, uid, sid);
    assert_int_equal(k.reply.status, 204);
    assert_string_equal(k.reply.user_id, "the uid");
    assert_string_equal(k.reply.session_id, "the sid");
    assert_null(k.reply.body);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fail__every_error__has_magic_name_and_message),
        cmocka_unit_test(answer_login__longest_of_everything__is_still_json),
        cmocka_unit_test(answer_skey__is_the_login_without_magic),
        cmocka_unit_test(answer_owner__names_both_in_headers),
        cmocka_unit_test(answer_session__has_no_magic_and_no_skey),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
