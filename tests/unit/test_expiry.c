#include "mw/expiry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include <cmocka.h>

static void pop__nothing_due__gives_nothing(void **state) {
    struct mw_expiry_heap h = {0};
    struct mw_expiry a = {0};
    (void)state;
    assert_null(mw_expiry_pop(&h, INT64_MAX));
    assert_int_equal(mw_expiry_set(&h, &a, 100), MW_OK);
    assert_null(mw_expiry_pop(&h, 99));
    assert_ptr_equal(mw_expiry_pop(&h, 100), &a);
    assert_int_equal(a.slot, 0);
    assert_null(mw_expiry_pop(&h, INT64_MAX));
    mw_expiry_heap_free(&h);
}

static void pop__many__come_in_order(void **state) {
    static const int64_t at_ms[] = {7, 3, INT64_MAX, -5, 3, 9, INT64_MIN, 0, 3, 8};
    struct mw_expiry nodes[sizeof at_ms / sizeof at_ms[0]] = {0};
    struct mw_expiry_heap h = {0};
    int64_t last = INT64_MIN;
    (void)state;
    for (size_t i = 0; i < sizeof at_ms / sizeof at_ms[0]; i++)
        assert_int_equal(mw_expiry_set(&h, &nodes[i], at_ms[i]), MW_OK);
    for (size_t i = 0; i < sizeof at_ms / sizeof at_ms[0]; i++) {
        const struct mw_expiry *e = mw_expiry_pop(&h, INT64_MAX);
        if (!e || e->at_ms < last) fail_msg("pop %zu", i);
        last = e->at_ms;
    }
    assert_int_equal(h.count, 0);
    mw_expiry_heap_free(&h);
}

static void set__node_that_is_in__moves_it(void **state) {
    struct mw_expiry_heap h = {0};
    struct mw_expiry a = {0}, b = {0};
    (void)state;
    assert_int_equal(mw_expiry_set(&h, &a, 10), MW_OK);
    assert_int_equal(mw_expiry_set(&h, &b, 20), MW_OK);
    assert_int_equal(mw_expiry_set(&h, &a, 30), MW_OK);
    assert_int_equal(h.count, 2);
    assert_ptr_equal(mw_expiry_pop(&h, 30), &b);
    assert_int_equal(mw_expiry_set(&h, &a, 5), MW_OK);
    assert_ptr_equal(mw_expiry_pop(&h, 5), &a);
    mw_expiry_heap_free(&h);
}

static void remove__node_that_is_not_in__is_a_no_op(void **state) {
    struct mw_expiry_heap h = {0};
    struct mw_expiry a = {0}, b = {0};
    (void)state;
    assert_int_equal(mw_expiry_set(&h, &a, 10), MW_OK);
    mw_expiry_remove(&h, &b);
    assert_int_equal(h.count, 1);
    mw_expiry_remove(&h, &a);
    mw_expiry_remove(&h, &a);
    assert_int_equal(h.count, 0);
    assert_null(mw_expiry_pop(&h, INT64_MAX));
    mw_expiry_heap_free(&h);
}

static void free__heap_with_nodes__takes_them_out(void **state) {
    struct mw_expiry_heap h = {0};
    struct mw_expiry a = {0};
    (void)state;
    assert_int_equal(mw_expiry_set(&h, &a, 10), MW_OK);
    mw_expiry_heap_free(&h);
    assert_int_equal(a.slot, 0);
    assert_null(mw_expiry_pop(&h, INT64_MAX));
    assert_int_equal(mw_expiry_set(&h, &a, 11), MW_OK);
    assert_ptr_equal(mw_expiry_pop(&h, 11), &a);
    mw_expiry_heap_free(&h);
    mw_expiry_heap_free(&h);
}

/* Against a naive model: an array that says for every node whether it is in, and when it is due. */
#define NODES 200
#define STEPS 200000

struct model {
    bool in[NODES];
    int64_t at_ms[NODES];
    size_t count;
};

static uint32_t pseudo_random(uint64_t *seed) {
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33);
}

static int64_t earliest(const struct model *m) {
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < NODES; i++)
        if (m->in[i] && m->at_ms[i] < first) first = m->at_ms[i];
    return first;
}

static void check_shape(const struct mw_expiry_heap *h, size_t step) {
    for (size_t i = 0; i < h->count; i++) {
        if (h->nodes[i]->slot != i + 1) fail_msg("step %zu: node %zu does not know its place", step, i);
        if (i > 0 && h->nodes[(i + 1) / 2 - 1]->at_ms > h->nodes[i]->at_ms)
            fail_msg("step %zu: node %zu is due before its parent", step, i);
    }
}

static void heap__random_steps__agree_with_the_model(void **state) {
    static struct mw_expiry nodes[NODES];
    struct mw_expiry_heap h = {0};
    struct model m = {0};
    uint64_t seed = 20250101;
    (void)state;
    for (size_t step = 0; step < STEPS; step++) {
        const size_t i = pseudo_random(&seed) % NODES;
        const int64_t at_ms = pseudo_random(&seed) % 500;
        switch (pseudo_random(&seed) % 4) {
        case 0:
        case 1:
            assert_int_equal(mw_expiry_set(&h, &nodes[i], at_ms), MW_OK);
            m.count += !m.in[i];
            m.in[i] = true;
            m.at_ms[i] = at_ms;
            break;
        case 2:
            mw_expiry_remove(&h, &nodes[i]);
            m.count -= m.in[i];
            m.in[i] = false;
            break;
        default: {
            const int64_t first = earliest(&m);
            const struct mw_expiry *e = mw_expiry_pop(&h, at_ms);
            if ((e != NULL) != (m.count > 0 && first <= at_ms)) fail_msg("step %zu: pop %s", step, e ? "gave" : "kept");
            if (!e) break;
            if (e->at_ms != first || !m.in[e - nodes]) fail_msg("step %zu: pop gave the wrong node", step);
            m.in[e - nodes] = false;
            m.count--;
        }
        }
        if (h.count != m.count) fail_msg("step %zu: %zu nodes, not %zu", step, h.count, m.count);
        if (step % 64 == 0) check_shape(&h, step);
    }
    mw_expiry_heap_free(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pop__nothing_due__gives_nothing),
        cmocka_unit_test(pop__many__come_in_order),
        cmocka_unit_test(set__node_that_is_in__moves_it),
        cmocka_unit_test(remove__node_that_is_not_in__is_a_no_op),
        cmocka_unit_test(free__heap_with_nodes__takes_them_out),
        cmocka_unit_test(heap__random_steps__agree_with_the_model),
    };
    return cmocka_run_group_tests_name("expiry", tests, NULL, NULL);
}
