#include "rooms.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#define GRACE_MS 10000
#define PLENTY 1000

#define UID "aaaaaaaaaaaaaaaa"

static struct stay *enter(struct rooms *r, struct stay **list, const char *room, const char *uid, enum stay_by by,
                          int64_t mono_ms) {
    struct stay *stay = NULL;
    bool entered = false;
    assert_int_equal(rooms_enter(r, list, mw_cstr(room), mw_cstr(uid), by, mono_ms, &stay, &entered), MW_OK);
    assert_non_null(stay);
    return stay;
}

/* Counts what is told, and keeps the last of it. */
struct heard {
    unsigned times;
    uint32_t people;
};

static void hear(void *ctx, struct mw_str room, uint32_t people) {
    struct heard *h = ctx;
    (void)room;
    h->times++;
    h->people = people;
}

/* Scenarios of one room. A and B are connections of one person, C and D of two others. A letter is followed by what
 * happens: + and * enter by name and wildcard, - and / leave so, ! ends all at once, ~ with the grace. A number is the
 * time of a tick, ? asks for the room's number. Told: time:people. */
static const struct scenario {
    const char *name;
    int64_t grace_ms;
    const char *script, *told;
} scenarios[] = {
    {"the first is told at once", GRACE_MS, "A+ 0", "0:1"},
    {"at the very next tick, whatever the time", GRACE_MS, "7 A+ 8", "8:1"},
    {"the next change waits for the second", GRACE_MS, "A+ 0 C+ 500 D+ 999 1000 5000", "0:1 1000:3"},
    {"a change long after is told at once", GRACE_MS, "A+ 0 5000 C+ 5001", "0:1 5001:2"},
    {"a second counts from the telling", GRACE_MS, "A+ 0 C+ 1500 C- 1600 2499 2500", "0:1 1500:2 2500:1"},
    {"the same number is not told again", GRACE_MS, "A+ 0 C+ C- 1000 C+ A- 3000", "0:1"},
    {"came and went between ticks", GRACE_MS, "A+ A- 0 1000", ""},
    {"two connections, one person", GRACE_MS, "A+ B+ 0 A! 2000 B! 2001", "0:1 2001:0"},
    {"two filters, one stay", GRACE_MS, "A+ A* 0 A- 2000 A/ 3000", "0:1 3000:0"},
    {"a filter twice is a filter once", GRACE_MS, "A+ A+ 0 A- 1000", "0:1 1000:0"},
    {"leaving by the other filter", GRACE_MS, "A+ 0 A/ 1000", "0:1"},
    {"leaving where one is not", GRACE_MS, "A- A/ A! A~ 0", ""},
    {"lost: counted for the grace", GRACE_MS, "A+ 0 A~ 9999 10000", "0:1 10000:0"},
    {"lost, and back in time", GRACE_MS, "A+ 0 A~ 9999 A+ 10000 30000", "0:1"},
    {"lost, and back by another connection", GRACE_MS, "A+ 0 A~ 5000 B* 30000", "0:1"},
    {"lost, back, and lost again: a whole grace", GRACE_MS, "A+ 0 A~ 9000 A+ A~ 18999 19000", "0:1 19000:0"},
    {"lost, back, and left", GRACE_MS, "A+ 0 A~ 5000 A+ A- 5001", "0:1 5001:0"},
    {"one of two lost", GRACE_MS, "A+ B+ 0 A~ 20000", "0:1"},
    {"one of two lost, the other left", GRACE_MS, "A+ B+ 0 A~ B- 1000", "0:1 1000:0"},
    {"one of two left, the other lost", GRACE_MS, "A+ B+ 0 A- B~ 9999 10000", "0:1 10000:0"},
    {"both lost: the grace of the last", GRACE_MS, "A+ B+ 0 A~ 5000 B~ 14999 15000", "0:1 15000:0"},
    {"no grace", 0, "A+ 0 A~ 1000", "0:1 1000:0"},
    {"emptied and entered within a second", GRACE_MS, "A+ 0 A- 1000 A+ 1999 2000", "0:1 1000:0 2000:1"},
    {"entered again when forgotten", GRACE_MS, "A+ 0 A- 1000 2000 A+ 2001", "0:1 1000:0 2001:1"},
    {"asked for: told though it is 0", GRACE_MS, "? 0 5000", "0:0"},
    {"asked for twice", GRACE_MS, "? ? 0 ? 1000", "0:0"},
    {"asked for again when forgotten", GRACE_MS, "? 0 1000 ? 1001", "0:0 1001:0"},
    {"asked for and entered", GRACE_MS, "? A+ 0", "0:1"},
    {"asked for while somebody comes and goes", GRACE_MS, "A+ ? A- 0", "0:0"},
    {"asked for after it was told", GRACE_MS, "A+ 0 ? 5000", "0:1"},
    {"asked for, told, then entered", GRACE_MS, "? 0 A+ 999 1000", "0:0 1000:1"},
};

