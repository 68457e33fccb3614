#include "../../core/json_walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void walk__object__members_in_their_order(void **state) {
    (void)state;
    static const char text[] = " { \"a\" : 1 , \"b\\\"\\\\\":[ {\"x\":\"]\"} ],\"\":\"\" ,\"d\":null } ";
    static const struct {
        const char *name, *value;
    } want[] = {{"a", "1"}, {"b\\\"\\\\", "[ {\"x\":\"]\"} ]"}, {"", "\"\""}, {"d", "null"}};
    struct json_walk w;
    struct mw_str name, value;
    assert_true(json_walk_object(MW_STR(text), &w));
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        if (!json_walk_member(&w, &name, &value)) fail_msg("member %zu is missing", i);
        if (!mw_str_eq(name, mw_cstr(want[i].name)) || !mw_str_eq(value, mw_cstr(want[i].value)))
            fail_msg("member %zu: %.*s is %.*s", i, (int)name.len, name.ptr, (int)value.len, value.ptr);
    }
    assert_false(json_walk_member(&w, &name, &value));
    assert_false(json_walk_member(&w, &name, &value));
}

static void walk__array__elements_in_their_order(void **state) {
    (void)state;
    static const char text[] = "[ 1,\"a,]\" , [2,[3]], {} ]";
    static const char *const want[] = {"1", "\"a,]\"", "[2,[3]]", "{}"};
    struct json_walk w;
    struct mw_str value;
    assert_true(json_walk_array(MW_STR(text), &w));
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++)
        if (!json_walk_element(&w, &value) || !mw_str_eq(value, mw_cstr(want[i]))) fail_msg("element %zu", i);
    assert_false(json_walk_element(&w, &value));
}

static void walk__other_kind__nothing_to_walk_over(void **state) {
    (void)state;
    struct json_walk w;
    struct mw_str name, value;
    assert_false(json_walk_object(MW_STR("[\"a\",1]"), &w));
    assert_false(json_walk_member(&w, &name, &value));
    assert_false(json_walk_array(MW_STR("{\"a\":1}"), &w));
    assert_false(json_walk_element(&w, &value));
    assert_false(json_walk_object(MW_STR("\"a\""), &w));
    assert_false(json_walk_object(mw_cstr(NULL), &w));
    assert_true(json_walk_object(MW_STR("{}"), &w));
    assert_false(json_walk_member(&w, &name, &value));
    assert_true(json_walk_array(MW_STR("[ ]"), &w));
    assert_false(json_walk_element(&w, &value));
}

static void walk__string__what_it_stands_for(void **state) {
    (void)state;
    static const struct {
        const char *value, *want;
    } rows[] = {
        {"\"\"", ""},
        {"\"abc\"", "abc"},
        {"\"a\\\"b\\\\c\\/\"", "a\"b\\c/"},
        {"\"\\b\\f\\n\\r\\t\"", "\b\f\n\r\t"},
        {"\"\\u0041\\u00e9\\u4F60\\u4f60x\"", "A\xc3\xa9\xe4\xbd\xa0\xe4\xbd\xa0x"},
        {"\"\\ud83d\\ude00\\ud800\\udc00\\udbff\\udfff\"", "\xf0\x9f\x98\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
        {"\"\\u007f\\u0080\\u07ff\\u0800\\uffff\"", "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"},
        {"1", NULL},
        {"null", NULL},
        {"[\"a\"]", NULL},
        {"\"", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[64];
        const bool ok = json_string_value(mw_cstr(rows[i].value), out, sizeof out);
        if (ok != (rows[i].want != NULL) || (ok && strcmp(out, rows[i].want) != 0)) fail_msg("%s", rows[i].value);
    }
}

static void walk__string_too_long__refused_and_nothing_past_cap(void **state) {
    (void)state;
    static const char *const rows[] = {"\"abcd\"", "\"ab\\u0063d\"", "\"a\\u4f60\"", "\"\\ud83d\\ude00\""};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t cap = 0; cap <= 6; cap++) {
            char out[8];
            memset(out, '#', sizeof out);
            const bool ok = json_string_value(mw_cstr(rows[i]), out, cap);
            if (ok != (cap >= 5)) fail_msg("%s in %zu: %d", rows[i], cap, ok);
            for (size_t k = cap; k < sizeof out; k++)
                if (out[k] != '#') fail_msg("%s in %zu: byte %zu was written", rows[i], cap, k);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walk__object__members_in_their_order),
        cmocka_unit_test(walk__array__elements_in_their_order),
        cmocka_unit_test(walk__other_kind__nothing_to_walk_over),
        cmocka_unit_test(walk__string__what_it_stands_for),
        cmocka_unit_test(walk__string_too_long__refused_and_nothing_past_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
