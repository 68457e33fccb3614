#include "history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#define UID "aaaaaaaaaaaaaaaa"
#define LARGE ((size_t)1 << 30)

static enum mw_err add_text(struct history *h, const char *room, int64_t id, struct mw_str m2) {
    struct past p = {.id = id, .time_ms = id ^ 5, .uid = UID, .m2 = m2};
    return history_add(h, mw_cstr(room), &p);
}

static enum mw_err add(struct history *h, const char *room, int64_t id) {
    char m2[32];
    (void)snprintf(m2, sizeof m2, "{\"id\":\"%lld\"}", (long long)id);
    return add_text(h, room, id, mw_cstr(m2));
}

/* Ids, as "3 4 5 ". */
struct listing {
    char text[8192];
};

static void note(void *ctx, const struct past *p) {
    struct listing *l = ctx;
    char want[32];
    size_t len = strlen(l->text);
    (void)snprintf(l->text + len, sizeof l->text - len, "%lld ", (long long)p->id);
    (void)snprintf(want, sizeof want, "{\"id\":\"%lld\"}", (long long)p->id);
    assert_true(mw_str_eq(p->m2, mw_cstr(want)));
    assert_int_equal(p->time_ms, p->id ^ 5);
    assert_string_equal(p->uid, UID);
}

static void read__rows__what_was_asked_for_oldest_first(void **state) {
    enum question { LAST, AFTER, BEFORE };
    static const struct {
        enum question question;
        int64_t id;
        size_t max;
        const char *want;
    } rows[] = {
        {LAST, 0, 3, "50 60 70 "},
        {LAST, 0, 7, "10 20 30 40 50 60 70 "},
        {LAST, 0, SIZE_MAX, "10 20 30 40 50 60 70 "},
        {LAST, 0, 0, ""},
        {AFTER, 30, 2, "40 50 "},
        {AFTER, 35, 10, "40 50 60 70 "},
        {AFTER, 70, 10, ""},
        {AFTER, 0, 2, "10 20 "},
        {AFTER, -5, 1, "10 "},
        {AFTER, INT64_MAX, 10, ""},
        {AFTER, INT64_MIN, 1, "10 "},
        {BEFORE, 30, 10, "10 20 "},
        {BEFORE, 65, 2, "50 60 "},
        {BEFORE, 10, 10, ""},
        {BEFORE, INT64_MAX, 2, "60 70 "},
        {BEFORE, INT64_MIN, 2, ""},
    };
    struct history h = {.limit = LARGE};
    (void)state;
    for (int64_t id = 10; id <= 70; id += 10)
        assert_int_equal(add(&h, "lobby", id), MW_OK);
    assert_int_equal(add(&h, "lobb", 45), MW_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct listing l = {""};
        struct mw_str room = MW_STR("lobby");
        size_t count = 99, spaces = 0;
        switch (rows[i].question) {
        case LAST:
            count = history_last(&h, room, rows[i].max, note, &l);
            break;
        case AFTER:
            count = history_after(&h, room, rows[i].id, rows[i].max, note, &l);
            break;
        case BEFORE:
            count = history_before(&h, room, rows[i].id, rows[i].max, note, &l);
            break;
        }
        for (const char *c = l.text; *c; c++)
            spaces += *c == ' ';
        if (strcmp(l.text, rows[i].want) != 0 || count != spaces) fail_msg("row %zu: %zu: %s", i, count, l.text);
    }
    struct listing none = {""};
    assert_int_equal(history_last(&h, MW_STR("nowhere"), 9, note, &none), 0);
    assert_int_equal(history_after(&h, MW_STR("nowhere"), 0, 9, note, &none), 0);
    assert_int_equal(history_before(&h, MW_STR(""), 99, 9, note, &none), 0);
    assert_int_equal(history_before(&h, mw_cstr(NULL), 99, 9, note, &none), 0);
    history_free(&h);
}

static void add__id_that_does_not_rise__is_refused(void **state) {
    struct history h = {.limit = LARGE};
    struct past found;
    (void)state;
    assert_int_equal(history_newest_id(&h), 0);
    assert_int_equal(add(&h, "lobby", 5), MW_OK);
    assert_int_equal(add(&h, "lobby", 7), MW_OK);
    assert_int_equal(add(&h, "lobby", 7), MW_EEXIST);
    assert_int_equal(add(&h, "lobby", 6), MW_EEXIST);
    assert_int_equal(add(&h, "other", 6), MW_OK);
    assert_int_equal(history_newest_id(&h), 7);
    assert_true(history_remove(&h, MW_STR("lobby"), 7));
    assert_int_equal(add(&h, "lobby", 7), MW_EEXIST); /* what was taken back stays so */
    assert_false(history_find(&h, MW_STR("lobby"), 7, &found));
    assert_true(history_find(&h, MW_STR("lobby"), 5, &found));
    history_free(&h);
}

