#include "router.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void find__public_routes__rows(void **state) {
    static const struct {
        const char *method, *path;
        enum router_verdict want;
        const char *allow;
    } rows[] = {
        {"GET", "/login", ROUTER_FOUND, ""},
        {"POST", "/login", ROUTER_FOUND, ""},
        {"GET", "/session", ROUTER_FOUND, ""},
        {"HEAD", "/session", ROUTER_FOUND, ""},
        {"GET", "/healthz", ROUTER_FOUND, ""},
        {"HEAD", "/login", ROUTER_NO_METHOD, "GET, POST"}, /* it would spend the code */
        {"PUT", "/login", ROUTER_NO_METHOD, "GET, POST"},
        {"post", "/login", ROUTER_NO_METHOD, "GET, POST"},
        {"", "/login", ROUTER_NO_METHOD, "GET, POST"},
        {"POST", "/healthz", ROUTER_NO_METHOD, "GET, HEAD"},
        {"GET", "/", ROUTER_NO_PATH, ""},
        {"GET", "", ROUTER_NO_PATH, ""},
        {"GET", "/login/", ROUTER_NO_PATH, ""},
        {"GET", "/LOGIN", ROUTER_NO_PATH, ""},
        {"GET", "//login", ROUTER_NO_PATH, ""},
        {"GET", "login", ROUTER_NO_PATH, ""},
        {"GET", "/login%00", ROUTER_NO_PATH, ""},
        {"POST", "/admin/revoke", ROUTER_NO_PATH, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct route *row = NULL;
        char allow[REPLY_ALLOW_MAX] = "";
        enum router_verdict got =
            router_find(&public_routes, mw_cstr(rows[i].method), mw_cstr(rows[i].path), &row, allow);
        if (got != rows[i].want) fail_msg("row %zu: %s %s gives %d", i, rows[i].method, rows[i].path, (int)got);
        if ((row != NULL) != (got == ROUTER_FOUND)) fail_msg("row %zu: route", i);
        if (got == ROUTER_NO_METHOD && strcmp(allow, rows[i].allow) != 0) fail_msg("row %zu: Allow: %s", i, allow);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(find__public_routes__rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
