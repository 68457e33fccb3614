#include "life.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define UID "uuuuuuuuuuuuuuuu"
#define NOW 1000
#define LOG_MAX 512

static char folder[64], path[80], url[96];
static struct mw_store *st;

static int set_up(void **state) {
    struct mw_store_error why;
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/mw-life-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    (void)snprintf(path, sizeof path, "%s/s.db", folder);
    (void)snprintf(url, sizeof url, "sqlite:%s", path);
    if (mw_store_open(mw_cstr(url), MW_STORE_WRITE, &st, &why) != MW_OK) return -1;
    return mw_store_begin(st) == MW_OK ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    mw_store_rollback(st);
    mw_store_close(&st);
    (void)unlink(path);
    return rmdir(folder);
}

/* A session of UID, number n. */
static struct mw_session add(unsigned n, int64_t expires_s) {
    struct mw_user u = {.uid = UID, .openid = "o", .profile = {"Band", "https://a/b"}};
    struct mw_session s = {.uid = UID, .created_s = 1, .expires_s = expires_s};
    struct mw_profile effective;
    memset(s.sid, 'a', MW_SID_LEN);
    for (size_t at = MW_SID_LEN; n > 0; n /= 26)
        s.sid[--at] = (char)('a' + n % 26);
    assert_int_equal(mw_store_add_session(st, &u, &s, &effective, NULL), MW_OK);
    return s;
}

static struct mw_change log_entries[LOG_MAX];

static size_t read_log(void) {
    size_t count = 0;
    assert_int_equal(mw_store_read_changes(st, 0, log_entries, LOG_MAX, &count), MW_OK);
    return count;
}

static void check_entry(size_t i, enum mw_change_type type, const char *who, const char *room, int64_t until_s) {
    const struct mw_change *c = &log_entries[i];
    if (c->type != type || strcmp(c->who, who) != 0 || strcmp(c->room, room) != 0 || c->until_s != until_s ||
        c->at_s != NOW)
        fail_msg("entry %zu: type %d of %s in '%s' until %lld, at %lld", i, (int)c->type, c->who, c->room,
                 (long long)c->until_s, (long long)c->at_s);
}

/* Session number n of UID, which has waited for the store. */
static enum mw_err begin(unsigned n, const char *nick, const char *avatar, struct mw_session *s, bool *renamed) {
    struct mw_user u = {.uid = UID, .openid = "o"};
    (void)snprintf(u.profile.nick, sizeof u.profile.nick, "%s", nick);
    (void)snprintf(u.profile.avatar, sizeof u.profile.avatar, "%s", avatar);
    *s = (struct mw_session){.uid = UID, .created_s = NOW - 2, .expires_s = NOW + 100};
    (void)snprintf(s->sid, sizeof s->sid, "%.25s%c", "aaaaaaaaaaaaaaaaaaaaaaaaa", (char)('a' + n));
    return life_begin(st, &u, s, NOW, 3600, renamed);
}

static void begin__profiles__other_sessions_are_told_of_news_only(void **state) {
    static const struct {
        const char *nick, *avatar, *want_nick, *want_avatar;
        bool news;
    } rows[] = {
        {"", "", "", "", false},
        {"Band", "https://a/1", "Band", "https://a/1", true},
        {"Band", "", "Band", "https://a/1", false},
        {"", "https://a/1", "Band", "https://a/1", false},
        {"", "https://a/2", "Band", "https://a/2", true},
        {"Bund", "", "Bund", "https://a/2", true},
        {"", "", "Bund", "https://a/2", false},
    };
    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_session s;
        bool renamed = !rows[i].news;
        const size_t before = read_log();
        assert_int_equal(mw_store_find_change(st, MW_CHANGE_PROFILE, MW_STR(UID), MW_STR(""), &(int64_t){0}),
                         before ? MW_OK : MW_ENOENT);
        const int64_t last_seq = before ? log_entries[before - 1].seq : 0;
        assert_int_equal(begin(i, rows[i].nick, rows[i].avatar, &s, &renamed), MW_OK);
        if (strcmp(s.profile.nick, rows[i].want_nick) != 0 || strcmp(s.profile.avatar, rows[i].want_avatar) != 0)
            fail_msg("row %u: %s, %s", i, s.profile.nick, s.profile.avatar);
        const size_t after = read_log();
        const bool told = after > 0 && log_entries[after - 1].seq > last_seq;
        if (renamed != rows[i].news || told != rows[i].news) fail_msg("row %u: renamed %d, told %d", i, renamed, told);
        if (!told) continue;
        check_entry(after - 1, MW_CHANGE_PROFILE, UID, "", NOW + 3600);
        assert_true(mw_profile_eq(&log_entries[after - 1].profile, &s.profile));
    }
}