static void add__hostile__is_refused(void **state) {
    static const char text[4096];
    char longest[MW_ROOM_MAX + 2] = {0};
    struct history h = {.limit = 8192};
    (void)state;
    memset(longest, 'r', MW_ROOM_MAX + 1);
    assert_int_equal(add(&h, "", 1), MW_EINVAL);
    assert_int_equal(add(&h, NULL, 1), MW_EINVAL);
    assert_int_equal(add(&h, longest, 1), MW_EINVAL);
    assert_int_equal(add(&h, "lobby", 0), MW_EINVAL);
    assert_int_equal(add(&h, "lobby", -1), MW_EINVAL);
    assert_int_equal(add_text(&h, "lobby", 1, mw_cstr(NULL)), MW_EINVAL);
    assert_int_equal(add_text(&h, "lobby", 1, mw_bytes(text, sizeof text)), MW_ETOOBIG);
    assert_int_equal(h.bytes, 0);
    longest[MW_ROOM_MAX] = '\0';
    assert_int_equal(add(&h, longest, INT64_MAX), MW_OK);
    struct listing l = {""};
    assert_int_equal(history_last(&h, mw_cstr(longest), 1, note, &l), 1);
    history_free(&h);
}

static void add__full_room__oldest_goes(void **state) {
    struct history h = {.limit = LARGE};
    struct past found;
    (void)state;
    for (int64_t id = 1; id <= HISTORY_PER_ROOM + 500; id++)
        assert_int_equal(add(&h, "lobby", id), MW_OK);
    assert_false(history_find(&h, MW_STR("lobby"), 500, &found));
    assert_true(history_find(&h, MW_STR("lobby"), 501, &found));
    struct listing l = {""};
    assert_int_equal(history_last(&h, MW_STR("lobby"), SIZE_MAX, note, &l), HISTORY_PER_ROOM);
    history_free(&h);
}

static bool is_there(const struct history *h, const char *room) {
    struct past found;
    return history_find(h, mw_cstr(room), 1, &found);
}

static void limit__least_recently_used_room__goes_first(void **state) {
    static const char *const rooms[] = {"a", "b", "c", "d"};
    static const char text[1000];
    struct history h = {.limit = 6000};
    struct listing l = {""};
    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(add_text(&h, rooms[i], 1, mw_bytes(text, sizeof text)), MW_OK);
    assert_int_equal(history_last(&h, MW_STR("a"), 0, note, &l), 0); /* it is used: b is the last now */
    assert_int_equal(add_text(&h, "d", 2, mw_bytes(text, sizeof text)), MW_OK);
    assert_true(is_there(&h, "a") && !is_there(&h, "b") && is_there(&h, "c") && is_there(&h, "d"));
    assert_int_equal(add_text(&h, "a", 2, mw_bytes(text, sizeof text)), MW_OK);
    assert_true(is_there(&h, "a") && !is_there(&h, "c") && is_there(&h, "d"));
    for (int64_t id = 3; id < 9; id++)
        assert_int_equal(add_text(&h, "a", id, mw_bytes(text, sizeof text)), MW_OK);
    assert_false(is_there(&h, "a") || is_there(&h, "d")); /* alone, it loses its own oldest */
    struct past found;
    assert_true(history_find(&h, MW_STR("a"), 8, &found) && history_find(&h, MW_STR("a"), 6, &found));
    assert_true(h.bytes <= h.limit);
    for (int64_t id = 10; id <= 40; id++) /* its ring grows although it does not begin at its first place */
        assert_int_equal(add(&h, "a", id), MW_OK);
    assert_int_equal(history_after(&h, MW_STR("a"), 9, 99, note, &l), 31);
    assert_true(mw_str_starts(mw_cstr(l.text), MW_STR("10 11 12 ")));
    history_free(&h);
    assert_int_equal(h.bytes, 0);
}

static void remove__last_of_a_room__the_room_goes(void **state) {
    struct history h = {.limit = LARGE};
    (void)state;
    assert_int_equal(add(&h, "a", 1), MW_OK);
    assert_false(history_remove(&h, MW_STR("a"), 2));
    assert_false(history_remove(&h, MW_STR("b"), 1));
    assert_true(history_remove(&h, MW_STR("a"), 1));
    assert_false(history_remove(&h, MW_STR("a"), 1));
    assert_int_equal(h.bytes, 0);
    assert_null(h.rooms);
    assert_null(h.recent);
}

