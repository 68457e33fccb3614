#include "mw/notice.h"

#include "mw/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

static void notice__each_reason__is_written_word_for_word(void **state) {
    static const struct {
        struct mw_notice n;
        const char *want;
    } rows[] = {
        {{.reason = MW_REASON_EXPIRED},
         "{\"error\":\"ERR_INVALID_SESSION\",\"reason\":\"expired\",\"message\":\"the session has expired: log in "
         "again\"}"},
        {{.reason = MW_REASON_REVOKED, .message = {"bye", 3}},
         "{\"error\":\"ERR_INVALID_SESSION\",\"reason\":\"revoked\",\"message\":\"bye\"}"},
        {{.reason = MW_REASON_BANNED, .message = {"bye", 3}},
         "{\"error\":\"ERR_INVALID_SESSION\",\"reason\":\"banned\",\"message\":\"bye\"}"},
        {{.reason = MW_REASON_FORBIDDEN_TOPIC, .topic = {"a/b", 3}},
         "{\"error\":\"ERR_FORBIDDEN_TOPIC\",\"topic\":\"a/b\",\"message\":\"this session may not use this topic\"}"},
        {{.reason = MW_REASON_FORBIDDEN_ROOM, .topic = {"room/~x", 7}, .ref = {"r", 1}},
         "{\"error\":\"ERR_FORBIDDEN_TOPIC\",\"topic\":\"room/~x\",\"ref\":\"r\",\"message\":\"this session may not "
         "enter this room\"}"},
        {{.reason = MW_REASON_BAD_MESSAGE, .topic = {"room/x", 6}, .ref = {"r\"1", 3}, .message = {"no", 2}},
         "{\"error\":\"ERR_BAD_MESSAGE\",\"topic\":\"room/x\",\"ref\":\"r\\\"1\",\"message\":\"no\"}"},
        /* absent and empty are left out; what is no UTF-8 too */
        {{.reason = MW_REASON_BAD_MESSAGE, .topic = {"\xff", 1}, .ref = {"", 0}, .message = {"m", 1}},
         "{\"error\":\"ERR_BAD_MESSAGE\",\"message\":\"m\"}"},
        {{.reason = MW_REASON_BAD_MESSAGE, .topic = {"a\nb", 3}, .message = {"m", 1}},
         "{\"error\":\"ERR_BAD_MESSAGE\",\"topic\":\"a\\nb\",\"message\":\"m\"}"},
        {{.reason = MW_REASON_MUTED, .ref = {"r", 1}, .until_ms = 1763800000123, .message = {"m", 1}},
         "{\"error\":\"ERR_MUTED\",\"ref\":\"r\",\"until\":1763800000123,\"message\":\"m\"}"},
        {{.reason = (enum mw_reason)99, .message = {"m", 1}}, "{\"error\":\"ERR_UNKNOWN\",\"message\":\"m\"}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[MW_NOTICE_MAX];
        const size_t len = mw_notice_write(out, &rows[i].n);
        if (len != strlen(rows[i].want) || memcmp(out, rows[i].want, len) != 0)
            fail_msg("row %zu: %.*s", i, (int)len, out);
    }
}

static void notice__every_reason__has_its_error(void **state) {
    static const char *const want[] = {"ERR_UNKNOWN",         "ERR_INVALID_SESSION", "ERR_INVALID_SESSION",
                                       "ERR_INVALID_SESSION", "ERR_FORBIDDEN_TOPIC", "ERR_FORBIDDEN_TOPIC",
                                       "ERR_BAD_MESSAGE",     "ERR_MUTED",           "ERR_FORBIDDEN_TOPIC",
                                       "ERR_RATE_LIMITED",    "ERR_FORBIDDEN_TOPIC"};
    _Static_assert(sizeof want / sizeof want[0] == MW_REASON_COUNT, "a row for each reason");
    (void)state;
    for (size_t i = 0; i < MW_REASON_COUNT; i++)
        if (strcmp(mw_notice_error((enum mw_reason)i), want[i]) != 0) fail_msg("reason %zu", i);
    assert_string_equal(mw_notice_error(MW_REASON_COUNT), "ERR_UNKNOWN");
}

static struct cJSON *parsed(const char *out, size_t len) {
    struct cJSON *object = NULL;
    const char *why = NULL;
    assert_true(len <= MW_NOTICE_MAX);
    if (mw_json_parse_object((struct mw_str){out, len}, &object, &why) != MW_OK)
        fail_msg("%.*s: %s", (int)len, out, why);
    return object;
}

static void notice__long_topic__is_cut_between_characters(void **state) {
    char topic[3 * 1000], out[MW_NOTICE_MAX];
    (void)state;
    for (size_t i = 0; i < 1000; i++)
        memcpy(topic + 3 * i, "\xe7\xbe\xa4", 3);
    const struct mw_notice n = {.reason = MW_REASON_FORBIDDEN_TOPIC, .topic = {topic, sizeof topic}};
    struct cJSON *object = parsed(out, mw_notice_write(out, &n));
    assert_int_equal(mw_json_string(object, "topic").len, 255);
    cJSON_Delete(object);
}

/* Whatever stands in the members, however long and however much of it needs an escape: one JSON object that fits. */
static void notice__hostile_members__give_json_that_fits(void **state) {
    static const char *const units[] = {
        "\"", "\\", "\x01", "\n", "\x7f", "\xc2\x85", "a", "\xf0\x9f\x98\x80", "\"\xe7\xbe\xa4"};
    static const size_t lengths[] = {1, 64, 255, 256, 257, 5000, 65532};
    static char text[65536];
    (void)state;
    for (size_t u = 0; u < sizeof units / sizeof units[0]; u++)
        for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
            struct mw_buf b = mw_buf_over(text, sizeof text);
            while (b.len < lengths[l])
                mw_buf_put(&b, mw_cstr(units[u]));
            const struct mw_str s = mw_buf_str(&b);
            const struct mw_notice n = {
                .reason = MW_REASON_EXPIRED, .topic = s, .ref = s, .until_ms = INT64_MAX, .message = s};
            char out[MW_NOTICE_MAX];
            struct cJSON *object = parsed(out, mw_notice_write(out, &n));
            if (mw_json_string(object, "topic").len == 0) fail_msg("unit %zu, %zu bytes: no topic left", u, s.len);
            if (mw_json_string(object, "message").len == 0) fail_msg("unit %zu, %zu bytes: no message left", u, s.len);
            cJSON_Delete(object);
        }
}

static void notice__longest_ref__is_whole(void **state) {
    char ref[64], out[MW_NOTICE_MAX];
    (void)state;
    memset(ref, '"', sizeof ref);
    const struct mw_notice n = {.reason = MW_REASON_BAD_MESSAGE, .ref = {ref, sizeof ref}};
    struct cJSON *object = parsed(out, mw_notice_write(out, &n));
    assert_true(mw_str_eq(mw_json_string(object, "ref"), n.ref));
    cJSON_Delete(object);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notice__each_reason__is_written_word_for_word),
        cmocka_unit_test(notice__every_reason__has_its_error),
        cmocka_unit_test(notice__longest_ref__is_whole),
        cmocka_unit_test(notice__long_topic__is_cut_between_characters),
        cmocka_unit_test(notice__hostile_members__give_json_that_fits),
    };
    return cmocka_run_group_tests_name("notice", tests, NULL, NULL);
}
