#include "mw/m2.h"

#include "mw/json.h"
#include "mw/m1.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#define UID "abcdefgh234567zz"
#define BARE_LEN (sizeof "\"from\":{\"uid\":\"\",\"nickName\":\"\",\"avatarUrl\":\"\"}," - 1)
#define FROM "\"from\":{\"uid\":\"" UID "\"},"

static struct mw_topic topic_of(const char *text) {
    return mw_topic_parse(mw_cstr(text));
}

static void from__names_and_pictures__are_put_in_when_known(void **state) {
    static const struct {
        const char *uid, *nick, *avatar, *want;
    } rows[] = {
        {UID, NULL, NULL, FROM},
        {UID, "", "", FROM},
        {UID, "\xe5\xb0\x8f\xe6\x98\x8e", NULL,
         "\"from\":{\"uid\":\"" UID "\",\"nickName\":\"\xe5\xb0\x8f\xe6\x98\x8e\"},"},
        {UID, NULL, "https://a/b.png", "\"from\":{\"uid\":\"" UID "\",\"avatarUrl\":\"https://a/b.png\"},"},
        {UID, "a\"},\"id\":\"9", "https://a/b",
         "\"from\":{\"uid\":\"" UID "\",\"nickName\":\"a\\\"},\\\"id\\\":\\\"9\",\"avatarUrl\":\"https://"
         "a/b\"},"},
        {UID, "\\", NULL, "\"from\":{\"uid\":\"" UID "\",\"nickName\":\"\\\\\"},"},
        /* not in shape: left out */
        {UID, "a\nb", "https://a/\"", FROM},
        {UID, "\xff", "ftp://a", FROM},
        {UID, "123456789012345678901234567890123", NULL, FROM},
        /* no uid, no fragment */
        {"", NULL, NULL, ""},
        {NULL, "x", NULL, ""},
        {"abc", "x", NULL, ""},
        {"abcdefgh234567z\"", "x", NULL, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_from from;
        memset(&from, 0xff, sizeof from);
        mw_from_make(mw_cstr(rows[i].uid), mw_cstr(rows[i].nick), mw_cstr(rows[i].avatar), &from);
        if (from.len != strlen(rows[i].want) || memcmp(from.text, rows[i].want, from.len) != 0)
            fail_msg("row %zu: %.*s", i, from.len < 1024 ? (int)from.len : 0, from.text);
    }
}

static void from__longest_name_and_picture__fit(void **state) {
    char nick[MW_NICK_MAX + 1] = "", avatar[MW_AVATAR_MAX + 1] = "https://";
    struct mw_from from;
    (void)state;
    for (size_t i = 0; i < MW_NICK_CHARS_MAX; i++)
        nick[i] = '"';
    memset(avatar + 8, 'a', MW_AVATAR_MAX - 8);
    mw_from_make(MW_STR(UID), mw_cstr(nick), mw_cstr(avatar), &from);
    assert_int_equal(from.len, BARE_LEN + MW_UID_LEN + 2 * MW_NICK_CHARS_MAX + MW_AVATAR_MAX);
    for (size_t i = 0; i < MW_NICK_CHARS_MAX; i++)
        memcpy(nick + 4 * i, "\xf0\x9f\x98\x80", 4);
    mw_from_make(MW_STR(UID), mw_cstr(nick), mw_cstr(avatar), &from);
    assert_int_equal(from.len, BARE_LEN + MW_UID_LEN + MW_NICK_MAX + MW_AVATAR_MAX);
}

static void m2__each_place__is_written_word_for_word(void **state) {
    static const struct {
        const char *topic, *m1;
        size_t first;
        int64_t id, time_ms;
        const char *want; /* "": nothing */
    } rows[] = {
        {"room/lobby", "{\"type\":\"text\",\"content\":\"x\"}", 1, 7, 1763800000123,
         "{\"id\":\"7\",\"time\":1763800000123,\"room\":\"lobby\"," FROM "\"type\":\"text\",\"content\":\"x\"}"},
        {"room/~a\"\\b", " { \"type\":1} ", 3, INT64_MAX, 0,
         "{\"id\":\"9223372036854775807\",\"time\":0,\"room\":\"~a\\\"\\\\b\"," FROM "\"type\":1} "},
        {"room/\xe7\xbe\xa4", "{\"a\":1}", 1, 1, -1,
         "{\"id\":\"1\",\"time\":-1,\"room\":\"\xe7\xbe\xa4\"," FROM "\"a\":1}"},
        {"user/" UID, "{\"a\":1}", 1, 1, 1, "{\"id\":\"1\",\"time\":1,\"to\":\"" UID "\"," FROM "\"a\":1}"},
        {"room/lobby/online", "{\"a\":1}", 1, 1, 1, ""},
        {"room/lobby/history", "{\"a\":1}", 1, 1, 1, ""},
        {"user/" UID "/notice", "{\"a\":1}", 1, 1, 1, ""},
        {"sensors/1", "{\"a\":1}", 1, 1, 1, ""},
        {"room/lobby", "{\"a\":1}", 7, 1, 1, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct mw_topic topic = topic_of(rows[i].topic);
        const struct mw_str m1 = mw_cstr(rows[i].m1);
        const size_t want = strlen(rows[i].want), most = mw_m2_size_max(sizeof FROM - 1, m1.len);
        char out[512];
        if (want > most) fail_msg("row %zu: longer than mw_m2_size_max()", i);
        const size_t len = mw_m2_write(out, most, rows[i].id, rows[i].time_ms, &topic, MW_STR(FROM), m1, rows[i].first);
        if (len != want || memcmp(out, rows[i].want, len) != 0) fail_msg("row %zu: %.*s", i, (int)len, out);
        /* one byte less than needed: nothing */
        if (want > 0 &&
            mw_m2_write(out, want - 1, rows[i].id, rows[i].time_ms, &topic, MW_STR(FROM), m1, rows[i].first) != 0)
            fail_msg("row %zu: written past its cap", i);
    }
}

static void m2__no_sender__writes_nothing(void **state) {
    const struct mw_topic topic = topic_of("room/lobby");
    char out[512];
    (void)state;
    assert_int_equal(mw_m2_write(out, sizeof out, 1, 1, &topic, (struct mw_str){out, 0}, MW_STR("{\"a\":1}"), 1), 0);
}

/* The bound holds for the worst there is: every byte of a room name escaped. */
static void m2__worst_prefix__fits_the_stated_bound(void **state) {
    char name[MW_ROOM_MAX + 1] = "", out[1024];
    struct mw_topic topic;
    (void)state;
    memset(name, '"', MW_ROOM_MAX);
    topic = (struct mw_topic){MW_TOPIC_ROOM, mw_cstr(name), MW_ROOM_PUBLIC};
    const struct mw_str m1 = MW_STR("{\"a\":1}");
    const size_t most = mw_m2_size_max(sizeof FROM - 1, m1.len);
    assert_true(most <= sizeof out);
    assert_true(mw_m2_write(out, most, INT64_MAX, INT64_MIN, &topic, MW_STR(FROM), m1, 1) > 0);
}

static void m2__checked_m1__gives_json_with_our_sender_only(void **state) {
    static const char *const texts[] = {
        "{\"type\":\"text\",\"content\":\"\\\"from\\\":{\\\"uid\\\":\\\"x\\\"}\"}",
        "\n{\t\"ext\":{\"from\":{\"uid\":\"x\"},\"id\":\"1\"},\"type\":\"custom\",\"data\":{\"from\":1}}\r\n",
    };
    const struct mw_m1_rules rules = {.max_bytes = 8192};
    const struct mw_topic topic = topic_of("room/lobby");
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct mw_m1 m;
        const char *why;
        char out[1024];
        struct cJSON *object = NULL;
        assert_int_equal(mw_m1_check(mw_cstr(texts[i]), &rules, &m, &why), MW_OK);
        const size_t len = mw_m2_write(out, sizeof out, 1, 2, &topic, MW_STR(FROM), mw_cstr(texts[i]), m.first_member);
        if (mw_json_parse_object((struct mw_str){out, len}, &object, &why) != MW_OK) fail_msg("row %zu: %s", i, why);
        const struct cJSON *from = cJSON_GetObjectItemCaseSensitive(object, "from");
        assert_true(mw_str_eq(mw_json_string(from, "uid"), MW_STR(UID)));
        cJSON_Delete(object);
        assert_int_equal(mw_m2_check((struct mw_str){out, len}, &topic, sizeof out, &why), MW_OK);
    }
}

#define ROOM_TAIL ",\"room\":\"lobby\",\"from\":{\"uid\":\"" UID "\"},\"type\":\"text\"}"
#define HEAD "{\"id\":\"1\",\"time\":1"

static void finished__each_form__is_taken_or_refused(void **state) {
    static const struct {
        const char *topic, *text, *why; /* why NULL: taken; "": any */
    } rows[] = {
        {"room/lobby", HEAD ROOM_TAIL, NULL},
        {"room/lobby", " { \"time\":0,\"id\":\"9223372036854775807\"" ROOM_TAIL " ", NULL},
        {"room/lobby", HEAD ",\"history\":true,\"x\":[1]" ROOM_TAIL, NULL},
        {"room/a\"b",
         HEAD ",\"room\":\"a\\\"b\",\"from\":{\"uid\":\"" UID "\",\"nickName\":\"n\"},\"type\":\"system\"}", NULL},
        {"user/" UID, HEAD ",\"to\":\"" UID "\",\"from\":{\"uid\":\"" UID "\"},\"type\":\"text\"}", NULL},
        {"room/lobby", "{}", "id must be a message id in a string"},
        {"room/lobby", "{\"id\":1,\"time\":1" ROOM_TAIL, "id must be a message id in a string"},
        {"room/lobby", "{\"id\":\"0\",\"time\":1" ROOM_TAIL, "id must be a message id in a string"},
        {"room/lobby", "{\"id\":\"x\",\"time\":1" ROOM_TAIL, "id must be a message id in a string"},
        {"room/lobby", "{\"Id\":\"1\",\"time\":1" ROOM_TAIL, "id must be a message id in a string"},
        {"room/lobby", "{\"id\":\"1\"" ROOM_TAIL, "time must be whole milliseconds"},
        {"room/lobby", "{\"id\":\"1\",\"time\":\"1\"" ROOM_TAIL, "time must be whole milliseconds"},
        {"room/lobby", "{\"id\":\"1\",\"time\":1.5" ROOM_TAIL, "time must be whole milliseconds"},
        {"room/lobby", "{\"id\":\"1\",\"time\":-1" ROOM_TAIL, "time must be whole milliseconds"},
        {"room/lobby", "{\"id\":\"1\",\"time\":1e300" ROOM_TAIL, "time must be whole milliseconds"},
        {"room/other", HEAD ROOM_TAIL, "room must be the topic's"},
        {"room/lobby", HEAD ",\"from\":{\"uid\":\"" UID "\"},\"type\":\"text\"}", "room must be the topic's"},
        {"room/lobby", HEAD ",\"to\":\"lobby\",\"from\":{\"uid\":\"" UID "\"},\"type\":\"text\"}",
         "room must be the topic's"},
        {"room/lobby", HEAD ",\"to\":\"" UID "\"" ROOM_TAIL, "room and to exclude each other"},
        {"user/" UID, HEAD ROOM_TAIL, "to must be the topic's uid"},
        {"user/" UID, HEAD ",\"to\":\"" UID "\"" ROOM_TAIL, "room and to exclude each other"},
        {"room/lobby", HEAD ",\"room\":\"lobby\",\"type\":\"text\"}", "from.uid must be a uid"},
        {"room/lobby", HEAD ",\"room\":\"lobby\",\"from\":\"" UID "\",\"type\":\"text\"}", "from.uid must be a uid"},
        {"room/lobby", HEAD ",\"room\":\"lobby\",\"from\":{\"uid\":\"me\"},\"type\":\"text\"}",
         "from.uid must be a uid"},
        {"room/lobby", HEAD ",\"room\":\"lobby\",\"from\":[\"" UID "\"],\"type\":\"text\"}", "from.uid must be a uid"},
        {"room/lobby", HEAD ",\"room\":\"lobby\",\"from\":{\"uid\":\"" UID "\"}}", "type must be a string"},
        {"room/lobby", HEAD ",\"room\":\"lobby\",\"from\":{\"uid\":\"" UID "\"},\"type\":1}", "type must be a string"},
        {"room/lobby", HEAD ",\"room\":\"lobby\",\"from\":{\"uid\":\"" UID "\"},\"type\":\"\"}",
         "type must be a string"},
        {"room/lobby/online", HEAD ROOM_TAIL, "a finished message belongs on room/<room> or user/<uid>"},
        {"sensors/1", HEAD ROOM_TAIL, "a finished message belongs on room/<room> or user/<uid>"},
        {"room/lobby", HEAD ",\"\\u0066rom\":{}" ROOM_TAIL, ""}, /* a second sender, spelled otherwise */
        {"room/lobby", HEAD ",\"id\":\"2\"" ROOM_TAIL, ""},
        {"room/lobby", "[]", ""},
        {"room/lobby", "", ""},
        {"room/lobby", HEAD, ""},
        {"room/lobby", HEAD ",\"x\":\"\xff\"" ROOM_TAIL, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct mw_topic topic = topic_of(rows[i].topic);
        const char *why = NULL;
        const enum mw_err err = mw_m2_check(mw_cstr(rows[i].text), &topic, 8192, &why);
        if (err != (rows[i].why ? MW_EINVAL : MW_OK)) fail_msg("row %zu %s: %s", i, rows[i].text, why ? why : "taken");
        if (rows[i].why && (!why || (rows[i].why[0] && strcmp(why, rows[i].why) != 0)))
            fail_msg("row %zu %s: \"%s\"", i, rows[i].text, why ? why : "");
    }
}

static void finished__over_its_bound__is_too_big(void **state) {
    const struct mw_topic topic = topic_of("room/lobby");
    const struct mw_str text = MW_STR(HEAD ROOM_TAIL);
    const char *why = NULL;
    (void)state;
    assert_int_equal(mw_m2_check(text, &topic, text.len, &why), MW_OK);
    assert_int_equal(mw_m2_check(text, &topic, text.len - 1, &why), MW_ETOOBIG);
    assert_string_equal(why, "message is over the size limit");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from__names_and_pictures__are_put_in_when_known),
        cmocka_unit_test(from__longest_name_and_picture__fit),
        cmocka_unit_test(m2__each_place__is_written_word_for_word),
        cmocka_unit_test(m2__no_sender__writes_nothing),
        cmocka_unit_test(m2__worst_prefix__fits_the_stated_bound),
        cmocka_unit_test(m2__checked_m1__gives_json_with_our_sender_only),
        cmocka_unit_test(finished__each_form__is_taken_or_refused),
        cmocka_unit_test(finished__over_its_bound__is_too_big),
    };
    return cmocka_run_group_tests_name("m2", tests, NULL, NULL);
}
