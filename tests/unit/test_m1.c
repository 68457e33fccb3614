#include "mw/m1.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define BASE "https://chat.example.com/media/"
#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define PICTURE "\"type\":\"image\",\"width\":640,\"height\":480,\"url\":"
#define SOUND "\"type\":\"voice\",\"url\":\"" BASE HASH ".mp3\",\"duration\":"
#define PAPER "\"type\":\"file\",\"url\":\"" BASE HASH ".pdf\","

static const struct mw_m1_rules rules = {.max_bytes = 8192, .media_url = {BASE, sizeof BASE - 1}};

static enum mw_err check(struct mw_str payload, struct mw_m1 *out, const char **why) {
    memset(out, 0xff, sizeof *out);
    *why = NULL;
    /* A copy of its own size, so that a read past the end is found. */
    char *copy = malloc(payload.len > 0 ? payload.len : 1);
    if (!copy) fail();
    if (payload.len > 0) memcpy(copy, payload.ptr, payload.len);
    const enum mw_err err = mw_m1_check((struct mw_str){copy, payload.len}, &rules, out, why);
    free(copy);
    return err;
}

static void m1__each_good_form__is_taken(void **state) {
    static const struct {
        const char *text;
        enum mw_m1_type type;
    } rows[] = {
        {"{\"type\":\"text\",\"content\":\"x\"}", MW_M1_TEXT},
        {"{\"content\":\"\xe4\xbd\xa0\xe5\xa5\xbd\",\"type\":\"text\"}", MW_M1_TEXT},
        {"{\"type\":\"text\",\"content\":\"a\\n\\tb\"}", MW_M1_TEXT},
        {"{\"type\":\"text\",\"content\":\"\\ud83d\\ude00\"}", MW_M1_TEXT},
        {" \n\t\r{ \"type\" : \"text\" , \"content\" : \"x\" } \n", MW_M1_TEXT},
        {"{\"\\u0074ype\":\"t\\u0065xt\",\"content\":\"x\"}", MW_M1_TEXT},
        {"{\"type\":\"text\",\"content\":\"x\",\"ref\":\"r 1\",\"replyTo\":\"1\",\"ext\":{\"from\":{\"uid\":1}}}",
         MW_M1_TEXT},
        {"{\"type\":\"text\",\"content\":\"x\",\"replyTo\":\"9223372036854775807\"}", MW_M1_TEXT},
        {"{\"type\":\"text\",\"content\":\"x\",\"ext\":{}}", MW_M1_TEXT},
        {"{" PICTURE "\"" BASE HASH ".jpg\"}", MW_M1_IMAGE},
        {"{" PICTURE "\"https:\\/\\/chat.example.com\\/media\\/" HASH ".p\\u006eg\"}", MW_M1_IMAGE},
        {"{\"type\":\"image\",\"width\":1,\"height\":100000,\"url\":\"" BASE HASH ".jpg\"}", MW_M1_IMAGE},
        {"{\"type\":\"image\",\"width\":1e2,\"height\":2.0,\"url\":\"" BASE HASH ".jpg\"}", MW_M1_IMAGE},
        {"{" SOUND "3.2}", MW_M1_VOICE},
        {"{" SOUND "86400}", MW_M1_VOICE},
        {"{" SOUND "1e-300}", MW_M1_VOICE},
        {"{\"type\":\"video\",\"url\":\"" BASE HASH ".mp4\",\"width\":1,\"height\":1,\"duration\":1}", MW_M1_VIDEO},
        {"{" PAPER "\"name\":\"\xe6\x96\x87 1.pdf\",\"size\":0}", MW_M1_FILE},
        {"{" PAPER "\"name\":\"a/b\",\"size\":9007199254740991}", MW_M1_FILE},
        {"{\"type\":\"custom\",\"data\":{\"x\":[1,{}]}}", MW_M1_CUSTOM},
        {"{\"type\":\"custom\",\"data\":{},\"transient\":true}", MW_M1_CUSTOM},
        {"{\"type\":\"custom\",\"data\":{},\"transient\":false}", MW_M1_CUSTOM},
        {"{\"type\":\"recall\",\"of\":\"123\"}", MW_M1_RECALL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_m1 m;
        const char *why;
        const enum mw_err err = check(mw_cstr(rows[i].text), &m, &why);
        if (err != MW_OK) fail_msg("row %zu %s: %s", i, rows[i].text, why);
        if (m.type != rows[i].type) fail_msg("row %zu %s: type %d", i, rows[i].text, (int)m.type);
        if (rows[i].text[m.first_member] != '"') fail_msg("row %zu %s: first member", i, rows[i].text);
    }
}

#define TYPE_WHY "type must be text, image, voice, video, file, custom or recall"
#define UNKNOWN_WHY "member not known for this type; see docs/protocol.md"
#define REF_WHY "ref must be a string of 1 to 64 bytes without control characters"
#define REPLY_WHY "replyTo must be a message id in a string"
#define EXT_WHY "ext must be an object of at most 1024 bytes, its name without escapes"
#define CONTENT_WHY "content must be 1 to 2000 characters"
#define URL_WHY "url must be one that the media upload answered, of a file that fits the type"
#define WIDTH_WHY "width must be a whole number from 1 to 100000"
#define HEIGHT_WHY "height must be a whole number from 1 to 100000"
#define DURATION_WHY "duration must be a number of seconds, at most 86400"
#define NAME_WHY "name must be 1 to 255 characters without control characters"
#define SIZE_WHY "size must be a whole number of bytes"
#define DATA_WHY "data must be an object of at most 4096 bytes, its name without escapes"
#define TRANSIENT_WHY "transient must be true or false"
#define OF_WHY "of must be a message id in a string"

#define A_TEXT "\"type\":\"text\",\"content\":\"x\","

static void m1__each_bad_form__is_refused_with_its_reason(void **state) {
    static const struct {
        const char *text, *why; /* why NULL: any */
    } rows[] = {
        {"", NULL},
        {"  ", NULL},
        {"x", NULL},
        {"null", NULL},
        {"\"text\"", NULL},
        {"[{\"type\":\"text\",\"content\":\"x\"}]", NULL},
        {"{\"type\":\"text\",\"content\":\"x\"", NULL},
        {"{\"type\":\"text\",\"content\":\"x\"}}", NULL},
        {"{\"type\":\"text\",\"content\":\"x\"},", NULL},
        {"{\"type\":\"text\",\"content\":\"x\",}", NULL},
        {"{'type':'text'}", NULL},
        {"{\"type\":\"text\",\"content\":\"\xff\"}", NULL},
        {"{\"type\":\"text\",\"content\":\"\\ud83d\"}", NULL},
        {"{\"type\":\"text\",\"content\":\"a\\u0000b\"}", NULL},
        {"{\"type\":\"text\",\"content\":\"a\tb\"}", NULL},
        {"{\"type\":\"text\",\"content\":\"x\",\"content\":\"y\"}", NULL},
        {"{\"type\":\"text\",\"content\":\"x\",\"\\u0063ontent\":\"y\"}", NULL},
        {"{" A_TEXT "\"ext\":{\"a\":1,\"a\":2}}", NULL},
        {"{" A_TEXT "\"ext\":{\"a\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}}", NULL},
        {"{}", TYPE_WHY},
        {"{\"content\":\"x\"}", TYPE_WHY},
        {"{\"type\":\"system\",\"content\":\"x\"}", TYPE_WHY},
        {"{\"type\":\"Text\",\"content\":\"x\"}", TYPE_WHY},
        {"{\"type\":\"\",\"content\":\"x\"}", TYPE_WHY},
        {"{\"type\":1,\"content\":\"x\"}", TYPE_WHY},
        {"{\"type\":null,\"content\":\"x\"}", TYPE_WHY},
        {"{\"type\":[\"text\"],\"content\":\"x\"}", TYPE_WHY},
        {"{\"Type\":\"text\",\"content\":\"x\"}", TYPE_WHY},
        /* what only the plugin says */
        {"{" A_TEXT "\"from\":{}}", UNKNOWN_WHY},
        {"{" A_TEXT "\"\\u0066rom\":{}}", UNKNOWN_WHY},
        {"{" A_TEXT "\"From\":{}}", UNKNOWN_WHY},
        {"{" A_TEXT "\"id\":\"1\"}", UNKNOWN_WHY},
        {"{" A_TEXT "\"time\":1}", UNKNOWN_WHY},
        {"{" A_TEXT "\"room\":\"x\"}", UNKNOWN_WHY},
        {"{" A_TEXT "\"to\":\"x\"}", UNKNOWN_WHY},
        {"{" A_TEXT "\"history\":true}", UNKNOWN_WHY},
        {"{" A_TEXT "\"num\":1}", UNKNOWN_WHY},
        {"{" A_TEXT "\"\":1}", UNKNOWN_WHY},
        {"{" A_TEXT "\"Content\":\"x\"}", UNKNOWN_WHY},
        {"{" A_TEXT "\"content \":\"x\"}", UNKNOWN_WHY},
        /* members of another type */
        {"{" A_TEXT "\"url\":\"" BASE HASH ".jpg\"}", UNKNOWN_WHY},
        {"{" A_TEXT "\"data\":{}}", UNKNOWN_WHY},
        {"{" A_TEXT "\"transient\":true}", UNKNOWN_WHY},
        {"{" A_TEXT "\"of\":\"1\"}", UNKNOWN_WHY},
        {"{" A_TEXT "\"name\":\"x\"}", UNKNOWN_WHY},
        {"{" PICTURE "\"" BASE HASH ".jpg\",\"duration\":1}", UNKNOWN_WHY},
        {"{" PICTURE "\"" BASE HASH ".jpg\",\"content\":\"x\"}", UNKNOWN_WHY},
        {"{" SOUND "1,\"width\":1}", UNKNOWN_WHY},
        {"{\"type\":\"recall\",\"of\":\"1\",\"content\":\"x\"}", UNKNOWN_WHY},
        {"{\"type\":\"custom\",\"data\":{},\"of\":\"1\"}", UNKNOWN_WHY},
        /* content */
        {"{\"type\":\"text\"}", CONTENT_WHY},
        {"{\"type\":\"text\",\"content\":\"\"}", CONTENT_WHY},
        {"{\"type\":\"text\",\"content\":1}", CONTENT_WHY},
        {"{\"type\":\"text\",\"content\":null}", CONTENT_WHY},
        {"{\"type\":\"text\",\"content\":{\"a\":\"x\"}}", CONTENT_WHY},
        /* ref, replyTo, ext */
        {"{" A_TEXT "\"ref\":\"\"}", REF_WHY},
        {"{" A_TEXT "\"ref\":1}", REF_WHY},
        {"{" A_TEXT "\"ref\":\"a\\nb\"}", REF_WHY},
        {"{" A_TEXT "\"ref\":\"\\u0085\"}", REF_WHY},
        {"{" A_TEXT "\"ref\":\"0123456789012345678901234567890123456789012345678901234567890123x\"}", REF_WHY},
        {"{" A_TEXT "\"replyTo\":1}", REPLY_WHY},
        {"{" A_TEXT "\"replyTo\":\"\"}", REPLY_WHY},
        {"{" A_TEXT "\"replyTo\":\"0\"}", REPLY_WHY},
        {"{" A_TEXT "\"replyTo\":\"01\"}", REPLY_WHY},
        {"{" A_TEXT "\"replyTo\":\"-1\"}", REPLY_WHY},
        {"{" A_TEXT "\"replyTo\":\"1x\"}", REPLY_WHY},
        {"{" A_TEXT "\"replyTo\":\"9223372036854775808\"}", REPLY_WHY},
        {"{" A_TEXT "\"ext\":[]}", EXT_WHY},
        {"{" A_TEXT "\"ext\":\"x\"}", EXT_WHY},
        {"{" A_TEXT "\"ext\":null}", EXT_WHY},
        {"{" A_TEXT "\"e\\u0078t\":{}}", EXT_WHY},
        /* media */
        {"{\"type\":\"image\",\"width\":1,\"height\":1}", URL_WHY},
        {"{\"type\":\"image\",\"url\":\"" BASE HASH ".jpg\",\"height\":1}", WIDTH_WHY},
        {"{\"type\":\"image\",\"url\":\"" BASE HASH ".jpg\",\"width\":1}", HEIGHT_WHY},
        {"{" PICTURE "1}", URL_WHY},
        {"{" PICTURE "\"\"}", URL_WHY},
        {"{" PICTURE "\"" BASE "\"}", URL_WHY},
        {"{" PICTURE "\"" BASE "..\"}", URL_WHY},
        {"{" PICTURE "\"" BASE "a.jpg\"}", URL_WHY},
        {"{" PICTURE "\"" BASE HASH "\"}", URL_WHY},
        {"{" PICTURE "\"" BASE HASH ".html\"}", URL_WHY},
        {"{" PICTURE "\"" BASE HASH ".JPG\"}", URL_WHY},
        {"{" PICTURE "\"" BASE "../" HASH ".jpg\"}", URL_WHY},
        {"{" PICTURE "\"" BASE "a/" HASH ".jpg\"}", URL_WHY},
        {"{" PICTURE "\"" BASE HASH ".jpg/\"}", URL_WHY},
        {"{" PICTURE "\"" BASE HASH ".jpg?b\"}", URL_WHY},
        {"{" PICTURE "\"" BASE HASH ".jpg#b\"}", URL_WHY},
        {"{" PICTURE "\"" BASE HASH "%2ejpg\"}", URL_WHY},
        {"{" PICTURE "\"" BASE HASH ".jpg \"}", URL_WHY},
        {"{" PICTURE "\"" BASE HASH ".jpg\\n\"}", URL_WHY},
        {"{" PICTURE "\"" BASE HASH "\\\\jpg\"}", URL_WHY},
        {"{" PICTURE "\"" BASE HASH "\xc3\xa4jpg\"}", URL_WHY},
        {"{" PICTURE "\"http://chat.example.com/media/" HASH ".jpg\"}", URL_WHY},
        {"{" PICTURE "\"HTTPS://chat.example.com/media/" HASH ".jpg\"}", URL_WHY},
        {"{" PICTURE "\"https://evil.example.com/media/" HASH ".jpg\"}", URL_WHY},
        {"{" PICTURE "\"javascript:alert\"}", URL_WHY},
        {"{" PICTURE "\" " BASE HASH ".jpg\"}", URL_WHY},
        {"{\"type\":\"image\",\"url\":\"" BASE HASH ".jpg\",\"width\":0,\"height\":1}", WIDTH_WHY},
        {"{\"type\":\"image\",\"url\":\"" BASE HASH ".jpg\",\"width\":100001,\"height\":1}", WIDTH_WHY},
        {"{\"type\":\"image\",\"url\":\"" BASE HASH ".jpg\",\"width\":1.5,\"height\":1}", WIDTH_WHY},
        {"{\"type\":\"image\",\"url\":\"" BASE HASH ".jpg\",\"width\":-1,\"height\":1}", WIDTH_WHY},
        {"{\"type\":\"image\",\"url\":\"" BASE HASH ".jpg\",\"width\":\"1\",\"height\":1}", WIDTH_WHY},
        {"{\"type\":\"image\",\"url\":\"" BASE HASH ".jpg\",\"width\":1e999,\"height\":1}", WIDTH_WHY},
        {"{\"type\":\"image\",\"url\":\"" BASE HASH ".jpg\",\"width\":1,\"height\":0}", HEIGHT_WHY},
        {"{\"type\":\"image\",\"url\":\"" BASE HASH ".jpg\",\"width\":1,\"height\":1e300}", HEIGHT_WHY},
        {"{\"type\":\"voice\",\"url\":\"" BASE HASH ".mp3\"}", DURATION_WHY},
        {"{" SOUND "0}", DURATION_WHY},
        {"{" SOUND "-1}", DURATION_WHY},
        {"{" SOUND "86400.5}", DURATION_WHY},
        {"{" SOUND "1e999}", DURATION_WHY},
        {"{" SOUND "\"3\"}", DURATION_WHY},
        {"{" SOUND "null}", DURATION_WHY},
        {"{\"type\":\"video\",\"url\":\"" BASE HASH ".mp4\",\"height\":1,\"duration\":1}", WIDTH_WHY},
        {"{\"type\":\"video\",\"url\":\"" BASE HASH ".mp4\",\"width\":1,\"duration\":1}", HEIGHT_WHY},
        {"{\"type\":\"video\",\"url\":\"" BASE HASH ".mp4\",\"width\":1,\"height\":1}", DURATION_WHY},
        {"{\"type\":\"video\",\"width\":1,\"height\":1,\"duration\":1}", URL_WHY},
        {"{" PAPER "\"size\":1}", NAME_WHY},
        {"{" PAPER "\"name\":\"\",\"size\":1}", NAME_WHY},
        {"{" PAPER "\"name\":1,\"size\":1}", NAME_WHY},
        {"{" PAPER "\"name\":\"a\\u0007\",\"size\":1}", NAME_WHY},
        {"{" PAPER "\"name\":\"a\\u007f\",\"size\":1}", NAME_WHY},
        {"{" PAPER "\"name\":\"a\"}", SIZE_WHY},
        {"{" PAPER "\"name\":\"a\",\"size\":-1}", SIZE_WHY},
        {"{" PAPER "\"name\":\"a\",\"size\":0.5}", SIZE_WHY},
        {"{" PAPER "\"name\":\"a\",\"size\":9007199254740992}", SIZE_WHY},
        {"{" PAPER "\"name\":\"a\",\"size\":\"1\"}", SIZE_WHY},
        {"{\"type\":\"file\",\"name\":\"a\",\"size\":1}", URL_WHY},
        /* custom, recall */
        {"{\"type\":\"custom\"}", DATA_WHY},
        {"{\"type\":\"custom\",\"data\":[]}", DATA_WHY},
        {"{\"type\":\"custom\",\"data\":\"x\"}", DATA_WHY},
        {"{\"type\":\"custom\",\"d\\u0061ta\":{}}", DATA_WHY},
        {"{\"type\":\"custom\",\"data\":{},\"transient\":1}", TRANSIENT_WHY},
        {"{\"type\":\"custom\",\"data\":{},\"transient\":\"true\"}", TRANSIENT_WHY},
        {"{\"type\":\"recall\"}", OF_WHY},
        {"{\"type\":\"recall\",\"of\":1}", OF_WHY},
        {"{\"type\":\"recall\",\"of\":\"0\"}", OF_WHY},
        {"{\"type\":\"recall\",\"of\":\"99999999999999999999\"}", OF_WHY},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_m1 m;
        const char *why;
        const enum mw_err err = check(mw_cstr(rows[i].text), &m, &why);
        if (err != MW_EINVAL) fail_msg("row %zu %s: %s", i, rows[i].text, mw_err_text(err));
        if (!why || (rows[i].why && strcmp(why, rows[i].why) != 0))
            fail_msg("row %zu %s: \"%s\"", i, rows[i].text, why);
    }
}

/* head, `count` times unit, tail: one over the bound is refused, the bound itself is not. */
static void m1__lengths__hold_at_their_bounds(void **state) {
    static const struct {
        const char *head, *unit, *tail;
        size_t most;
        const char *why;
    } rows[] = {
        {"{\"type\":\"text\",\"content\":\"", "x", "\"}", 2000, CONTENT_WHY},
        {"{\"type\":\"text\",\"content\":\"", "\xe5\xa5\xbd", "\"}", 2000, CONTENT_WHY},
        {"{\"type\":\"text\",\"content\":\"", "\xf0\x9f\x98\x80", "\"}", 2000, CONTENT_WHY},
        {"{\"type\":\"text\",\"content\":\"", "\\n", "\"}", 2000, CONTENT_WHY},
        {"{" A_TEXT "\"ref\":\"", "x", "\"}", 64, REF_WHY},
        {"{" A_TEXT "\"ref\":\"", "\xc3\xa4", "\"}", 32, REF_WHY},
        {"{" A_TEXT "\"ref\":\"", "\\u00e4", "\"}", 32, REF_WHY},
        {"{" A_TEXT "\"ext\":{\"a\":\"", "x", "\"}}", 1024 - 8, EXT_WHY},
        {"{" A_TEXT "\"ext\":{\"a\":\"\"", " ", "}}", 1024 - 8, EXT_WHY},
        {"{" A_TEXT "\"ext\":{\"a\":\"", "\\u0061", "\"}}", 169, EXT_WHY}, /* as it is written: 6 bytes each */
        {"{\"type\":\"custom\",\"data\":{\"a\":\"", "x", "\"}}", 4096 - 8, DATA_WHY},
        {"{\"type\":\"custom\",\"data\":{\"a\":[1", ",1", "]}}", 2043, DATA_WHY},
        {"{" PICTURE "\"" BASE, "0", ".jpg\"}", 64, URL_WHY},
        {"{" PAPER "\"size\":1,\"name\":\"", "\xe5\xa5\xbd", "\"}", 255, NAME_WHY},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t over = 0; over < 2; over++) {
            static char text[16384];
            struct mw_buf b = mw_buf_over(text, sizeof text);
            struct mw_m1 m;
            const char *why;
            mw_buf_put(&b, mw_cstr(rows[i].head));
            for (size_t n = 0; n < rows[i].most + over; n++)
                mw_buf_put(&b, mw_cstr(rows[i].unit));
            mw_buf_put(&b, mw_cstr(rows[i].tail));
            const enum mw_err err = check(mw_buf_str(&b), &m, &why);
            if (!over && err != MW_OK) fail_msg("row %zu at its bound: %s", i, why);
            if (over && (err != MW_EINVAL || strcmp(why, rows[i].why) != 0)) fail_msg("row %zu over its bound", i);
        }
}

static void m1__payload_over_max_bytes__is_too_big(void **state) {
    char text[8193];
    struct mw_m1 m;
    const char *why;
    (void)state;
    memset(text, ' ', sizeof text);
    memcpy(text, "{\"type\":\"text\",\"content\":\"x\",\"ref\":\"r\"}", 39);
    assert_int_equal(check((struct mw_str){text, 8192}, &m, &why), MW_OK);
    assert_int_equal(check((struct mw_str){text, 8193}, &m, &why), MW_ETOOBIG);
    assert_string_equal(m.ref, "");
    assert_string_equal(why, "message is over the size limit");
}

static void m1__refused__ref_is_known_all_the_same(void **state) {
    static const struct {
        const char *text, *ref;
    } rows[] = {
        {"{\"ref\":\"r1\"}", "r1"},
        {"{\"type\":\"nonsense\",\"ref\":\"r1\"}", "r1"},
        {"{\"type\":\"text\",\"from\":1,\"content\":\"x\",\"ref\":\"r1\"}", "r1"},
        {"{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":1,"
         "\"n\":1,"
         "\"o\":1,\"p\":1,\"q\":1,\"ref\":\"r1\"}",
         "r1"}, /* more members than there are known ones */
        {"{\"type\":\"text\",\"content\":\"\",\"ref\":\"\\u4f60\"}", "\xe4\xbd\xa0"},
        {"{\"type\":\"text\",\"content\":\"\",\"ref\":\"a\\u0001\"}", ""},
        {"{\"type\":\"text\",\"content\":\"\",\"ref\":7}", ""},
        {"{\"type\":\"text\",\"content\":\"\",\"Ref\":\"r1\"}", ""},
        {"{\"type\":\"text\",\"ref\":\"r1\"", ""},
        {"{\"ref\":\"r1\",\"ref\":\"r2\"}", ""},
        {"[\"ref\"]", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_m1 m;
        const char *why;
        if (check(mw_cstr(rows[i].text), &m, &why) != MW_EINVAL) fail_msg("row %zu %s: taken", i, rows[i].text);
        if (strcmp(m.ref, rows[i].ref) != 0) fail_msg("row %zu %s: ref \"%s\"", i, rows[i].text, m.ref);
    }
}

static void m1__taken__hands_out_what_the_plugin_needs(void **state) {
    struct mw_m1 m;
    const char *why;
    (void)state;
    assert_int_equal(check(MW_STR("{\"type\":\"custom\",\"data\":{},\"transient\":true,\"ref\":\"r\"}"), &m, &why),
                     MW_OK);
    assert_true(m.transient);
    assert_string_equal(m.ref, "r");
    assert_int_equal(m.first_member, 1);
    assert_int_equal(check(MW_STR("{\"type\":\"custom\",\"transient\":false,\"data\":{}}"), &m, &why), MW_OK);
    assert_false(m.transient);
    assert_string_equal(m.ref, "");
    assert_int_equal(check(MW_STR("  { \"type\":\"recall\",\"of\":\"9223372036854775807\"}"), &m, &why), MW_OK);
    assert_string_equal(m.of, "9223372036854775807");
    assert_int_equal(m.first_member, 4);
}

static void m1__media_without_media_url__is_refused(void **state) {
    static const struct mw_m1_rules off[] = {{.max_bytes = 8192}, {.max_bytes = 8192, .media_url = {"", 0}}};
    struct mw_m1 m;
    const char *why;
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(mw_m1_check(MW_STR("{" PICTURE "\"a\"}"), &off[i], &m, &why), MW_EINVAL);
        assert_string_equal(why, "media messages are off: the server has no media_url");
        assert_int_equal(mw_m1_check(MW_STR("{\"type\":\"text\",\"content\":\"x\"}"), &off[i], &m, &why), MW_OK);
    }
}

/* Which file goes with which message. */
static void m1__media__fits_the_type(void **state) {
    static const struct {
        const char *ext, *takes; /* of the types below, by their first letters, in that order */
    } rows[] = {
        {"jpg", "if"}, {"png", "if"}, {"gif", "if"}, {"webp", "if"}, {"mp4", "vVf"}, {"mp3", "vf"}, {"aac", "vf"},
        {"m4a", "vf"}, {"amr", "vf"}, {"wav", "vf"}, {"pdf", "f"},   {"svg", ""},    {"", ""},
    };
    static const struct {
        char letter;
        const char *start;
    } types[] = {{'i', "{\"type\":\"image\",\"width\":1,\"height\":1,"},
                 {'v', "{\"type\":\"voice\",\"duration\":1,"},
                 {'V', "{\"type\":\"video\",\"width\":1,\"height\":1,\"duration\":1,"},
                 {'f', "{\"type\":\"file\",\"name\":\"a\",\"size\":1,"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t k = 0; k < sizeof types / sizeof types[0]; k++) {
            char text[512];
            struct mw_m1 m;
            const char *why;
            const int n = snprintf(text, sizeof text, "%s\"url\":\"" BASE HASH ".%s\"}", types[k].start, rows[i].ext);
            const enum mw_err want = strchr(rows[i].takes, types[k].letter) ? MW_OK : MW_EINVAL;
            if (check((struct mw_str){text, (size_t)n}, &m, &why) != want) fail_msg("%s", text);
            if (want != MW_OK) assert_string_equal(why, URL_WHY);
        }
    }
}

/* "https://ours" may not let "https://ours.theirs.example" in. */
static void m1__media_url_without_slash__asks_for_one(void **state) {
    static const struct {
        const char *url;
        enum mw_err want;
    } rows[] = {
        {"https://ours/" HASH ".png", MW_OK},
        {"https://ours.theirs/" HASH ".png", MW_EINVAL},
        {"https://ours" HASH ".png", MW_EINVAL},
        {"https://ours//" HASH ".png", MW_EINVAL},
        {"https://ours/", MW_EINVAL},
        {"https://ours", MW_EINVAL},
    };
    const struct mw_m1_rules bare = {.max_bytes = 8192, .media_url = MW_STR("https://ours")};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[256];
        struct mw_m1 m;
        const char *why;
        const int n = snprintf(text, sizeof text, "{" PICTURE "\"%s\"}", rows[i].url);
        if (mw_m1_check((struct mw_str){text, (size_t)n}, &bare, &m, &why) != rows[i].want)
            fail_msg("row %zu %s", i, rows[i].url);
    }
}