struct play {
    struct rooms rooms;
    struct stay *stays[4]; /* of A, B, C, D */
    int64_t now_ms;
    char told[200];
    size_t told_len;
};

static void write_down(void *ctx, struct mw_str room, uint32_t people) {
    struct play *p = ctx;
    assert_true(mw_str_eq(room, MW_STR("lobby")));
    p->told_len += (size_t)snprintf(p->told + p->told_len, sizeof p->told - p->told_len, "%s%lld:%u",
                                    p->told_len ? " " : "", (long long)p->now_ms, people);
    assert_true(p->told_len < sizeof p->told);
}

static void happen(struct play *p, const char *who_what) {
    static const char *const who[] = {UID, UID, "cccccccccccccccc", "dddddddddddddddd"};
    size_t i = (size_t)(who_what[0] - 'A');
    struct stay **list = &p->stays[i];
    enum stay_by by = who_what[1] == '+' || who_what[1] == '-' ? STAY_BY_NAME : STAY_BY_WILDCARD;
    switch (who_what[1]) {
    case '+':
    case '*':
        enter(&p->rooms, list, "lobby", who[i], by, p->now_ms);
        break;
    case '-':
    case '/':
        rooms_leave(&p->rooms, list, MW_STR("lobby"), by, p->now_ms);
        break;
    default:
        rooms_end_all(&p->rooms, list, who_what[1] == '~' ? LEAVE_WITH_GRACE : LEAVE_NOW, p->now_ms);
    }
}

static void play(struct play *p, const char *script) {
    const struct rooms_sink sink = {write_down, p};
    for (const char *s = script; *s;) {
        if (*s >= '0' && *s <= '9') {
            char *end = NULL;
            p->now_ms = strtoll(s, &end, 10);
            rooms_tick(&p->rooms, &sink, PLENTY, p->now_ms);
            s = end;
        } else if (*s >= 'A' && *s <= 'D') {
            happen(p, s);
            s += 2;
        } else {
            if (*s == '?') rooms_distrust(&p->rooms, MW_STR("lobby"), p->now_ms);
            s++;
        }
    }
}

static void number__scenario__told_when_and_as_it_should(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
        struct play p = {.rooms = {.grace_ms = scenarios[i].grace_ms}};
        play(&p, scenarios[i].script);
        if (strcmp(p.told, scenarios[i].told) != 0)
            fail_msg("%s: told '%s', not '%s'", scenarios[i].name, p.told, scenarios[i].told);
        play(&p, "A! B! C! D! 100000 101000");
        if (p.rooms.all || p.rooms.people) fail_msg("%s: leaves something behind", scenarios[i].name);
        rooms_free(&p.rooms);
    }
}

