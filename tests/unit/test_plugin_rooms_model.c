/* Random comings, goings and ticks, beside a model that says the same rules the slow way: tables of everything, looked
 * through at every question. */
#include "rooms.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>

#define GRACE_MS 10000
#define PLENTY 1000

enum { ROOMS = 4, UIDS = 5, CONNS = 9 };

static const char *const uids[] = {"aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb", "cccccccccccccccc", "dddddddddddddddd",
                                   "eeeeeeeeeeeeeeee"};

/* A fixed sequence, the same everywhere. */
static uint32_t next_random(uint64_t *seed) {
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33);
}

struct model {
    unsigned by[CONNS][ROOMS];
    int64_t grace_until_ms[ROOMS][UIDS]; /* 0: none runs */
    uint32_t told[ROOMS];
    bool was_told[ROOMS], asked[ROOMS];
    int64_t told_at_ms[ROOMS];
};

struct world {
    struct rooms rooms;
    struct stay *stays[CONNS];
    struct model model;
    uint64_t seed;
    int64_t now_ms;
    bool exact; /* every tick does all that is due */
    bool heard[ROOMS];
    unsigned told_this_tick;
    char name[ROOMS][8];
};

static unsigned uid_of(unsigned conn) {
    return conn % UIDS;
}

static bool model_has_stay(const struct model *m, unsigned room, unsigned uid) {
    for (unsigned c = 0; c < CONNS; c++)
        if (uid_of(c) == uid && m->by[c][room]) return true;
    return false;
}

static uint32_t model_people(const struct model *m, unsigned room) {
    uint32_t n = 0;
    for (unsigned u = 0; u < UIDS; u++)
        n += model_has_stay(m, room, u) || m->grace_until_ms[room][u];
    return n;
}

static void model_end(struct world *w, unsigned conn, unsigned room, enum leave how) {
    struct model *m = &w->model;
    if (!m->by[conn][room]) return;
    m->by[conn][room] = 0;
    if (!model_has_stay(m, room, uid_of(conn)) && how == LEAVE_WITH_GRACE)
        m->grace_until_ms[room][uid_of(conn)] = w->now_ms + GRACE_MS;
}

static bool model_is_over(const struct world *w, unsigned room) {
    return !w->model.was_told[room] || w->now_ms >= w->model.told_at_ms[room] + 1000;
}

static void world_heard(void *ctx, struct mw_str name, uint32_t people) {
    struct world *w = ctx;
    struct model *m = &w->model;
    unsigned room = (unsigned)(name.ptr[name.len - 1] - '0');
    assert_true(room < ROOMS && mw_str_eq(name, mw_cstr(w->name[room])));
    if (w->heard[room]) fail_msg("%lld ms: twice in a tick", (long long)w->now_ms);
    if (m->was_told[room] && w->now_ms < m->told_at_ms[room] + 1000)
        fail_msg("%lld ms: again after %lld ms", (long long)w->now_ms, (long long)(w->now_ms - m->told_at_ms[room]));
    if (people != rooms_people(&w->rooms, name)) fail_msg("%lld ms: a wrong number", (long long)w->now_ms);
    if (people == m->told[room] && !m->asked[room]) fail_msg("%lld ms: nothing new", (long long)w->now_ms);
    w->heard[room] = true;
    w->told_this_tick++;
    m->told[room] = people;
    m->told_at_ms[room] = w->now_ms;
    m->was_told[room] = true;
    m->asked[room] = false;
}

static void world_tick(struct world *w, unsigned max) {
    const struct rooms_sink sink = {world_heard, w};
    struct model *m = &w->model;
    bool want[ROOMS];
    for (unsigned i = 0; i < ROOMS; i++) {
        for (unsigned u = 0; u < UIDS; u++)
            if (m->grace_until_ms[i][u] <= w->now_ms) m->grace_until_ms[i][u] = 0;
        want[i] = model_is_over(w, i) && (m->asked[i] || model_people(m, i) != m->told[i]);
        w->heard[i] = false;
    }
    w->told_this_tick = 0;
    rooms_tick(&w->rooms, &sink, max, w->now_ms);
    assert_true(w->told_this_tick <= max);
    for (unsigned i = 0; w->exact && i < ROOMS; i++) {
        if (w->heard[i] != want[i])
            fail_msg("%lld ms: room %u %s", (long long)w->now_ms, i, want[i] ? "not told" : "told");
        bool forgotten = !want[i] && model_is_over(w, i) && m->told[i] == 0 && model_people(m, i) == 0;
        if (forgotten) m->was_told[i] = false;
    }
}