static void begin__ban__rows(void **state) {
    const struct life_right room = {MW_CHANGE_BAN, UID, "lobby", NOW + 50}, all = {MW_CHANGE_BAN, UID, "", NOW + 1};
    const struct life_right over = {MW_CHANGE_BAN, UID, "", NOW};
    struct mw_session s, found;
    bool renamed = false;
    (void)state;
    assert_int_equal(life_give(st, &room, NOW), MW_OK);
    assert_int_equal(begin(1, "Band", "", &s, &renamed), MW_OK);
    assert_int_equal(life_give(st, &all, NOW), MW_OK);
    assert_int_equal(begin(2, "Other", "", &s, &renamed), MW_EAUTH);
    assert_int_equal(mw_store_find_session(st, mw_cstr(s.sid), &found), MW_ENOENT);
    assert_int_equal(life_give(st, &over, NOW), MW_OK);
    assert_int_equal(begin(2, "Band", "", &s, &renamed), MW_OK);
    assert_false(renamed);
}

static void find__session__rows(void **state) {
    struct mw_session found, s = add(1, 2000);
    struct mw_session over = add(2, NOW);
    (void)state;
    assert_int_equal(life_find(st, mw_cstr(s.sid), NOW, &found), MW_OK);
    assert_int_equal(life_find(st, mw_cstr(s.sid), 1999, &found), MW_OK);
    assert_int_equal(life_find(st, mw_cstr(s.sid), 2000, &found), MW_ENOENT);
    assert_int_equal(life_find(st, mw_cstr(over.sid), NOW, &found), MW_ENOENT);
    assert_int_equal(life_find(st, MW_STR("zzzzzzzzzzzzzzzzzzzzzzzzzz"), NOW, &found), MW_ENOENT);
    const struct life_right room = {MW_CHANGE_BAN, UID, "lobby", 5000}, all = {MW_CHANGE_BAN, UID, "", 1500};
    assert_int_equal(life_give(st, &room, NOW), MW_OK);
    assert_int_equal(life_find(st, mw_cstr(s.sid), NOW, &found), MW_OK);
    assert_int_equal(life_give(st, &all, NOW), MW_OK);
    assert_int_equal(life_find(st, mw_cstr(s.sid), 1499, &found), MW_EAUTH);
    assert_int_equal(life_find(st, mw_cstr(s.sid), 1500, &found), MW_OK);
}

static void renew__session__lives_longer_and_never_shorter(void **state) {
    struct mw_session s = add(1, 1500), found;
    (void)state;
    assert_int_equal(life_renew(st, &s, NOW, 3600), MW_OK);
    assert_int_equal(s.expires_s, NOW + 3600);
    assert_int_equal(life_find(st, mw_cstr(s.sid), NOW, &found), MW_OK);
    assert_int_equal(found.expires_s, NOW + 3600);
    assert_int_equal(read_log(), 1);
    check_entry(0, MW_CHANGE_EXTEND, s.sid, "", NOW + 3600);
    assert_int_equal(life_renew(st, &s, NOW, 60), MW_OK);
    assert_int_equal(s.expires_s, NOW + 3600);
    assert_int_equal(read_log(), 1); /* one state for each session */
    assert_int_equal(life_end(st, mw_cstr(s.sid), NOW), MW_OK);
    assert_int_equal(life_renew(st, &s, NOW, 60), MW_ENOENT);
}

static void end__session__is_gone_and_logged_until_its_last_skey_ends(void **state) {
    struct mw_session s = add(1, 1500), found;
    (void)state;
    assert_int_equal(life_renew(st, &s, NOW, 3600), MW_OK);
    assert_int_equal(life_end(st, mw_cstr(s.sid), NOW), MW_OK);
    assert_int_equal(mw_store_find_session(st, mw_cstr(s.sid), &found), MW_ENOENT);
    assert_int_equal(read_log(), 1); /* the revocation takes the extension's place */
    check_entry(0, MW_CHANGE_REVOKE, s.sid, "", NOW + 3600);
    assert_int_equal(life_end(st, mw_cstr(s.sid), NOW), MW_ENOENT);
}

