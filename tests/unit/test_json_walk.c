#include "../../core/json_walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>

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

static void walk__find__by_the_name_it_stands_for(void **state) {
    (void)state;
    static const struct {
        const char *object, *name, *want; /* want NULL: none */
    } rows[] = {
        {" { \"a\" : 1 , \"b\" : [ 2 ] } ", "a", "1"},
        {" { \"a\" : 1 , \"b\" : [ 2 ] } ", "b", "[ 2 ]"},
        {"{\"a\":\"x\\\"}\",\"b\":-1.5e3}", "b", "-1.5e3"},
        {"{\"a\":null\n,\"b\":true}", "a", "null"},
        {"{\"\":{\"a\":2},\"a\":3}", "a", "3"},
        {"{\"\":{\"a\":2},\"a\":3}", "", "{\"a\":2}"},
        {"{\"\\u0066rom\":7}", "from", "7"},
        {"{\"\\u0066\\u0072\\u006f\\u006d\":7}", "from", "7"},
        {"{\"\xe4\xbd\xa0\":0}", "\xe4\xbd\xa0", "0"},
        {"{\"a-very-long-name-with-\\u0065scape\":0,\"a\":1}", "a", "1"},
        {"{\"b\":{\"a\":1}}", "a", NULL},
        {"{\"b\":\"a\"}", "a", NULL},
        {"{\"ab\":1}", "a", NULL},
        {"{\"A\":1}", "a", NULL},
        {"{}", "a", NULL},
        {"[\"a\",1]", "a", NULL},
        {"\"a\"", "a", NULL},
        {NULL, "a", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct mw_str got = json_walk_find(mw_cstr(rows[i].object), mw_cstr(rows[i].name));
        if (rows[i].want ? !mw_str_eq(got, mw_cstr(rows[i].want)) : got.ptr != NULL)
            fail_msg("row %zu, %s of %s: %.*s", i, rows[i].name, rows[i].object, (int)got.len, got.ptr);
    }
}

/* Every part of a text, most of them no JSON, in a block of its own size, where a read past it is found. */
static void walk__text_not_checked__stays_within(void **state) {
    (void)state;
    static const char whole[] = "{ \"a\" : [\"\\\"]\", {}] , \"b\\\\\" : 12 , \"c\" : {\"d\":[]} } ";
    for (size_t from = 0; from < sizeof whole - 1; from++)
        for (size_t len = 0; from + len < sizeof whole; len++) {
            char *part = malloc(len ? len : 1);
            assert_non_null(part);
            memcpy(part, whole + from, len);
            const struct mw_str got = json_walk_find(mw_bytes(part, len), MW_STR("c"));
            if (got.ptr && (got.ptr < part || got.ptr + got.len > part + len)) fail_msg("%zu+%zu", from, len);
            free(part);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walk__object__members_in_their_order),
        cmocka_unit_test(walk__array__elements_in_their_order),
        cmocka_unit_test(walk__other_kind__nothing_to_walk_over),
        cmocka_unit_test(walk__find__by_the_name_it_stands_for),
        cmocka_unit_test(walk__text_not_checked__stays_within),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
