#include "mw/change.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>

#define SID "aaaaaaaaaaaaaaaaaaaaaaaaaa"
#define UID "aaaaaaaaaaaaaaaa"

static void change__members__fit_their_type(void **state) {
    static const struct {
        enum mw_change_type type;
        const char *who, *room;
        int64_t until_s;
        bool want;
    } rows[] = {
        {MW_CHANGE_EXTEND, SID, "", 5, true},       {MW_CHANGE_EXTEND, UID, "", 5, false},
        {MW_CHANGE_EXTEND, SID, "lobby", 5, false}, {MW_CHANGE_REVOKE, SID, "", 5, true},
        {MW_CHANGE_REVOKE, "", "", 5, false},       {MW_CHANGE_PROFILE, UID, "", 5, true},
        {MW_CHANGE_PROFILE, SID, "", 5, false},     {MW_CHANGE_GRANT, UID, "~club", 5, true},
        {MW_CHANGE_GRANT, UID, "", 5, false},       {MW_CHANGE_GRANT, UID, "a/b", 5, false},
        {MW_CHANGE_UNGRANT, UID, "~club", 5, true}, {MW_CHANGE_MUTE, UID, "", 5, true},
        {MW_CHANGE_MUTE, UID, "lobby", 5, true},    {MW_CHANGE_BAN, UID, "#", 5, false},
        {MW_CHANGE_UNBAN, UID, "", 5, true},        {MW_CHANGE_UNMUTE, UID, "", -1, false},
        {MW_CHANGE_NONE, UID, "", 5, false},        {MW_CHANGE_TYPES, UID, "", 5, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_change c = {.type = rows[i].type, .until_s = rows[i].until_s};
        snprintf(c.who, sizeof c.who, "%s", rows[i].who);
        snprintf(c.room, sizeof c.room, "%s", rows[i].room);
        if (mw_change_is_valid(&c) != rows[i].want) fail_msg("row %zu", i);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(change__members__fit_their_type)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
