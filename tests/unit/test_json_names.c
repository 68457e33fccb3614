#include "../../core/json_names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct json_names names;

static void begin(void) {
    memset(&names, 0xff, sizeof names); /* what was there before does not matter */
    json_names_begin(&names);
    json_names_open_object(&names, 1);
}

static const char *add(unsigned depth, const char *spelled) {
    return json_names_add(&names, depth, mw_cstr(spelled));
}

static void names__repeated__told_within_one_object_only(void **state) {
    (void)state;
    begin();
    assert_null(add(1, "a"));
    assert_null(add(1, "b"));
    json_names_open_object(&names, 2);
    assert_null(add(2, "a"));
    json_names_open_object(&names, 2); /* the next one at that depth */
    assert_null(add(2, "a"));
    assert_null(add(2, "c"));
    assert_string_equal(add(2, "a"), "two members of one name");
    assert_null(add(1, "c"));
    assert_string_equal(add(1, "b"), "two members of one name");
}

static void names__spellings__compared_by_what_they_stand_for(void **state) {
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } rows[] = {
        {"from", "\\u0066rom", true},
        {"from", "\\u0066\\u0072\\u006F\\u006d", true},
        {"/", "\\/", true},
        {"\\n", "\\u000A", true},
        {"\xe4\xbd\xa0", "\\u4F60", true},
        {"\\ud83d\\ude00", "\xf0\x9f\x98\x80", true},
        {"", "", true},
        {"a", "A", false},
        {"a", "aa", false},
        {"\\\\u0061", "a", false},
        {"", "\\u0001", false},
        {"\\u4f60", "\\u4f61", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin();
        assert_null(add(1, rows[i].a));
        if ((add(1, rows[i].b) != NULL) != rows[i].same) fail_msg("%s and %s", rows[i].a, rows[i].b);
    }
}

static void put_letters(struct mw_buf *b, unsigned i) {
    for (unsigned digit = 0; digit < 3; digit++, i /= 11)
        mw_buf_putc(b, (char)('a' + i % 11));
}

static void put_number(struct mw_buf *b, unsigned i) {
    mw_buf_puti(b, (int64_t)i);
}

/* As few as will do. */
static void put_few_letters(struct mw_buf *b, unsigned i) {
    do {
        mw_buf_putc(b, (char)('a' + i % 26));
        i /= 26;
    } while (i > 0);
}

/* Names as programs make them are never taken for names made to collide, up to the bound on their number. */
static void names__of_honest_patterns__all_taken(void **state) {
    (void)state;
    static const struct {
        const char *head;
        void (*put)(struct mw_buf *b, unsigned i);
        const char *tail;
    } rows[] = {
        {"", put_number, ""},
        {"m", put_number, ""},
        {"", put_number, "-x"},
        {"key_000", put_number, ""},
        {"", put_letters, ""},
        {"", put_letters, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
        {"item.", put_letters, ""},
        {"", put_few_letters, ""},
        {"\\u4f60\\u597d", put_number, ""},
        {"00000000-0000-4000-8000-00000000", put_number, ""},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        begin();
        for (unsigned i = 0; i < MW_JSON_MEMBERS_MAX; i++) {
            char mem[64];
            struct mw_buf b = mw_buf_over(mem, sizeof mem);
            mw_buf_put(&b, mw_cstr(rows[row].head));
            rows[row].put(&b, i);
            mw_buf_put(&b, mw_cstr(rows[row].tail));
            const char *wrong = json_names_add(&names, 1, mw_buf_str(&b));
            if (wrong) fail_msg("row %zu, %.*s: %s", row, (int)b.len, mem, wrong);
        }
        assert_string_equal(add(1, "one more"), "more than 1024 members");
    }
}

/* The chain that a name goes to in an empty table. */
static size_t chain_of(const char *name) {
    size_t chain = 0;
    begin();
    assert_null(add(1, name));
    while (names.newest[chain] == 0)
        chain++;
    return chain;
}

static void names__made_to_collide__refused_before_they_cost(void **state) {
    (void)state;
    enum { COUNT = JSON_NAMES_CHAIN_MAX + 2, LENGTH = 16 };
    static char made[COUNT][LENGTH];
    size_t count = 0;
    for (unsigned i = 0; count < COUNT; i++) {
        (void)snprintf(made[count], LENGTH, "%u", i);
        if (chain_of(made[count]) == 0) count++;
    }
    begin();
    for (size_t i = 0; i + 1 < COUNT; i++)
        assert_null(add(1, made[i]));
    assert_string_equal(add(1, made[0]), "two members of one name"); /* still found at the chain's end */
    assert_string_equal(add(1, made[COUNT - 1]), "names made to collide");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names__repeated__told_within_one_object_only),
        cmocka_unit_test(names__spellings__compared_by_what_they_stand_for),
        cmocka_unit_test(names__of_honest_patterns__all_taken),
        cmocka_unit_test(names__made_to_collide__refused_before_they_cost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
