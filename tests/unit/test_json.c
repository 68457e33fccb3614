#include "mw/json.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define NEST4(x) "[[[[" x "]]]]"
#define DIGITS60 "123456789012345678901234567890123456789012345678901234567890"

static void json__check__accepts_rfc_8259(void **state) {
    (void)state;
    static const char *const rows[] = {
        "{}",
        " \t\r\n{ } \n",
        "[]",
        "[ ]",
        "[[],{},[{}]]",
        "{\"a\":1}",
        "{ \"a\" : [ 1 , 2 ] , \"b\" : { } }",
        "true",
        "false",
        "null",
        "\"\"",
        "\"text\"",
        "0",
        "-0",
        "10",
        "-1.5e+10",
        "1E5",
        "1e-5",
        "0.0",
        DIGITS60 "123",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"\\u0001\\u00e9\\uFFFF\\ud83d\\ude00\"",
        "\"\xe4\xbd\xa0\xf0\x9f\x98\x80\x7f\xc2\x80\"",
        "{\"\":\"\"}",
        "{\"a\":1,\"a\":2}", /* twice the same name is for the tree to see */
        NEST4(NEST4(NEST4("[[[[]]]]"))),
        NEST4(NEST4(NEST4("[[{\"a\":[]},{\"a\":[]}]]"))),
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *why = NULL;
        if (mw_json_check(mw_cstr(rows[i]), &why) != MW_OK) fail_msg("%s refused: %s", rows[i], why);
    }
}

static void json__check__refuses_everything_else(void **state) {
    (void)state;
    static const struct {
        struct mw_str text;
        const char *why;
    } rows[] = {
#define ROW(literal, reason) {{literal, sizeof(literal) - 1}, reason}
        {{NULL, 0}, "the text ends too early"},
        ROW("", "the text ends too early"),
        ROW("  ", "the text ends too early"),
        ROW("{", "the text ends too early"),
        ROW("[", "the text ends too early"),
        ROW("[1", "the text ends too early"),
        ROW("[1,", "the text ends too early"),
        ROW("{\"a\"", "the text ends too early"),
        ROW("{\"a\":", "the text ends too early"),
        ROW("{\"a\":1", "the text ends too early"),
        ROW("{\"a\":1,", "the text ends too early"),
        ROW("\xef\xbb\xbf{}", "not JSON"), /* byte order mark */
        ROW("nul", "not JSON"),
        ROW("True", "not JSON"),
        ROW("NaN", "not JSON"),
        ROW("'a'", "not JSON"),
        ROW("+1", "not JSON"),
        ROW(".5", "not JSON"),
        ROW("\0", "not JSON"),
        ROW("\f{}", "not JSON"),
        ROW("\x0b{}", "not JSON"),
        ROW("[,]", "not JSON"),
        ROW("[1,]", "not JSON"),
        ROW("[}", "not JSON"),
        ROW("{\"a\":}", "not JSON"),
        ROW("/**/{}", "not JSON"),
        ROW("nullx", "text behind the value"),
        ROW("{}x", "text behind the value"),
        ROW("{}{}", "text behind the value"),
        ROW("{}\0", "text behind the value"),
        ROW("{},", "text behind the value"),
        ROW("1 2", "text behind the value"),
        ROW("[1}", "a comma or a closing bracket is missing"),
        ROW("{\"a\":1]", "a comma or a closing bracket is missing"),
        ROW("[1 2]", "a comma or a closing bracket is missing"),
        ROW("{\"a\":1 \"b\":2}", "a comma or a closing bracket is missing"),
        ROW("[1\xc2\xa0]", "a comma or a closing bracket is missing"), /* a blank, but not JSON's */
        ROW("{a:1}", "a member without a name in quotes"),
        ROW("{1:1}", "a member without a name in quotes"),
        ROW("{\"a\":1,}", "a member without a name in quotes"),
        ROW("{,}", "a member without a name in quotes"),
        ROW("{]", "a member without a name in quotes"),
        ROW("{\"a\" 1}", "a name without a colon"),
        ROW("{\"a\"}", "a name without a colon"),
        ROW("01", "a number with a leading zero"),
        ROW("-01", "a number with a leading zero"),
        ROW("00", "a number with a leading zero"),
        ROW("-", "a number without digits"),
        ROW("-a", "a number without digits"),
        ROW("1.", "a number without digits"),
        ROW("1.e5", "a number without digits"),
        ROW("1e", "a number without digits"),
        ROW("1e+", "a number without digits"),
        ROW("0x10", "text behind the value"),
        ROW("1.5.5", "text behind the value"),
        ROW(DIGITS60 "1234", "a number that is too long"),
        ROW("\"abc", "a string does not end"),
        ROW("\"abc\\", "a string does not end"),
        ROW("\"abc\\\"", "a string does not end"),
        ROW("\"\\u12", "a string does not end"),
        ROW("\"\\x41\"", "an escape that JSON does not have"),
        ROW("\"\\'\"", "an escape that JSON does not have"),
        ROW("\"\\U0041\"", "an escape that JSON does not have"),
        ROW("\"\\0\"", "an escape that JSON does not have"),
        ROW("\"\\u12g4\"", "\\u without four hexadecimal digits"),
        ROW("\"\\u 123\"", "\\u without four hexadecimal digits"),
        ROW("\"\\u0000\"", "\\u0000 is not accepted"),
        ROW("{\"a\\u0000\":1}", "\\u0000 is not accepted"),
        ROW("\"\\ud83d\"", "half a surrogate pair"),
        ROW("\"\\ud83dx\\ude00\"", "half a surrogate pair"),
        ROW("\"\\ud83d\\n\"", "half a surrogate pair"),
        ROW("\"\\ud83d\\u0041\"", "half a surrogate pair"),
        ROW("\"\\ud83d\\ud83d\"", "half a surrogate pair"),
        ROW("\"\\ude00\"", "half a surrogate pair"),
        ROW("\"a\nb\"", "a control character in a string"),
        ROW("\"a\0b\"", "a control character in a string"),
        ROW("\"a\x1f\"", "a control character in a string"),
        ROW("\"\xff\"", "invalid UTF-8"),
        ROW("\"\xc0\x80\"", "invalid UTF-8"),
        ROW("\"\xed\xa0\x80\"", "invalid UTF-8"),
        ROW("\"\xe4\xbd\"", "invalid UTF-8"),
        ROW("{\"\x80\":1}", "invalid UTF-8"),
        ROW(NEST4(NEST4(NEST4("[[[[[]]]]]"))), "nested too deeply"),
        ROW(NEST4(NEST4(NEST4("[[[[{}]]]]"))), "nested too deeply"),
#undef ROW
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *why = "nothing said";
        const enum mw_err err = mw_json_check(rows[i].text, &why);
        if (err != MW_EINVAL || strcmp(why, rows[i].why) != 0)
            fail_msg("row %zu, %s: %s, %s", i, rows[i].text.ptr, mw_err_text(err), why);
    }
    assert_int_equal(mw_json_check(MW_STR("["), NULL), MW_EINVAL);
}