/* The same said naively: an array for each room, and the order of their use. */
#define MODEL_ROOMS 12
#define MODEL_IDS 1200

struct model_room {
    char name[4];
    int64_t ids[MODEL_IDS], newest, used;
    size_t count;
};

static struct model_room model[MODEL_ROOMS];
static size_t rooms_gone, rooms_shortened;
static uint64_t random_state;

static uint32_t draw(uint32_t below) {
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(random_state >> 33) % below;
}

static bool model_remove(struct model_room *m, int64_t id) {
    for (size_t i = 0; i < m->count; i++) {
        if (m->ids[i] != id) continue;
        memmove(&m->ids[i], &m->ids[i + 1], (m->count - i - 1) * sizeof m->ids[0]);
        m->count--;
        if (m->count == 0) m->newest = 0;
        return true;
    }
    return false;
}

static enum mw_err model_add(struct model_room *m, int64_t id) {
    if (id <= m->newest) return MW_EEXIST;
    if (m->count == HISTORY_PER_ROOM) (void)model_remove(m, m->ids[0]);
    m->ids[m->count++] = m->newest = id;
    return MW_OK;
}

/* What the limit took from h is taken from the model too: whole rooms that nobody used longer than those that are
 * there, or the oldest messages of the only one. */
static void follow_eviction(const struct history *h, int step) {
    int64_t youngest_gone = -1, oldest_there = INT64_MAX;
    size_t there = 0, shortened = 0;
    for (size_t i = 0; i < MODEL_ROOMS; i++) {
        struct model_room *m = &model[i];
        struct past found;
        if (m->count == 0) continue;
        if (!history_find(h, mw_cstr(m->name), m->ids[m->count - 1], &found)) {
            if (m->used > youngest_gone) youngest_gone = m->used;
            m->count = 0;
            m->newest = 0;
            rooms_gone++;
            continue;
        }
        there++;
        if (m->used < oldest_there) oldest_there = m->used;
        size_t before = m->count;
        while (!history_find(h, mw_cstr(m->name), m->ids[0], &found))
            (void)model_remove(m, m->ids[0]);
        shortened += m->count < before;
    }
    rooms_shortened += shortened;
    if (youngest_gone >= oldest_there) fail_msg("step %d: a room went that was used later than one that stayed", step);
    if (shortened > 0 && there > 1) fail_msg("step %d: a room lost messages while another was left", step);
}

static void expect_same(struct history *h, struct model_room *m, int step) {
    static struct listing got;
    static char want[sizeof got.text];
    size_t max = draw(30), from = m->count > max ? m->count - max : 0, to = m->count, len = 0;
    uint32_t question = draw(3);
    int64_t at = m->count ? m->ids[draw((uint32_t)m->count)] + (int64_t)draw(2) : (int64_t)draw(100);
    got.text[0] = want[0] = '\0';
    if (question == 0) (void)history_last(h, mw_cstr(m->name), max, note, &got);
    if (question == 1) {
        for (from = 0; from < m->count && m->ids[from] <= at;)
            from++;
        to = m->count - from > max ? from + max : m->count;
        (void)history_after(h, mw_cstr(m->name), at, max, note, &got);
    }
    if (question == 2) {
        for (to = m->count; to > 0 && m->ids[to - 1] >= at;)
            to--;
        from = to > max ? to - max : 0;
        (void)history_before(h, mw_cstr(m->name), at, max, note, &got);
    }
    for (size_t i = from; i < to; i++)
        len += (size_t)snprintf(want + len, sizeof want - len, "%lld ", (long long)m->ids[i]);
    if (strcmp(got.text, want) != 0) fail_msg("step %d: [%s], wanted [%s]", step, got.text, want);
    m->used = step;
}

