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
        {"POST", "/media", ROUTER_FOUND, ""},
        {"GET", "/media/x", ROUTER_FOUND, ""},
        {"HEAD", "/media/a/b", ROUTER_FOUND, ""}, /* no such file: the handler says so */
        {"GET", "/media", ROUTER_NO_METHOD, "POST"},
        {"POST", "/media/x", ROUTER_NO_METHOD, "GET, HEAD"},
        {"GET", "/media/", ROUTER_NO_PATH, ""},
        {"GET", "/mediax", ROUTER_NO_PATH, ""},
        {"GET", "/MEDIA/x", ROUTER_NO_PATH, ""},
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

/* What one listener serves the other does not know, save the health check. */
static void find__each_listener__has_its_own(void **state) {
    static const struct {
        const char *method, *path;
        bool on_public, on_admin;
    } rows[] = {
        {"DELETE", "/session", true, false},     {"POST", "/session/renew", true, false},
        {"GET", "/auth", true, false},           {"PUT", "/profile", true, false},
        {"POST", "/rooms/group", true, false},   {"POST", "/login", true, false},
        {"POST", "/admin/revoke", false, true},  {"POST", "/admin/mute", false, true},
        {"POST", "/admin/unmute", false, true},  {"POST", "/admin/ban", false, true},
        {"POST", "/admin/unban", false, true},   {"POST", "/admin/grant", false, true},
        {"POST", "/admin/ungrant", false, true}, {"GET", "/admin/sessions", false, true},
        {"GET", "/metrics", false, true},        {"GET", "/healthz", true, true},
        {"POST", "/media", true, false},         {"GET", "/media/x", true, false},
        {"POST", "/admin", false, false},        {"POST", "/admin/", false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct routes *const both[] = {&public_routes, &admin_routes};
        const bool want[] = {rows[i].on_public, rows[i].on_admin};
        for (size_t k = 0; k < 2; k++) {
            const struct route *row = NULL;
            char allow[REPLY_ALLOW_MAX] = "";
            enum router_verdict got = router_find(both[k], mw_cstr(rows[i].method), mw_cstr(rows[i].path), &row, allow);
            if (got != (want[k] ? ROUTER_FOUND : ROUTER_NO_PATH)) fail_msg("row %zu, listener %zu: %d", i, k, (int)got);
        }
    }
}

static void admin_routes__that_do_something__are_guarded(void **state) {
    (void)state;
    for (size_t i = 0; i < admin_routes.count; i++) {
        const struct route *row = &admin_routes.rows[i];
        if (mw_str_starts(mw_cstr(row->path), MW_STR("/admin/")) && !row->guard) fail_msg("%s is open", row->path);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(find__public_routes__rows),
        cmocka_unit_test(find__each_listener__has_its_own),
        cmocka_unit_test(admin_routes__that_do_something__are_guarded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
