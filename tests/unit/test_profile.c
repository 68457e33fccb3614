#include "mw/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct mw_profile all[] = {
    {"", ""}, {"ab", "c"}, {"a", "bc"}, {"", "abc"}, {"abc", ""}, {"小明", "https://a/b"}, {"小明", "https://a/c"},
};
#define COUNT (sizeof all / sizeof all[0])

static void eq__and_print__tell_all_of_them_apart(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < COUNT; j++) {
            const bool same = i == j;
            if (mw_profile_eq(&all[i], &all[j]) != same) fail_msg("%zu, %zu: eq", i, j);
            if ((mw_profile_print(&all[i]) == mw_profile_print(&all[j])) != same) fail_msg("%zu, %zu: print", i, j);
        }
}

/* What stands behind the NUL does not count. */
static void print__leftovers_behind_the_text__same(void **state) {
    struct mw_profile p = {"longer than that", "https://a/very/long/one"};
    (void)state;
    memcpy(p.nick, "ab", sizeof "ab");
    memcpy(p.avatar, "c", sizeof "c");
    assert_true(mw_profile_eq(&p, &all[1]));
    assert_true(mw_profile_print(&p) == mw_profile_print(&all[1]));
}

static void print__known_value(void **state) {
    (void)state;
    /* FNV-1a of two NULs. */
    assert_true(mw_profile_print(&all[0]) == 0x08328807b4eb6fedU);
}

static void merge__rows(void **state) {
    static const struct {
        struct mw_profile into, news, want;
    } rows[] = {
        {{"", ""}, {"", ""}, {"", ""}},      {{"A", "u"}, {"", ""}, {"A", "u"}}, {{"A", "u"}, {"B", ""}, {"B", "u"}},
        {{"A", "u"}, {"", "v"}, {"A", "v"}}, {{"", ""}, {"B", "v"}, {"B", "v"}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_profile p = rows[i].into;
        mw_profile_merge(&p, &rows[i].news);
        if (!mw_profile_eq(&p, &rows[i].want)) fail_msg("row %zu: %s, %s", i, p.nick, p.avatar);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eq__and_print__tell_all_of_them_apart),
        cmocka_unit_test(print__leftovers_behind_the_text__same),
        cmocka_unit_test(print__known_value),
        cmocka_unit_test(merge__rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