/* Against a page's end nothing past the text can be read unseen (with sanitizers: against the block's end). */
static void json__check__every_cut_refused(void **state) {
    (void)state;
    static const char whole[] = "{\"a\":[1,-2.5e3,true,null,\"\\u00e9\\ud83d\\ude00\xe4\xbd\xa0\"],\"b\":{}}";
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        char *cut = malloc(len ? len : 1);
        assert_non_null(cut);
        memcpy(cut, whole, len);
        if (mw_json_check(mw_bytes(cut, len), NULL) != MW_EINVAL) fail_msg("cut at %zu accepted", len);
        free(cut);
    }
    assert_int_equal(mw_json_check(MW_STR(whole), NULL), MW_OK);
}

/* The reader takes eight bytes at a time where it can: each kind of byte in each place. */
static void json__check__any_byte_anywhere_in_a_string(void **state) {
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++)
        for (size_t at = 1; at < 24; at++) {
            char text[] = "\"xxxxxxxxxxxxxxxxxxxxxxx\"";
            text[at] = (char)byte;
            const bool ok = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
            if (mw_json_check(MW_STR(text), NULL) != (ok ? MW_OK : MW_EINVAL)) fail_msg("byte %u at %zu", byte, at);
        }
}

static void json__parse_object__only_objects(void **state) {
    (void)state;
    static const char *const rows[] = {"[]", "1", "\"{}\"", "null", "[{}]", " true"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cJSON *tree = NULL;
        const char *why = "";
        if (mw_json_parse_object(mw_cstr(rows[i]), &tree, &why) != MW_EINVAL || tree) fail_msg("%s accepted", rows[i]);
        assert_string_equal(why, "not an object");
    }
    struct cJSON *tree = NULL;
    assert_int_equal(mw_json_parse_object(MW_STR(" {} "), &tree, NULL), MW_OK);
    assert_non_null(tree);
    cJSON_Delete(tree);
}

static void json__parse_object__text_without_nul__length_counts(void **state) {
    (void)state;
    const char text[] = {'{', '"', 'a', '"', ':', '1', '}', '}', 'x'};
    struct cJSON *tree = NULL;
    int64_t a = 0;
    assert_int_equal(mw_json_parse_object(mw_bytes(text, 7), &tree, NULL), MW_OK);
    assert_true(mw_json_int(tree, "a", 0, 9, &a));
    cJSON_Delete(tree);
    tree = NULL;
    assert_int_equal(mw_json_parse_object(mw_bytes(text, 8), &tree, NULL), MW_EINVAL);
    assert_null(tree);
}

