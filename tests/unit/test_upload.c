#include "upload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void too_slow__amounts_and_times__rows(void **state) {
    static const struct {
        int64_t took_ms;
        uint64_t received;
        bool want;
    } rows[] = {
        {0, 0, false},
        {60000, 1, false}, /* the first minute is free */
        {60999, 0, false},
        {61000, 0, true},
        {61000, 4095, true},
        {61000, 4096, false},
        {160000, 409600, false},
        {161000, 409600, true},
        {3600000, UINT64_C(3540) * 4096, false},
        {3600000, UINT64_C(3540) * 4096 - 1, true},
        {INT64_MAX, 1 << 30, true},
        {1000, UINT64_MAX, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (upload_is_too_slow(rows[i].took_ms, rows[i].received) != rows[i].want) fail_msg("row %zu", i);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_slow__amounts_and_times__rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