static void stay__second_filter__is_the_same_stay(void **state) {
    struct rooms r = {.grace_ms = GRACE_MS};
    struct stay *list = NULL, *stay = NULL;
    bool entered = false;
    (void)state;
    struct stay *first = enter(&r, &list, "lobby", UID, STAY_BY_NAME, 0);
    assert_int_equal(first->greeted_from, 0);
    assert_int_equal(first->greeted_to, 0);
    first->greeted_to = 7;
    assert_int_equal(rooms_enter(&r, &list, MW_STR("lobby"), MW_STR(UID), STAY_BY_WILDCARD, 0, &stay, &entered), MW_OK);
    assert_ptr_equal(stay, first);
    assert_false(entered);
    assert_int_equal(stay->by, STAY_BY_NAME | STAY_BY_WILDCARD);
    assert_int_equal(stay->greeted_to, 7);
    rooms_leave(&r, &list, MW_STR("lobby"), STAY_BY_NAME, 0);
    rooms_leave(&r, &list, MW_STR("lobby"), STAY_BY_WILDCARD, 0);
    assert_null(list);
    assert_int_equal(rooms_enter(&r, &list, MW_STR("lobby"), MW_STR(UID), STAY_BY_WILDCARD, 0, &stay, &entered), MW_OK);
    assert_true(entered);
    assert_int_equal(stay->greeted_to, 0);
    rooms_end_all(&r, &list, LEAVE_NOW, 0);
    rooms_free(&r);
}

static void stay__room__exactly_this_one(void **state) {
    struct rooms r = {.grace_ms = GRACE_MS};
    struct stay *list = NULL;
    (void)state;
    assert_null(rooms_stay(list, MW_STR("lobby")));
    assert_int_equal(rooms_stay_count(list), 0);
    enter(&r, &list, "lobby", UID, STAY_BY_NAME, 0);
    struct stay *other = enter(&r, &list, "~lobby", UID, STAY_BY_NAME, 0);
    enter(&r, &list, "安", UID, STAY_BY_NAME, 0);
    assert_int_equal(rooms_stay_count(list), 3);
    assert_ptr_equal(rooms_stay(list, MW_STR("~lobby")), other);
    assert_null(rooms_stay(list, MW_STR("lobb")));
    assert_null(rooms_stay(list, MW_STR("lobby2")));
    assert_null(rooms_stay(list, (struct mw_str){0}));
    rooms_end_stay(&r, &list, other, LEAVE_NOW, 0);
    assert_null(rooms_stay(list, MW_STR("~lobby")));
    assert_int_equal(rooms_people(&r, MW_STR("~lobby")), 0);
    assert_int_equal(rooms_people(&r, MW_STR("lobby")), 1);
    assert_int_equal(rooms_people(&r, MW_STR("安")), 1);
    assert_int_equal(rooms_people(&r, (struct mw_str){0}), 0);
    rooms_end_all(&r, &list, LEAVE_NOW, 0);
    rooms_free(&r);
}