static void json__parse_object__repeated_names__refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool ok;
    } rows[] = {
        {"{\"a\":1,\"a\":1}", false},
        {"{\"from\":1,\"\\u0066rom\":2}", false},
        {"{\"/\":1,\"\\/\":2}", false},
        {"{\"\":1,\"\":2}", false},
        {"{\"a\":{\"b\":1,\"c\":2,\"b\":3}}", false},
        {"{\"a\":[0,[{\"b\":1,\"b\":1}]]}", false},
        {"{\"a\":{},\"b\":[{}],\"a\":1}", false}, /* with others between */
        {"{\"a\":{\"b\":{\"c\":1}},\"d\":{\"b\":{\"c\":1,\"c\":1}}}", false},
        {"{\"\xe4\xbd\xa0\":1,\"\\u4f60\":2}", false},
        {"{\"\xf0\x9f\x98\x80\":1,\"\\uD83D\\uDE00\":2}", false},
        {"{\"\\n\\\\\":1,\"\\u000a\\u005C\":2}", false},
        {"{\"\\\\u0061\":1,\"a\":2}", true}, /* a backslash and u0061 */
        {"{\"ab\":1,\"ba\":1}", true},
        {"{\"a\":1,\"A\":1}", true},
        {"{\"a\":1,\"ab\":1}", true},
        {"{\"a\":{\"a\":{\"a\":1}}}", true},
        {"{\"a\":[{\"a\":1},{\"a\":1}]}", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cJSON *tree = NULL;
        const char *why = "";
        const enum mw_err err = mw_json_parse_object(mw_cstr(rows[i].text), &tree, &why);
        if (err != (rows[i].ok ? MW_OK : MW_EINVAL)) fail_msg("%s: %s", rows[i].text, mw_err_text(err));
        if (!rows[i].ok) assert_string_equal(why, "two members of one name");
        cJSON_Delete(tree);
    }
}

/* An object of `count` members m0, m1, …; the last one is named like the member `twin`, or as its number says. */
static size_t put_members(char *text, size_t cap, size_t count, size_t twin) {
    struct mw_buf b = mw_buf_over(text, cap);
    mw_buf_putc(&b, '{');
    for (size_t i = 0; i < count; i++) {
        mw_buf_put(&b, i ? MW_STR(",\"m") : MW_STR("\"m"));
        mw_buf_puti(&b, (int64_t)(i + 1 == count ? twin : i));
        mw_buf_put(&b, MW_STR("\":0"));
    }
    mw_buf_putc(&b, '}');
    assert_false(b.overflow);
    return b.len;
}

static void json__repeated_name_anywhere__found_in_objects_of_any_size(void **state) {
    (void)state;
    char text[1024];
    for (size_t count = 1; count <= 40; count++)
        for (size_t twin = 0; twin < count; twin++) {
            struct cJSON *tree = NULL;
            const size_t len = put_members(text, sizeof text, count, twin);
            const enum mw_err err = mw_json_parse_object(mw_bytes(text, len), &tree, NULL);
            if (err != (twin + 1 == count ? MW_OK : MW_EINVAL)) fail_msg("%zu members, twin of %zu", count, twin);
            cJSON_Delete(tree);
        }
}

static void json__members_over_their_bound__refused(void **state) {
    (void)state;
    static char text[32768];
    static const struct {
        const char *head, *tail; /* around an object of `members` */
        size_t members;
        bool ok;
    } rows[] = {
        {"", "", MW_JSON_MEMBERS_MAX, true},
        {"", "", MW_JSON_MEMBERS_MAX + 1, false},
        {"{\"a\":{\"b\":0},\"c\":[", ",{\"d\":0}]}", MW_JSON_MEMBERS_MAX - 4, true},
        {"{\"a\":{\"b\":0},\"c\":[", ",{\"d\":0}]}", MW_JSON_MEMBERS_MAX - 3, false}, /* of all together */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_buf b = mw_buf_over(text, sizeof text);
        const char *why = "";
        mw_buf_put(&b, mw_cstr(rows[i].head));
        b.len += put_members(text + b.len, sizeof text - b.len, rows[i].members, rows[i].members - 1);
        mw_buf_put(&b, mw_cstr(rows[i].tail));
        const enum mw_err err = mw_json_check_object(mw_buf_str(&b), &why);
        if (err != (rows[i].ok ? MW_OK : MW_EINVAL)) fail_msg("row %zu: %s", i, why);
        if (!rows[i].ok) assert_string_equal(why, "more than 1024 members");
        assert_int_equal(mw_json_check(mw_buf_str(&b), NULL), MW_OK); /* who does not ask for names is not bound */
    }
}