static void end_all__more_than_a_page__spares_one_and_other_users(void **state) {
    struct mw_session spared = add(70, 2000), found;
    size_t ended = 0;
    (void)state;
    for (unsigned i = 0; i < 200; i++)
        if (i != 70) (void)add(i, i == 3 ? NOW : 2000 + (int64_t)i); /* number 3 is over already */
    assert_int_equal(life_end_all(st, MW_STR(UID), mw_cstr(spared.sid), NOW, &ended), MW_OK);
    assert_int_equal(ended, 198);
    assert_int_equal(read_log(), 199);
    for (size_t i = 0; i < 199; i++)
        assert_int_equal(log_entries[i].type, MW_CHANGE_REVOKE);
    assert_int_equal(life_find(st, mw_cstr(spared.sid), NOW, &found), MW_OK);
    assert_int_equal(life_end_all(st, MW_STR("vvvvvvvvvvvvvvvv"), (struct mw_str){NULL, 0}, NOW, &ended), MW_OK);
    assert_int_equal(ended, 0);
    assert_int_equal(life_end_all(st, MW_STR(UID), (struct mw_str){NULL, 0}, NOW, &ended), MW_OK);
    assert_int_equal(ended, 1);
    assert_int_equal(life_find(st, mw_cstr(spared.sid), NOW, &found), MW_ENOENT);
}

static void rename__owner__is_logged_until_every_older_skey_has_ended(void **state) {
    static const struct {
        int64_t other_ends_s, ttl_s, want_s;
    } rows[] = {{1500, 3600, NOW + 3600}, {9000, 3600, 9000}};
    struct mw_session s = add(1, 1500), found;
    (void)state;
    s.profile = (struct mw_profile){"新名字", "https://c/d"};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)add(10 + i, rows[i].other_ends_s);
        assert_int_equal(life_rename(st, &s, NOW, rows[i].ttl_s), MW_OK);
        assert_int_equal(read_log(), 1);
        check_entry(0, MW_CHANGE_PROFILE, UID, "", rows[i].want_s);
        assert_string_equal(log_entries[0].profile.nick, s.profile.nick);
        assert_string_equal(log_entries[0].profile.avatar, s.profile.avatar);
    }
    assert_int_equal(life_find(st, mw_cstr(s.sid), NOW, &found), MW_OK);
    assert_string_equal(found.profile.nick, s.profile.nick);
}

static void rights__given_and_taken_back__rows(void **state) {
    static const struct {
        enum mw_change_type give, take_back;
        const char *room;
    } rows[] = {
        {MW_CHANGE_MUTE, MW_CHANGE_UNMUTE, ""},     {MW_CHANGE_MUTE, MW_CHANGE_UNMUTE, "lobby"},
        {MW_CHANGE_BAN, MW_CHANGE_UNBAN, ""},       {MW_CHANGE_BAN, MW_CHANGE_UNBAN, "大厅"},
        {MW_CHANGE_GRANT, MW_CHANGE_UNGRANT, "~a"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct life_right give = {.type = rows[i].give, .uid = UID, .until_s = 5000};
        struct life_right back = {.type = rows[i].take_back, .uid = UID};
        (void)snprintf(give.room, sizeof give.room, "%s", rows[i].room);
        memcpy(back.room, give.room, sizeof back.room);
        size_t before = read_log();
        assert_int_equal(life_take_back(st, &back, NOW), MW_OK); /* nothing there */
        assert_int_equal(read_log(), before);
        assert_int_equal(life_give(st, &give, NOW), MW_OK);
        assert_int_equal(read_log(), before + 1);
        check_entry(before, rows[i].give, UID, rows[i].room, 5000);
        give.until_s = 3000; /* whoever gives may also give less */
        assert_int_equal(life_give(st, &give, NOW), MW_OK);
        assert_int_equal(read_log(), before + 1);
        check_entry(before, rows[i].give, UID, rows[i].room, 3000);
        assert_int_equal(life_take_back(st, &back, NOW), MW_OK);
        assert_int_equal(read_log(), before + 1);
        check_entry(before, rows[i].take_back, UID, rows[i].room, 3000);
    }
    const struct life_right everywhere = {MW_CHANGE_GRANT, UID, "", 5000};
    assert_int_equal(life_give(st, &everywhere, NOW), MW_EINVAL);
}

static void admit__proof_of_a_group__never_shortens_a_grant(void **state) {
    static const struct { int64_t session_ends_s, want_s; } rows[] = {{2000, 2000}, {1500, 2000}, {3000, 3000}};
    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_session s = add(i + 1, rows[i].session_ends_s);
        assert_int_equal(life_admit(st, &s, MW_STR("@group"), NOW), MW_OK);
        assert_int_equal(read_log(), 1);
        check_entry(0, MW_CHANGE_GRANT, UID, "@group", rows[i].want_s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(begin__profiles__other_sessions_are_told_of_news_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(begin__ban__rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(find__session__rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(renew__session__lives_longer_and_never_shorter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(end__session__is_gone_and_logged_until_its_last_skey_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(end_all__more_than_a_page__spares_one_and_other_users, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rename__owner__is_logged_until_every_older_skey_has_ended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rights__given_and_taken_back__rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(admit__proof_of_a_group__never_shortens_a_grant, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
