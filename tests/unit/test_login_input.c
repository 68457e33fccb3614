#include "login_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define IV "r7BXXKkLb8qrSNn05n0qiA=="
#define SIG "75e81ceda165f4ffa64f4068af58c64b8f54b88c"

static struct request request_of(const char *code, const char *data, const char *iv, const char *body) {
    return (struct request){
        .fields = {[FIELD_CODE] = mw_cstr(code), [FIELD_ENCRYPTED_DATA] = mw_cstr(data), [FIELD_IV] = mw_cstr(iv)},
        .body = mw_cstr(body)};
}

static void read__good_rows__give_the_code(void **state) {
    static const struct {
        const char *code, *data, *iv, *body;
        const char *want_code;
    } rows[] = {
        {"c1", NULL, NULL, NULL, "c1"},
        {"c1", NULL, NULL, "", "c1"},
        {NULL, NULL, NULL, "{\"code\":\"c2\"}", "c2"},
        {"c1", NULL, NULL, "{}", "c1"},
        {"c1", NULL, NULL, "{\"code\":\"c1\"}", "c1"},
        {"c1", NULL, NULL, "{\"code\":null,\"else\":7}", "c1"},
        {"c1", NULL, NULL, "{\"rawData\":\"\",\"signature\":\"\"}", "c1"},
        {"c1", "AAAA", IV, NULL, "c1"},
        {"c1", "AAAA", NULL, "{\"iv\":\"" IV "\"}", "c1"},
        {NULL, NULL, NULL, "{\"code\":\"c2\",\"rawData\":\"{}\",\"signature\":\"" SIG "\"}", "c2"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct request req = request_of(rows[i].code, rows[i].data, rows[i].iv, rows[i].body);
        struct login_input in;
        const char *message = "";
        if (login_input_read(&req, &in, &message) != MW_OK) fail_msg("row %zu: %s", i, message);
        if (!mw_str_eq(in.code, mw_cstr(rows[i].want_code)))
            fail_msg("row %zu: %.*s", i, (int)in.code.len, in.code.ptr);
        login_input_free(&in);
    }
}

static void read__bad_rows__say_what_is_wrong(void **state) {
    static const struct {
        const char *code, *data, *iv, *body;
        const char *says;
    } rows[] = {
        {NULL, NULL, NULL, NULL, "no code"},
        {NULL, NULL, NULL, "{\"code\":\"\"}", "no code"},
        {NULL, NULL, NULL, "{\"Code\":\"c\"}", "no code"},
        {"a b", NULL, NULL, NULL, "not a code"},
        {"c1", NULL, NULL, "{", "not a JSON object"},
        {"c1", NULL, NULL, "[]", "not a JSON object"},
        {"c1", NULL, NULL, "code=c1", "not a JSON object"},
        {"c1", NULL, NULL, "{\"code\":\"c1\",\"code\":\"c1\"}", "not a JSON object"},
        {"c1", NULL, NULL, "{\"code\":\"c2\"}", "differs"},
        {"c1", NULL, NULL, "{\"code\":7}", "not a string"},
        {"c1", NULL, NULL, "{\"rawData\":{}}", "not a string"},
        {"c1", "AAAA", IV, "{\"iv\":\"AAAA\"}", "differs"},
        {"c1", NULL, NULL, "{\"rawData\":\"{}\"}", "rawData and signature"},
        {"c1", NULL, NULL, "{\"signature\":\"" SIG "\"}", "rawData and signature"},
        {"c1", NULL, NULL, "{\"rawData\":\"{}\",\"signature\":\"75e8\"}", "40 hexadecimal"},
        {"c1", NULL, NULL, "{\"rawData\":\"{}\",\"signature\":\"75E81CEDA165F4FFA64F4068AF58C64B8F54B88C\"}",
         "40 hexadecimal"},
        {"c1", "AAAA", NULL, NULL, "encryptedData and iv"},
        {"c1", NULL, IV, NULL, "encryptedData and iv"},
        {"c1", "AAAA", "AAAA", NULL, "16 bytes"},
        {"c1", "AAAA", "not base64", NULL, "16 bytes"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct request req = request_of(rows[i].code, rows[i].data, rows[i].iv, rows[i].body);
        struct login_input in = {.json = NULL};
        const char *message = "";
        enum mw_err err = login_input_read(&req, &in, &message);
        if (err != MW_EINVAL || !strstr(message, rows[i].says))
            fail_msg("row %zu: %s: %s", i, mw_err_text(err), message);
        assert_null(in.json);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__good_rows__give_the_code),
        cmocka_unit_test(read__bad_rows__say_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
