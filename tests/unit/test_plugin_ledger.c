#include "ledger.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <malloc.h>
#include <stdio.h>

#define SID "aaaaaaaaaaaaaaaaaaaaaaaaaa"
#define UID "aaaaaaaaaaaaaaaa"

static struct mw_change change(enum mw_change_type type, const char *who, const char *room, int64_t at_s,
                               int64_t until_s) {
    struct mw_change c = {.seq = 1, .at_s = at_s, .type = type, .until_s = until_s};
    snprintf(c.who, sizeof c.who, "%s", who);
    snprintf(c.room, sizeof c.room, "%s", room);
    return c;
}

static void apply(struct ledger *l, enum mw_change_type type, const char *who, const char *room, int64_t until_s) {
    struct mw_change c = change(type, who, room, 1, until_s);
    assert_int_equal(ledger_apply(l, &c), MW_OK);
}

static const struct fact *about(const struct ledger *l, enum fact_kind kind, const char *who, const char *room,
                                int64_t now_s) {
    return ledger_find(l, kind, mw_cstr(who), mw_cstr(room), now_s);
}

static void fact__later_entry__wins(void **state) {
    struct ledger l = {0};
    (void)state;
    apply(&l, MW_CHANGE_EXTEND, SID, "", 100);
    apply(&l, MW_CHANGE_EXTEND, SID, "", 200);
    assert_int_equal(ledger_count(&l), 1);
    assert_int_equal(about(&l, FACT_END, SID, "", 0)->until_s, 200);
    apply(&l, MW_CHANGE_GRANT, UID, "~club", 100);
    assert_true(about(&l, FACT_GRANT, UID, "~club", 0)->on);
    apply(&l, MW_CHANGE_UNGRANT, UID, "~club", 100);
    assert_false(about(&l, FACT_GRANT, UID, "~club", 0)->on);
    ledger_free(&l);
}

static void fact__subject__exactly_this_one(void **state) {
    struct ledger l = {0};
    (void)state;
    apply(&l, MW_CHANGE_MUTE, UID, "lobby", 100);
    assert_non_null(about(&l, FACT_MUTE, UID, "lobby", 99));
    assert_null(about(&l, FACT_MUTE, UID, "lobby", 100));
    assert_null(about(&l, FACT_MUTE, UID, "", 0));
    assert_null(about(&l, FACT_MUTE, UID, "lobb", 0));
    assert_null(about(&l, FACT_BAN, UID, "lobby", 0));
    assert_null(about(&l, FACT_MUTE, "bbbbbbbbbbbbbbbb", "lobby", 0));
    assert_null(about(&l, FACT_REVOKED, SID, "", 0));
    ledger_free(&l);
}

static void fact__invalid_entry__changes_nothing(void **state) {
    struct ledger l = {0};
    struct mw_change c = change(MW_CHANGE_GRANT, UID, "a/b", 1, 100);
    (void)state;
    assert_int_equal(ledger_apply(&l, &c), MW_EINVAL);
    assert_int_equal(ledger_count(&l), 0);
    ledger_free(&l);
}

static void profile__texts__come_back(void **state) {
    struct ledger l = {0};
    struct mw_change c = change(MW_CHANGE_PROFILE, UID, "", 5, 100);
    (void)state;
    snprintf(c.profile.nick, sizeof c.profile.nick, "安");
    snprintf(c.profile.avatar, sizeof c.profile.avatar, "https://example.com/a.png");
    assert_int_equal(ledger_apply(&l, &c), MW_OK);
    const struct fact *f = about(&l, FACT_PROFILE, UID, "", 0);
    assert_string_equal(fact_nick(f), "安");
    assert_string_equal(fact_avatar(f), "https://example.com/a.png");
    assert_int_equal(f->at_s, 5);
    ledger_free(&l);
}

static void sweep__what_is_over__goes_bit_by_bit(void **state) {
    struct ledger l = {0};
    char sid[MW_SID_LEN + 1] = SID;
    (void)state;
    for (int i = 0; i < 20; i++) {
        sid[0] = (char)('a' + i);
        apply(&l, MW_CHANGE_REVOKE, sid, "", 100 + i);
    }
    ledger_sweep(&l, 109999, 5);
    assert_int_equal(ledger_count(&l), 15);
    ledger_sweep(&l, 109999, 100);
    assert_int_equal(ledger_count(&l), 10);
    ledger_free(&l);
}

static void million__sessions__under_200_bytes_each(void **state) {
    struct ledger l = {0};
    char sid[MW_SID_LEN + 1] = SID;
    enum { N = 200000 };
    (void)state;
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (int i = 0; i < N; i++) {
        for (int k = 0, v = i; k < 5; k++, v /= 26)
            sid[k] = (char)('a' + v % 26);
        apply(&l, MW_CHANGE_REVOKE, sid, "", 100);
    }
    size_t each = (mallinfo2().uordblks + mallinfo2().hblkhd - before) / N;
    print_message("%zu bytes for each revoked session\n", each);
    assert_int_equal(ledger_count(&l), N);
    assert_true(each < 200);
    ledger_free(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fact__later_entry__wins),
        cmocka_unit_test(fact__subject__exactly_this_one),
        cmocka_unit_test(fact__invalid_entry__changes_nothing),
        cmocka_unit_test(profile__texts__come_back),
        cmocka_unit_test(sweep__what_is_over__goes_bit_by_bit),
        cmocka_unit_test(million__sessions__under_200_bytes_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
