#include "mw/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define SID_1 "aaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SID_2 "bbbbbbbbbbbbbbbbbbbbbbbbbb"
#define UID "aaaaaaaaaaaaaaaa"

static char folder[64], path[80], url[96];
static struct mw_store *writer, *reader;

static struct mw_store *open_store(enum mw_store_mode mode) {
    struct mw_store *st = NULL;
    struct mw_store_error why;
    if (mw_store_open(mw_cstr(url), mode, &st, &why) != MW_OK) fail_msg("%s", why.text);
    return st;
}

static int set_up(void **state) {
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/mw-changes-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    (void)snprintf(path, sizeof path, "%s/s.db", folder);
    (void)snprintf(url, sizeof url, "sqlite:%s", path);
    writer = open_store(MW_STORE_WRITE);
    reader = open_store(MW_STORE_WRITE);
    return 0;
}

static int tear_down(void **state) {
    static const char *const suffixes[] = {"", "-wal", "-shm", ".old"};
    (void)state;
    mw_store_close(&writer);
    mw_store_close(&reader);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char file[96];
        (void)snprintf(file, sizeof file, "%s%s", path, suffixes[i]);
        (void)unlink(file);
    }
    return rmdir(folder);
}

static struct mw_change change(enum mw_change_type type, const char *who, const char *room, int64_t until_s) {
    struct mw_change c = {.type = type, .at_s = 5, .until_s = until_s};
    (void)snprintf(c.who, sizeof c.who, "%s", who);
    (void)snprintf(c.room, sizeof c.room, "%s", room);
    return c;
}

static int64_t append(enum mw_change_type type, const char *who, const char *room, int64_t until_s) {
    struct mw_change c = change(type, who, room, until_s);
    int64_t seq = 0;
    assert_int_equal(mw_store_begin(writer), MW_OK);
    assert_int_equal(mw_store_append_change(writer, &c, &seq), MW_OK);
    assert_int_equal(mw_store_commit(writer), MW_OK);
    return seq;
}

static size_t read_after(int64_t seq, struct mw_change out[static 8]) {
    size_t count = 99;
    assert_int_equal(mw_store_read_changes(reader, seq, out, 8, &count), MW_OK);
    return count;
}

static void append__entries__come_out_in_order(void **state) {
    struct mw_change out[8], mine = change(MW_CHANGE_PROFILE, UID, "", 70);
    int64_t seq = 0;
    (void)state;
    int64_t first = append(MW_CHANGE_EXTEND, SID_1, "", 50);
    int64_t second = append(MW_CHANGE_MUTE, UID, "大厅", 60);
    (void)snprintf(mine.profile.nick, sizeof mine.profile.nick, "安");
    (void)snprintf(mine.profile.avatar, sizeof mine.profile.avatar, "https://x/y");
    assert_int_equal(mw_store_begin(writer), MW_OK);
    assert_int_equal(mw_store_append_change(writer, &mine, &seq), MW_OK);
    assert_int_equal(mw_store_commit(writer), MW_OK);
    assert_int_equal(read_after(0, out), 3);
    assert_true(first < second && second < seq);
    assert_int_equal(out[0].type, MW_CHANGE_EXTEND);
    assert_int_equal(out[0].seq, first);
    assert_string_equal(out[0].who, SID_1);
    assert_int_equal(out[0].until_s, 50);
    assert_string_equal(out[1].room, "大厅");
    assert_string_equal(out[2].profile.nick, "安");
    assert_string_equal(out[2].profile.avatar, "https://x/y");
    assert_int_equal(read_after(first, out), 2);
    assert_int_equal(read_after(seq, out), 0);
}

static void append__same_subject__replaces(void **state) {
    struct mw_change out[8];
    (void)state;
    append(MW_CHANGE_EXTEND, SID_1, "", 50);
    append(MW_CHANGE_EXTEND, SID_2, "", 50);
    append(MW_CHANGE_REVOKE, SID_1, "", 60);
    append(MW_CHANGE_MUTE, UID, "lobby", 60);
    append(MW_CHANGE_MUTE, UID, "", 60);
    append(MW_CHANGE_UNMUTE, UID, "lobby", 60);
    assert_int_equal(read_after(0, out), 4);
    assert_string_equal(out[0].who, SID_2);
    assert_int_equal(out[1].type, MW_CHANGE_REVOKE);
    assert_string_equal(out[2].room, "");
    assert_int_equal(out[3].type, MW_CHANGE_UNMUTE);
}

static void append__not_valid_or_rolled_back__leaves_nothing(void **state) {
    struct mw_change out[8], bad = change(MW_CHANGE_GRANT, UID, "", 50), good = change(MW_CHANGE_EXTEND, SID_1, "", 50);
    int64_t seq = 77;
    (void)state;
    assert_int_equal(mw_store_begin(writer), MW_OK);
    assert_int_equal(mw_store_append_change(writer, &bad, &seq), MW_EINVAL);
    assert_int_equal(seq, 77);
    assert_int_equal(mw_store_append_change(writer, &good, &seq), MW_OK);
    mw_store_rollback(writer);
    assert_int_equal(read_after(0, out), 0);
}

static void drop__what_no_longer_matters__goes(void **state) {
    struct mw_change out[8];
    uint32_t dropped = 0;
    (void)state;
    append(MW_CHANGE_EXTEND, SID_1, "", 50);
    append(MW_CHANGE_EXTEND, SID_2, "", 51);
    assert_int_equal(mw_store_begin(writer), MW_OK);
    assert_int_equal(mw_store_drop_changes(writer, 50, 10, &dropped), MW_OK);
    assert_int_equal(mw_store_commit(writer), MW_OK);
    assert_int_equal(dropped, 1);
    assert_int_equal(read_after(0, out), 1);
    assert_string_equal(out[0].who, SID_2);
    int64_t next = append(MW_CHANGE_EXTEND, SID_1, "", 90);
    assert_true(next > out[0].seq);
}

static void pulse__another_handle_commits__differs(void **state) {
    int64_t before = 0, after = 0;
    (void)state;
    assert_int_equal(mw_store_pulse(reader, &before), MW_OK);
    assert_int_equal(mw_store_pulse(reader, &after), MW_OK);
    assert_int_equal(before, after);
    append(MW_CHANGE_EXTEND, SID_1, "", 50);
    assert_int_equal(mw_store_pulse(reader, &after), MW_OK);
    assert_int_not_equal(before, after);
}

static void in_place__file_moved_away_and_back__is_seen(void **state) {
    char moved[96];
    (void)state;
    assert_true(mw_store_in_place(reader));
    (void)snprintf(moved, sizeof moved, "%s.old", path);
    assert_int_equal(rename(path, moved), 0);
    assert_false(mw_store_in_place(reader));
    assert_false(mw_store_in_place(writer));
    assert_int_equal(rename(moved, path), 0);
    assert_true(mw_store_in_place(reader));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(append__entries__come_out_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(append__same_subject__replaces, set_up, tear_down),
        cmocka_unit_test_setup_teardown(append__not_valid_or_rolled_back__leaves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(drop__what_no_longer_matters__goes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pulse__another_handle_commits__differs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(in_place__file_moved_away_and_back__is_seen, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