static void id__each_form__is_told(void **state) {
    static const struct {
        struct mw_str text;
        bool want;
    } rows[] = {
        {{"1", 1}, true},
        {{"9223372036854775807", 19}, true},
        {{"9223372036854775808", 19}, false},
        {{"10000000000000000000", 20}, false},
        {{"0", 1}, false},
        {{"01", 2}, false},
        {{"", 0}, false},
        {{NULL, 0}, false},
        {{"+1", 2}, false},
        {{"-1", 2}, false},
        {{"1 ", 2}, false},
        {{"1\0", 2}, false},
        {{"0x1", 3}, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (mw_is_id(rows[i].text) != rows[i].want) fail_msg("row %zu \"%s\"", i, rows[i].text.ptr);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(id__each_form__is_told),
        cmocka_unit_test(m1__each_good_form__is_taken),
        cmocka_unit_test(m1__each_bad_form__is_refused_with_its_reason),
        cmocka_unit_test(m1__lengths__hold_at_their_bounds),
        cmocka_unit_test(m1__payload_over_max_bytes__is_too_big),
        cmocka_unit_test(m1__refused__ref_is_known_all_the_same),
        cmocka_unit_test(m1__taken__hands_out_what_the_plugin_needs),
        cmocka_unit_test(m1__media_without_media_url__is_refused),
        cmocka_unit_test(m1__media__fits_the_type),
        cmocka_unit_test(m1__media_url_without_slash__asks_for_one),
    };
    return cmocka_run_group_tests_name("m1", tests, NULL, NULL);
}