static void enter__name_at_and_over_its_bounds__refused_over_them(void **state) {
    static const char long_name[] = "0123456789012345678901234567890123456789012345678901234567890123x";
    static const struct {
        const char *room;
        size_t room_len;
        const char *uid;
        size_t uid_len;
        enum mw_err want;
    } rows[] = {
        {long_name, 64, UID, 16, MW_OK},
        {long_name, 1, UID, 16, MW_OK},
        {long_name, 65, UID, 16, MW_EINVAL},
        {long_name, 0, UID, 16, MW_EINVAL},
        {NULL, 0, UID, 16, MW_EINVAL},
        {long_name, 5, "aaaaaaaaaaaaaaaa", 15, MW_EINVAL},
        {long_name, 5, "aaaaaaaaaaaaaaaaa", 17, MW_EINVAL},
        {long_name, 5, NULL, 0, MW_EINVAL},
        {long_name, SIZE_MAX, UID, 16, MW_EINVAL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rooms r = {.grace_ms = GRACE_MS};
        struct stay *list = NULL, *stay = NULL;
        struct mw_str room = {rows[i].room, rows[i].room_len}, uid = {rows[i].uid, rows[i].uid_len};
        bool entered = false;
        enum mw_err err = rooms_enter(&r, &list, room, uid, STAY_BY_NAME, 0, &stay, &entered);
        bool in = list && stay && entered && r.all && r.people;
        bool out = !list && !stay && !entered && !r.all && !r.people;
        if (err != rows[i].want || (err == MW_OK ? !in : !out)) fail_msg("row %zu", i);
        rooms_end_all(&r, &list, LEAVE_NOW, 0);
        rooms_free(&r);
    }
}

static void distrust__room__only_until_it_is_told(void **state) {
    struct rooms r = {.grace_ms = GRACE_MS};
    struct stay *list = NULL;
    struct heard heard = {0};
    const struct rooms_sink sink = {hear, &heard};
    (void)state;
    assert_false(rooms_distrust(&r, (struct mw_str){0}, 0));
    assert_false(rooms_distrust(&r, MW_STR(""), 0));
    assert_true(rooms_distrust(&r, MW_STR("empty"), 0));
    enter(&r, &list, "lobby", UID, STAY_BY_NAME, 0);
    assert_true(rooms_distrust(&r, MW_STR("lobby"), 0));
    rooms_tick(&r, &sink, PLENTY, 0);
    assert_int_equal(heard.times, 2);
    assert_false(rooms_distrust(&r, MW_STR("empty"), 999));
    assert_false(rooms_distrust(&r, MW_STR("lobby"), 999));
    rooms_tick(&r, &sink, PLENTY, 1000);
    assert_false(rooms_distrust(&r, MW_STR("lobby"), 1000));
    assert_true(rooms_distrust(&r, MW_STR("empty"), 1000));
    assert_int_equal(heard.times, 2);
    rooms_end_all(&r, &list, LEAVE_NOW, 0);
    rooms_free(&r);
}

static void tick__many_due__no_more_than_max_a_call(void **state) {
    enum { ROOMS = 100, MAX = 7 };
    struct rooms r = {.grace_ms = GRACE_MS};
    struct stay *list = NULL;
    struct heard heard = {0};
    const struct rooms_sink sink = {hear, &heard};
    char name[16];
    (void)state;
    for (int i = 0; i < ROOMS; i++) {
        snprintf(name, sizeof name, "room%d", i);
        enter(&r, &list, name, UID, STAY_BY_NAME, 0);
    }
    rooms_tick(&r, &sink, 0, 0);
    assert_int_equal(heard.times, 0);
    for (unsigned want = MAX; heard.times < ROOMS; want += MAX) {
        rooms_tick(&r, &sink, MAX, 0);
        assert_int_equal(heard.times, want < ROOMS ? want : ROOMS);
    }
    rooms_tick(&r, &sink, MAX, INT32_MAX);
    assert_int_equal(heard.times, ROOMS);
    rooms_end_all(&r, &list, LEAVE_NOW, 0);
    rooms_free(&r);
}

static void tick__busy_room__keeps_its_place(void **state) {
    struct rooms r = {.grace_ms = GRACE_MS};
    struct stay *busy = NULL, *others = NULL;
    struct heard heard = {0};
    const struct rooms_sink sink = {hear, &heard};
    (void)state;
    enter(&r, &busy, "busy", UID, STAY_BY_NAME, 0);
    enter(&r, &others, "quiet", UID, STAY_BY_NAME, 1);
    enter(&r, &others, "busy", "bbbbbbbbbbbbbbbb", STAY_BY_NAME, 2);
    rooms_tick(&r, &sink, 1, 3);
    assert_int_equal(heard.times, 1);
    assert_int_equal(heard.people, 2);
    rooms_end_all(&r, &busy, LEAVE_NOW, 3);
    rooms_end_all(&r, &others, LEAVE_NOW, 3);
    rooms_free(&r);
}

static void tick__many_graces_over__bounded_too(void **state) {
    enum { PEOPLE = 100 };
    struct rooms r = {.grace_ms = GRACE_MS};
    struct heard heard = {0};
    const struct rooms_sink sink = {hear, &heard};
    char uid[MW_UID_LEN + 1];
    (void)state;
    for (int i = 0; i < PEOPLE; i++) {
        struct stay *list = NULL;
        snprintf(uid, sizeof uid, "%016d", i);
        enter(&r, &list, "lobby", uid, STAY_BY_NAME, 0);
        rooms_end_all(&r, &list, LEAVE_WITH_GRACE, 0);
    }
    rooms_tick(&r, &sink, 1, GRACE_MS - 1);
    assert_int_equal(rooms_people(&r, MW_STR("lobby")), PEOPLE);
    rooms_tick(&r, &sink, 1, GRACE_MS);
    assert_int_equal(rooms_people(&r, MW_STR("lobby")), PEOPLE - ROOMS_GRACES_PER_TELLING);
    rooms_tick(&r, &sink, PLENTY, GRACE_MS);
    assert_int_equal(rooms_people(&r, MW_STR("lobby")), 0);
    rooms_free(&r);
}

static void tick__ten_thousand_come_and_go__told_once_a_second(void **state) {
    enum { PEOPLE = 10000, SECONDS = 20, TICK_MS = 10, CHANGES = 100 };
    struct rooms r = {.grace_ms = GRACE_MS};
    struct stay **lists = calloc(PEOPLE, sizeof(struct stay *));
    struct heard heard = {0};
    const struct rooms_sink sink = {hear, &heard};
    uint32_t who = 0;
    char uid[MW_UID_LEN + 1];
    (void)state;
    assert_non_null(lists);
    for (int64_t ms = 0; ms < SECONDS * 1000; ms += TICK_MS) {
        for (int k = 0; k < CHANGES; k++) {
            who = (who + 7919) % PEOPLE; /* each of them, in a strewn order */
            snprintf(uid, sizeof uid, "%016u", who);
            if (lists[who])
                rooms_end_all(&r, &lists[who], k % 2 ? LEAVE_NOW : LEAVE_WITH_GRACE, ms);
            else
                enter(&r, &lists[who], "lobby", uid, STAY_BY_NAME, ms);
        }
        rooms_tick(&r, &sink, PLENTY, ms);
        if (heard.times > ms / 1000 + 1) fail_msg("%u times by %lld ms", heard.times, (long long)ms);
    }
    assert_int_equal(heard.times, SECONDS);
    rooms_tick(&r, &sink, PLENTY, (SECONDS + 60) * 1000);
    assert_int_equal(heard.people, rooms_people(&r, MW_STR("lobby")));
    for (int i = 0; i < PEOPLE; i++)
        rooms_end_all(&r, &lists[i], LEAVE_NOW, 0);
    free(lists);
    rooms_free(&r);
}

static size_t in_use(void) {
    struct mallinfo2 m = mallinfo2();
    return m.uordblks + m.hblkhd;
}

static void hundred_thousand__rooms_or_people__under_500_bytes_each(void **state) {
    static const struct {
        const char *what;
        bool same_room;
    } rows[] = {{"room, with a person and a stay", false}, {"person in one room, with a stay", true}};
    enum { N = 100000 };
    struct stay **lists = calloc(N, sizeof(struct stay *));
    char name[MW_ROOM_MAX + 1], uid[MW_UID_LEN + 1];
    (void)state;
    assert_non_null(lists);
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct rooms r = {.grace_ms = GRACE_MS};
        struct heard heard = {0};
        const struct rooms_sink sink = {hear, &heard};
        size_t before = in_use();
        for (int i = 0; i < N; i++) {
            snprintf(name, sizeof name, "%064d", rows[row].same_room ? 0 : i);
            snprintf(uid, sizeof uid, "%016d", i);
            enter(&r, &lists[i], name, uid, STAY_BY_NAME, 0);
        }
        size_t each = (in_use() - before) / N;
        print_message("%zu bytes for each %s\n", each, rows[row].what);
        if (each >= 500) fail_msg("%s", rows[row].what);
        for (int i = 0; i < N; i++)
            rooms_end_all(&r, &lists[i], LEAVE_NOW, 0);
        rooms_tick(&r, &sink, N, 0);
        assert_null(r.all);
        assert_null(r.people);
        assert_int_equal(heard.times, 0);
        rooms_free(&r);
    }
    free(lists);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(number__scenario__told_when_and_as_it_should),
        cmocka_unit_test(stay__second_filter__is_the_same_stay),
        cmocka_unit_test(stay__room__exactly_this_one),
        cmocka_unit_test(enter__name_at_and_over_its_bounds__refused_over_them),
        cmocka_unit_test(distrust__room__only_until_it_is_told),
        cmocka_unit_test(tick__many_due__no_more_than_max_a_call),
        cmocka_unit_test(tick__busy_room__keeps_its_place),
        cmocka_unit_test(tick__many_graces_over__bounded_too),
        cmocka_unit_test(tick__ten_thousand_come_and_go__told_once_a_second),
        cmocka_unit_test(hundred_thousand__rooms_or_people__under_500_bytes_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
