#include "call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define H(name, value)                                                                                                 \
    { true, name, value }
#define Q(name, value)                                                                                                 \
    { false, name, value }

static void fields__header_and_query__rows(void **state) {
    static const struct {
        struct {
            bool header;
            const char *name, *value;
        } given[3];
        enum field field;
        const char *want; /* NULL: absent */
        bool conflict;
    } rows[] = {
        {{H("X-WX-Code", "c")}, FIELD_CODE, "c", false},
        {{H("x-wx-code", "c")}, FIELD_CODE, "c", false},
        {{Q("X-WX-Code", "c")}, FIELD_CODE, "c", false},
        {{Q("x-wx-skey", "s")}, FIELD_SKEY, "s", false},
        {{H("X-WX-Code", " c\t")}, FIELD_CODE, "c", false},
        {{H("Authorization", "Bearer x")}, FIELD_AUTHORIZATION, "Bearer x", false},
        {{H("X-WX-Id", "a"), Q("X-WX-Id", "a")}, FIELD_ID, "a", false},
        {{Q("X-WX-Id", "a"), Q("X-WX-Id", "a")}, FIELD_ID, "a", false},
        {{H("X-WX-Code", ""), Q("X-WX-Code", "c")}, FIELD_CODE, "c", false},
        /* not taken */
        {{H("X-WX-Codes", "c")}, FIELD_CODE, NULL, false},
        {{H("X-WX-Cod", "c")}, FIELD_CODE, NULL, false},
        {{H("X-WX-Code", "")}, FIELD_CODE, NULL, false},
        {{H("X-WX-Code", " ")}, FIELD_CODE, NULL, false},
        {{Q("Authorization", "Bearer x")}, FIELD_AUTHORIZATION, NULL, false},
        {{Q("uid", "u")}, FIELD_UID, "u", false},
        {{Q("after", "s")}, FIELD_AFTER, "s", false},
        {{H("uid", "u")}, FIELD_UID, NULL, false},
        {{H("After", "s")}, FIELD_AFTER, NULL, false},
        /* in conflict */
        {{Q("uid", "a"), Q("uid", "b")}, FIELD_UID, "b", true},
        {{H("X-WX-Id", "a"), H("X-WX-Id", "b")}, FIELD_ID, "b", true},
        {{H("X-WX-Id", "a"), H("x-wx-id", "a")}, FIELD_ID, "a", true},
        {{H("X-WX-Id", "a"), Q("X-WX-Id", "b")}, FIELD_ID, "b", true},
        {{Q("X-WX-Id", "a"), Q("X-WX-Id", "b")}, FIELD_ID, "b", true},
        {{H("Host", "a"), H("host", "b")}, FIELD_HOST, "b", true},
        {{H("Content-Length", "2"), H("Content-Length", "2")}, FIELD_CONTENT_LENGTH, "2", true},
        {{H("Content-Length", "2"), H("content-length", "3")}, FIELD_CONTENT_LENGTH, "3", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct request req = {.conflict = false};
        for (size_t k = 0; k < 3 && rows[i].given[k].name; k++) {
            struct mw_str name = mw_cstr(rows[i].given[k].name), value = mw_cstr(rows[i].given[k].value);
            if (rows[i].given[k].header)
                request_add_header(&req, name, value);
            else
                request_add_query(&req, name, value);
        }
        struct mw_str got = req.fields[rows[i].field];
        if (req.conflict != rows[i].conflict) fail_msg("row %zu: conflict %d", i, req.conflict);
        if ((got.ptr != NULL) != (rows[i].want != NULL)) fail_msg("row %zu: presence", i);
        if (rows[i].want && !mw_str_eq(got, mw_cstr(rows[i].want))) fail_msg("row %zu: %.*s", i, (int)got.len, got.ptr);
        if (req.too_big) fail_msg("row %zu: too big", i);
    }
}

static void fields__over_a_bound__are_too_big(void **state) {
    static char long_value[FIELD_VALUE_MAX + 2];
    struct request req = {.conflict = false};
    (void)state;
    memset(long_value, 'a', sizeof long_value);
    request_add_header(&req, MW_STR("X-WX-Code"), mw_bytes(long_value, FIELD_VALUE_MAX));
    assert_false(req.too_big);
    req = (struct request){.conflict = false};
    request_add_header(&req, MW_STR("X-WX-Code"), mw_bytes(long_value, FIELD_VALUE_MAX + 1));
    assert_true(req.too_big);
    req = (struct request){.conflict = false};
    request_add_query(&req, MW_STR("X-WX-Code"), mw_bytes(long_value, FIELD_VALUE_MAX + 1));
    assert_true(req.too_big);
    req = (struct request){.conflict = false};
    for (int i = 0; i < 4 && !req.too_big; i++) /* names that mean nothing to us count as well */
        request_add_header(&req, MW_STR("Cookie"), mw_bytes(long_value, FIELD_VALUE_MAX));
    assert_true(req.too_big);
}

static void length__headers__rows(void **state) {
    static const struct {
        struct {
            const char *name, *value;
        } given[2];
        uint64_t want;
        bool clear;
    } rows[] = {
        {{{NULL, NULL}}, 0, true},
        {{{"Content-Length", "0"}}, 0, true},
        {{{"Content-Length", "24577"}}, 24577, true},
        {{{"Content-Length", "18446744073709551615"}}, UINT64_MAX, true},
        {{{"Content-Length", "99999999999999999999"}}, UINT64_MAX, true},
        {{{"Content-Length", "-1"}}, 0, true}, /* the library has refused it before we see it */
        {{{"Transfer-Encoding", "chunked"}}, 0, true},
        {{{"transfer-encoding", "Chunked"}}, 0, true},
        /* in doubt */
        {{{"Content-Length", "2"}, {"Content-Length", "2"}}, 2, false},
        {{{"Content-Length", "2"}, {"Content-Length", "3"}}, 3, false},
        {{{"Content-Length", "2"}, {"Transfer-Encoding", "chunked"}}, 2, false},
        {{{"Transfer-Encoding", "chunked"}, {"Content-Length", "2"}}, 2, false},
        {{{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}}, 0, false},
        {{{"Transfer-Encoding", "gzip"}}, 0, false},
        {{{"Transfer-Encoding", "gzip, chunked"}}, 0, false},
        {{{"Transfer-Encoding", "identity"}}, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct request req = {.conflict = false};
        for (size_t k = 0; k < 2 && rows[i].given[k].name; k++)
            request_add_header(&req, mw_cstr(rows[i].given[k].name), mw_cstr(rows[i].given[k].value));
        if (request_length(&req) != rows[i].want) fail_msg("row %zu: length", i);
        if (request_length_is_clear(&req) != rows[i].clear) fail_msg("row %zu: clear %d", i, !rows[i].clear);
    }
}

static void bearer__authorization__rows(void **state) {
    static const struct {
        const char *header, *want; /* NULL: absent */
    } rows[] = {
        {"Bearer abc", "abc"},
        {"bearer abc", "abc"},
        {"BEARER abc", "abc"},
        {"Bearer  abc", " abc"},
        {"Bearer", NULL},
        {"Bearer ", NULL},
        {"Basic abc", NULL},
        {"Bearerabc", NULL},
        {"abc", NULL},
        {"Bea\x12"
         "er x",
         NULL},
        {NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct request req = {.conflict = false};
        if (rows[i].header) request_add_header(&req, MW_STR("Authorization"), mw_cstr(rows[i].header));
        struct mw_str got = request_bearer(&req);
        if ((got.ptr != NULL) != (rows[i].want != NULL)) fail_msg("row %zu: presence", i);
        if (rows[i].want && !mw_str_eq(got, mw_cstr(rows[i].want))) fail_msg("row %zu: %.*s", i, (int)got.len, got.ptr);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields__header_and_query__rows),
        cmocka_unit_test(fields__over_a_bound__are_too_big),
        cmocka_unit_test(length__headers__rows),
        cmocka_unit_test(bearer__authorization__rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