static void play(size_t limit, int steps, size_t rooms) {
    struct history h = {.limit = limit};
    random_state = 20250101;
    memset(model, 0, sizeof model);
    for (size_t i = 0; i < MODEL_ROOMS; i++)
        (void)snprintf(model[i].name, sizeof model[i].name, "r%c", (char)('a' + i));
    for (int step = 0; step < steps; step++) {
        struct model_room *m = &model[draw((uint32_t)rooms)];
        uint32_t what = draw(20);
        if (what < 14) {
            int64_t id = draw(15) ? m->newest + 1 + (int64_t)draw(5) : (int64_t)draw(20);
            enum mw_err want = id > 0 ? model_add(m, id) : MW_EINVAL;
            enum mw_err got = add(&h, m->name, id);
            if (got != want) fail_msg("step %d: add gives %s", step, mw_err_text(got));
            if (got == MW_OK) m->used = step;
        } else if (what < 16) {
            int64_t id = m->count && draw(8) ? m->ids[draw((uint32_t)m->count)] : (int64_t)draw(100);
            if (history_remove(&h, mw_cstr(m->name), id) != model_remove(m, id)) fail_msg("step %d: remove", step);
        } else {
            expect_same(&h, m, step);
        }
        if (h.bytes > h.limit) fail_msg("step %d: %zu bytes", step, h.bytes);
        follow_eviction(&h, step);
        size_t count = 0;
        for (size_t i = 0; i < MODEL_ROOMS; i++)
            count += model[i].count;
        if (h.count != count) fail_msg("step %d: %zu messages, wanted %zu", step, h.count, count);
    }
    history_free(&h);
    assert_int_equal(h.count, 0);
    assert_int_equal(h.bytes, 0);
}

static void random__many_steps__as_the_model(void **state) {
    (void)state;
    play(LARGE, 20000, 2); /* rooms fill up */
    play(LARGE, 20000, MODEL_ROOMS);
    assert_int_equal(rooms_gone + rooms_shortened, 0);
    play(12000, 60000, MODEL_ROOMS); /* rooms are dropped all the time */
    assert_true(rooms_gone > 1000);
    play(4000, 30000, 1);
    assert_true(rooms_shortened > 1000);
}

static size_t allocated(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* Sanitizers' allocators do not count themselves this way. */
static void skip_without_counting(void) {
    size_t before = allocated();
    void *volatile p = malloc(100000);
    bool counts = allocated() > before;
    free(p);
    if (!counts) skip();
}

static void memory__what_is_counted__is_what_is_taken(void **state) {
    static const char text[3000];
    static const size_t limits[] = {LARGE, 3000000};
    (void)state;
    skip_without_counting();
    for (size_t l = 0; l < 2; l++) {
        struct history h = {.limit = limits[l]};
        size_t before = allocated();
        random_state = 7;
        for (int64_t id = 1; id <= 20000; id++) {
            char room[16];
            (void)snprintf(room, sizeof room, "room-%u", draw(3000));
            assert_int_equal(add_text(&h, room, id, mw_bytes(text, draw(sizeof text))), MW_OK);
            (void)history_remove(&h, mw_cstr(room), id - (int64_t)draw(3));
        }
        size_t taken = allocated() - before,
               slack = h.bytes / 100 + 131072; /* freed chunks that malloc keeps at hand */
        if (taken > h.bytes + slack || taken + slack < h.bytes) fail_msg("counted %zu, taken %zu", h.bytes, taken);
        history_free(&h);
        assert_int_equal(h.bytes, 0);
    }
}

static void hundred_thousand__rooms__under_500_bytes_each(void **state) {
    enum { N = 100000 };
    struct history h = {.limit = LARGE};
    char room[MW_ROOM_MAX + 1];
    struct past found;
    (void)state;
    size_t before = allocated();
    for (int i = 0; i < N; i++) {
        (void)snprintf(room, sizeof room, "%064d", i); /* the longest names there are */
        assert_int_equal(add(&h, room, i + 1), MW_OK);
    }
    print_message("%zu bytes for each room, its message of some 15 bytes in it\n", (allocated() - before) / N);
    assert_true(h.bytes / N < 500);
    assert_true((allocated() - before) / N < 500);
    for (int i = 0; i < N; i++) {
        (void)snprintf(room, sizeof room, "%064d", i);
        assert_true(history_find(&h, mw_cstr(room), i + 1, &found));
    }
    assert_int_equal(history_newest_id(&h), N);
    history_free(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__rows__what_was_asked_for_oldest_first),
        cmocka_unit_test(add__id_that_does_not_rise__is_refused),
        cmocka_unit_test(add__hostile__is_refused),
        cmocka_unit_test(add__full_room__oldest_goes),
        cmocka_unit_test(limit__least_recently_used_room__goes_first),
        cmocka_unit_test(remove__last_of_a_room__the_room_goes),
        cmocka_unit_test(random__many_steps__as_the_model),
        cmocka_unit_test(memory__what_is_counted__is_what_is_taken),
        cmocka_unit_test(hundred_thousand__rooms__under_500_bytes_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