static void world_step(struct world *w, unsigned max) {
    struct model *m = &w->model;
    unsigned conn = next_random(&w->seed) % CONNS, room = next_random(&w->seed) % ROOMS;
    enum stay_by by = next_random(&w->seed) % 2 ? STAY_BY_NAME : STAY_BY_WILDCARD;
    enum leave how = next_random(&w->seed) % 2 ? LEAVE_NOW : LEAVE_WITH_GRACE;
    struct mw_str name = mw_cstr(w->name[room]);
    struct stay **list = &w->stays[conn], *stay = NULL;
    bool entered = false;
    switch (next_random(&w->seed) % 12) {
    case 0:
    case 1:
    case 2:
        assert_int_equal(
            rooms_enter(&w->rooms, list, name, mw_cstr(uids[uid_of(conn)]), by, w->now_ms, &stay, &entered), MW_OK);
        assert_int_equal(entered, m->by[conn][room] == 0);
        m->by[conn][room] |= (unsigned)by;
        m->grace_until_ms[room][uid_of(conn)] = 0;
        break;
    case 3:
    case 4:
        rooms_leave(&w->rooms, list, name, by, w->now_ms);
        if (m->by[conn][room] == (unsigned)by) model_end(w, conn, room, LEAVE_NOW);
        m->by[conn][room] &= ~(unsigned)by;
        break;
    case 5:
        stay = rooms_stay(*list, name);
        if (stay) rooms_end_stay(&w->rooms, list, stay, how, w->now_ms);
        model_end(w, conn, room, how);
        break;
    case 6:
        rooms_end_all(&w->rooms, list, how, w->now_ms);
        for (unsigned i = 0; i < ROOMS; i++)
            model_end(w, conn, i, how);
        break;
    case 7:
        if (next_random(&w->seed) % 10) break;
        bool distrusted = rooms_distrust(&w->rooms, name, w->now_ms);
        if (w->exact && distrusted == m->was_told[room]) fail_msg("%lld ms: trust", (long long)w->now_ms);
        m->asked[room] = m->asked[room] || distrusted;
        break;
    case 8:
        w->now_ms += next_random(&w->seed) % 20 ? next_random(&w->seed) % 1500 : 2 * GRACE_MS;
        break;
    default:
        world_tick(w, max);
    }
}

static void world_compare(struct world *w) {
    const struct model *m = &w->model;
    for (unsigned i = 0; i < ROOMS; i++) {
        struct mw_str name = mw_cstr(w->name[i]);
        if (rooms_people(&w->rooms, name) != model_people(m, i))
            fail_msg("%lld ms: %u people in room %u, not %u", (long long)w->now_ms, rooms_people(&w->rooms, name), i,
                     model_people(m, i));
        for (unsigned c = 0; c < CONNS; c++) {
            const struct stay *stay = rooms_stay(w->stays[c], name);
            if ((stay ? stay->by : 0) != m->by[c][i]) fail_msg("%lld ms: stay of %u", (long long)w->now_ms, c);
        }
    }
}

/* All go, and so does all that was kept of them. */
static void world_end(struct world *w) {
    for (unsigned c = 0; c < CONNS; c++)
        rooms_end_all(&w->rooms, &w->stays[c], LEAVE_WITH_GRACE, w->now_ms);
    memset(w->model.by, 0, sizeof w->model.by);
    w->exact = false;
    for (unsigned i = 0; i < 2 * ROOMS; i++) {
        w->now_ms += GRACE_MS;
        world_tick(w, PLENTY);
    }
    for (unsigned i = 0; i < ROOMS; i++)
        assert_int_equal(w->model.told[i], 0);
    assert_null(w->rooms.all);
    assert_null(w->rooms.people);
    assert_int_equal(w->rooms.leaving.count, 0);
    assert_int_equal(w->rooms.telling.count, 0);
    rooms_free(&w->rooms);
}

static struct world world_new(uint64_t seed, bool exact) {
    struct world w = {.rooms = {.grace_ms = GRACE_MS}, .seed = seed, .now_ms = 1, .exact = exact};
    for (unsigned i = 0; i < ROOMS; i++)
        snprintf(w.name[i], sizeof w.name[i], "room%u", i);
    return w;
}

static void rooms__random_steps__as_the_model_has_it(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct world w = world_new(seed, true);
        for (int step = 0; step < 10000; step++) {
            world_step(&w, PLENTY);
            world_compare(&w);
        }
        world_end(&w);
    }
}

static void rooms__random_steps_and_one_telling_a_tick__right_in_the_end(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct world w = world_new(seed, false);
        for (int round = 0; round < 20; round++) {
            for (int step = 0; step < 500; step++)
                world_step(&w, 1);
            for (unsigned i = 0; i < 4 * ROOMS * UIDS; i++) {
                w.now_ms += GRACE_MS;
                world_tick(&w, 1);
            }
            world_compare(&w);
            for (unsigned i = 0; i < ROOMS; i++)
                if (w.model.told[i] != model_people(&w.model, i)) fail_msg("round %d: room %u", round, i);
        }
        world_end(&w);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rooms__random_steps__as_the_model_has_it),
        cmocka_unit_test(rooms__random_steps_and_one_telling_a_tick__right_in_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
