#include "admin_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define SID "aaaaaaaaaaaaaaaaaaaaaaaaaa"
#define UID "uuuuuuuuuuuuuuuu"
#define EITHER (ADMIN_SID | ADMIN_UID)
#define SOMEWHERE (ADMIN_UID | ADMIN_ROOM | ADMIN_SECONDS)

static void read__bodies__rows(void **state) {
    static const struct {
        const char *body;
        unsigned allowed, required;
        bool good;
    } rows[] = {
        {"{\"sid\":\"" SID "\"}", EITHER, 0, true},
        {"{\"uid\":\"" UID "\"}", EITHER, 0, true},
        {"{}", EITHER, 0, true},
        {"{\"uid\":\"" UID "\",\"seconds\":1}", SOMEWHERE, ADMIN_UID | ADMIN_SECONDS, true},
        {"{\"uid\":\"" UID "\",\"seconds\":315360000,\"room\":\"大厅\"}", SOMEWHERE, SOMEWHERE, true},
        {"", EITHER, 0, false},
        {"[]", EITHER, 0, false},
        {"{\"sid\":\"" SID "a\"}", EITHER, 0, false},
        {"{\"sid\":\"" UID "\"}", EITHER, 0, false},
        {"{\"sid\":7}", EITHER, 0, false},
        {"{\"sid\":null,\"uid\":\"" UID "\"}", EITHER, 0, false},
        {"{\"uid\":\"UUUUUUUUUUUUUUUU\"}", EITHER, 0, false},
        {"{\"uid\":\"" UID "\",\"uid\":\"" UID "\"}", EITHER, 0, false},
        {"{\"Uid\":\"" UID "\"}", EITHER, 0, false},
        {"{\"uid\":\"" UID "\",\"seconds\":1}", EITHER, 0, false}, /* not of this call */
        {"{\"uid\":\"" UID "\",\"romo\":\"lobby\",\"seconds\":1}", SOMEWHERE, ADMIN_UID, false},
        {"{\"seconds\":1}", SOMEWHERE, ADMIN_UID, false},
        {"{\"uid\":\"" UID "\"}", SOMEWHERE, ADMIN_UID | ADMIN_SECONDS, false},
        {"{\"uid\":\"" UID "\",\"seconds\":1}", SOMEWHERE, SOMEWHERE, false},
        {"{\"uid\":\"" UID "\",\"seconds\":0}", SOMEWHERE, 0, false},
        {"{\"uid\":\"" UID "\",\"seconds\":-1}", SOMEWHERE, 0, false},
        {"{\"uid\":\"" UID "\",\"seconds\":1.5}", SOMEWHERE, 0, false},
        {"{\"uid\":\"" UID "\",\"seconds\":\"60\"}", SOMEWHERE, 0, false},
        {"{\"uid\":\"" UID "\",\"seconds\":315360001}", SOMEWHERE, 0, false},
        {"{\"uid\":\"" UID "\",\"seconds\":1e300}", SOMEWHERE, 0, false},
        {"{\"uid\":\"" UID "\",\"room\":\"\"}", SOMEWHERE, 0, false},
        {"{\"uid\":\"" UID "\",\"room\":\"a/b\"}", SOMEWHERE, 0, false},
        {"{\"uid\":\"" UID "\",\"room\":\"#\"}", SOMEWHERE, 0, false},
        {"{\"uid\":\"" UID "\",\"room\":null}", SOMEWHERE, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct admin_input in = {.seconds = -7};
        const char *message = NULL;
        enum mw_err err = admin_input_read(mw_cstr(rows[i].body), rows[i].allowed, rows[i].required, &in, &message);
        if ((err == MW_OK) != rows[i].good) fail_msg("row %zu: %s", i, mw_err_text(err));
        if (!rows[i].good && (!message || in.seconds != -7)) fail_msg("row %zu: message or out-parameter", i);
    }
}

static void read__members__are_where_they_belong(void **state) {
    struct admin_input in;
    const char *message = NULL;
    (void)state;
    assert_int_equal(admin_input_read(MW_STR("{\"room\":\"~a\",\"seconds\":60,\"uid\":\"" UID "\"}"), SOMEWHERE,
                                      SOMEWHERE, &in, &message),
                     MW_OK);
    assert_string_equal(in.uid, UID);
    assert_string_equal(in.room, "~a");
    assert_string_equal(in.sid, "");
    assert_int_equal(in.seconds, 60);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__bodies__rows),
        cmocka_unit_test(read__members__are_where_they_belong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