static void json__getters__exact_name_and_type(void **state) {
    (void)state;
    static const char text[] = "{\"s\":\"x\",\"e\":\"\",\"n\":7,\"t\":true,\"z\":null,\"o\":{},\"a\":[]}";
    struct cJSON *tree = NULL;
    int64_t n = 0;
    assert_int_equal(mw_json_parse_object(MW_STR(text), &tree, NULL), MW_OK);
    assert_true(mw_str_eq(mw_json_string(tree, "s"), MW_STR("x")));
    assert_true(mw_str_eq(mw_json_string(tree, "e"), MW_STR("")));
    static const char *const none[] = {"S", "n", "t", "z", "o", "a", "ss", ""};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (mw_json_string(tree, none[i]).ptr) fail_msg("'%s' is a string", none[i]);
    assert_null(mw_json_string(NULL, "s").ptr);
    assert_true(mw_json_int(tree, "n", 7, 7, &n));
    assert_int_equal(n, 7);
    static const char *const no_number[] = {"N", "s", "t", "z", "o", "a", "missing"};
    for (size_t i = 0; i < sizeof no_number / sizeof no_number[0]; i++)
        if (mw_json_int(tree, no_number[i], INT64_MIN, INT64_MAX, &n)) fail_msg("'%s' is a number", no_number[i]);
    cJSON_Delete(tree);
}

static void json__int__whole_exact_and_within_bounds(void **state) {
    (void)state;
    static const struct {
        const char *number;
        int64_t min, max;
        bool ok;
        int64_t want;
    } rows[] = {
        {"0", 0, 9, true, 0},
        {"-0", 0, 9, true, 0},
        {"9", 0, 9, true, 9},
        {"1e3", 0, 1000, true, 1000},
        {"5.0", 0, 9, true, 5},
        {"-3", -3, 9, true, -3},
        {"9007199254740991", 0, INT64_MAX, true, INT64_C(9007199254740991)},
        {"-9007199254740991", INT64_MIN, 0, true, -INT64_C(9007199254740991)},
        {"10", 0, 9, false, 0},
        {"-1", 0, 9, false, 0},
        {"5.5", 0, 9, false, 0},
        {"-0.5", -1, 9, false, 0},
        {"9007199254740992", 0, INT64_MAX, false, 0},
        {"9007199254740993", 0, INT64_MAX, false, 0},
        {"9223372036854775808", 0, INT64_MAX, false, 0},
        {"1e300", INT64_MIN, INT64_MAX, false, 0},
        {"1e999", INT64_MIN, INT64_MAX, false, 0},
        {"-1e999", INT64_MIN, INT64_MAX, false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[64];
        int64_t got = 77;
        struct cJSON *tree = NULL;
        snprintf(text, sizeof text, "{\"n\":%s}", rows[i].number);
        assert_int_equal(mw_json_parse_object(mw_cstr(text), &tree, NULL), MW_OK);
        const bool ok = mw_json_int(tree, "n", rows[i].min, rows[i].max, &got);
        if (ok != rows[i].ok || got != (ok ? rows[i].want : 77)) fail_msg("%s: %d", rows[i].number, ok);
        cJSON_Delete(tree);
    }
}

static void json__first_member__behind_brace_and_blanks(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t want;
    } rows[] = {{"{\"a\":1}", 1}, {" \n{ \t\"a\":1}", 5}, {"{}", 1}, {"{ }", 2}, {" {}", 2}, {"[1]", 3}, {"", 0},
                {" {", 2}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (mw_json_first_member(mw_cstr(rows[i].text)) != rows[i].want) fail_msg("%s", rows[i].text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json__check__accepts_rfc_8259),
        cmocka_unit_test(json__check__refuses_everything_else),
        cmocka_unit_test(json__check__every_cut_refused),
        cmocka_unit_test(json__check__any_byte_anywhere_in_a_string),
        cmocka_unit_test(json__parse_object__only_objects),
        cmocka_unit_test(json__parse_object__text_without_nul__length_counts),
        cmocka_unit_test(json__parse_object__repeated_names__refused),
        cmocka_unit_test(json__repeated_name_anywhere__found_in_objects_of_any_size),
        cmocka_unit_test(json__members_over_their_bound__refused),
        cmocka_unit_test(json__getters__exact_name_and_type),
        cmocka_unit_test(json__int__whole_exact_and_within_bounds),
        cmocka_unit_test(json__first_member__behind_brace_and_blanks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
