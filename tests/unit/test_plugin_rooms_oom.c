/* The rooms and their heaps with an allocator that fails when it is told to: so they are compiled in here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static long until_failure; /* allocations that succeed first; negative: all do */

static bool fails_now(void) {
    return until_failure >= 0 && until_failure-- == 0;
}
static void *malloc_or_fail(size_t size) {
    return fails_now() ? NULL : malloc(size);
}
static void *calloc_or_fail(size_t n, size_t size) {
    return fails_now() ? NULL : calloc(n, size);
}
static void *realloc_or_fail(void *p, size_t size) {
    return fails_now() ? NULL : realloc(p, size);
}
#define malloc malloc_or_fail
#define calloc calloc_or_fail
#define realloc realloc_or_fail
#include "../../core/expiry.c"
#include "rooms.c"

/* So many that tables and heaps grow on the way. */
enum { ROOM_COUNT = 40, PER_ROOM = 10 };

static void count_tellings(void *ctx, struct mw_str room, uint32_t people) {
    unsigned *times = ctx;
    if (people != PER_ROOM) fail_msg("%.*s: %u people", (int)room.len, room.ptr, people);
    ++*times;
}

/* Lets the n-th allocation fail; false when there are not so many. */
static bool fill_with_one_failure(long n) {
    struct rooms r = {.grace_ms = 10000};
    struct stay *lists[PER_ROOM] = {0};
    unsigned failures = 0, tellings = 0;
    char name[16], uid[MW_UID_LEN + 1];
    until_failure = n;
    for (uint32_t i = 0; i < ROOM_COUNT * PER_ROOM; i++) {
        struct stay **list = &lists[i % PER_ROOM], *stay = NULL;
        bool entered = false;
        snprintf(name, sizeof name, "room%u", i / PER_ROOM);
        snprintf(uid, sizeof uid, "%016u", i % PER_ROOM);
        enum mw_err err = rooms_enter(&r, list, mw_cstr(name), mw_cstr(uid), STAY_BY_NAME, 0, &stay, &entered);
        if (err == MW_OK) continue;
        failures++;
        if (err != MW_ENOMEM || stay || entered || rooms_stay(*list, mw_cstr(name)) ||
            rooms_people(&r, mw_cstr(name)) != i % PER_ROOM || HASH_COUNT(r.people) != i ||
            HASH_COUNT(r.all) != (i + PER_ROOM - 1) / PER_ROOM || r.leaving.count != i ||
            r.telling.count != HASH_COUNT(r.all))
            fail_msg("allocation %ld: something changed", n);
        i--; /* once more */
    }
    assert_int_equal(failures, n >= 0 && until_failure < 0);
    rooms_tick(&r, &(struct rooms_sink){count_tellings, &tellings}, ROOM_COUNT, 0);
    assert_int_equal(tellings, ROOM_COUNT);
    for (size_t i = 0; i < PER_ROOM; i++)
        rooms_end_all(&r, &lists[i], LEAVE_NOW, 0);
    assert_null(r.people);
    rooms_free(&r);
    assert_null(r.all);
    return failures > 0;
}

static void enter__any_allocation_fails__nothing_changed(void **state) {
    long n = 0;
    (void)state;
    while (fill_with_one_failure(n))
        n++;
    print_message("%ld allocations failed in turn\n", n);
    assert_true(n > 2 * ROOM_COUNT * PER_ROOM);
}

static void count_only(void *ctx, struct mw_str room, uint32_t people) {
    unsigned *times = ctx;
    (void)room;
    (void)people;
    ++*times;
}

static void leave_and_tick__no_memory_at_all__work(void **state) {
    struct rooms r = {.grace_ms = 10000};
    struct stay *list = NULL, *stay = NULL;
    unsigned tellings = 0;
    bool entered = false;
    const struct rooms_sink sink = {count_only, &tellings};
    (void)state;
    until_failure = -1;
    assert_int_equal(rooms_enter(&r, &list, MW_STR("a"), MW_STR("aaaaaaaaaaaaaaaa"), STAY_BY_NAME, 0, &stay, &entered),
                     MW_OK);
    assert_int_equal(rooms_enter(&r, &list, MW_STR("b"), MW_STR("aaaaaaaaaaaaaaaa"), STAY_BY_NAME, 0, &stay, &entered),
                     MW_OK);
    until_failure = 0;
    rooms_tick(&r, &sink, 10, 0);
    assert_int_equal(tellings, 2);
    rooms_end_stay(&r, &list, stay, LEAVE_WITH_GRACE, 0);
    rooms_end_all(&r, &list, LEAVE_NOW, 0);
    rooms_tick(&r, &sink, 10, 10000);
    assert_int_equal(tellings, 4);
    rooms_tick(&r, &sink, 10, 11000);
    assert_null(r.all);
    assert_int_equal(until_failure, 0);
    assert_false(rooms_distrust(&r, MW_STR("c"), 11000));
    assert_int_equal(until_failure, -1);
    rooms_free(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enter__any_allocation_fails__nothing_changed),
        cmocka_unit_test(leave_and_tick__no_memory_at_all__work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
