#include "mw/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define UID "uuuuuuuuuuuuuuuu"
#define OTHER "vvvvvvvvvvvvvvvv"

static char folder[64], path[80], url[96];
static struct mw_store *st;

static int set_up(void **state) {
    struct mw_store_error why;
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/mw-sessions-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    (void)snprintf(path, sizeof path, "%s/s.db", folder);
    (void)snprintf(url, sizeof url, "sqlite:%s", path);
    return mw_store_open(mw_cstr(url), MW_STORE_WRITE, &st, &why) == MW_OK ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    mw_store_close(&st);
    (void)unlink(path);
    return rmdir(folder);
}

static struct mw_str sid_of(char letter) {
    static char sids[26][MW_SID_LEN + 1];
    char *sid = sids[letter - 'a'];
    memset(sid, letter, MW_SID_LEN);
    return mw_cstr(sid);
}

static void add(char letter, const char *uid, int64_t created_s, int64_t expires_s) {
    struct mw_user u = {.profile = {"Band", "https://a/b"}};
    struct mw_session s = {.created_s = created_s, .expires_s = expires_s};
    struct mw_profile effective;
    assert_true(mw_str_copy(u.uid, sizeof u.uid, mw_cstr(uid)));
    assert_true(mw_str_copy(u.openid, sizeof u.openid, mw_cstr(uid)));
    assert_true(mw_str_copy(s.uid, sizeof s.uid, mw_cstr(uid)));
    assert_true(mw_str_copy(s.sid, sizeof s.sid, sid_of(letter)));
    assert_int_equal(mw_store_begin(st), MW_OK);
    assert_int_equal(mw_store_add_session(st, &u, &s, &effective, NULL), MW_OK);
    assert_int_equal(mw_store_commit(st), MW_OK);
}

static void ban(const char *uid, const char *room, int64_t until_s) {
    struct mw_change c = {.type = MW_CHANGE_BAN, .at_s = 1, .until_s = until_s};
    int64_t seq = 0;
    assert_true(mw_str_copy(c.who, sizeof c.who, mw_cstr(uid)) && mw_str_copy(c.room, sizeof c.room, mw_cstr(room)));
    assert_int_equal(mw_store_begin(st), MW_OK);
    assert_int_equal(mw_store_append_change(st, &c, &seq), MW_OK);
    assert_int_equal(mw_store_commit(st), MW_OK);
}

static struct mw_session find(char letter) {
    struct mw_session found;
    assert_int_equal(mw_store_find_session(st, sid_of(letter), &found), MW_OK);
    return found;
}

static void set_end__session__moves_and_nothing_else_does(void **state) {
    (void)state;
    add('a', UID, 10, 100);
    add('b', UID, 10, 100);
    assert_int_equal(mw_store_begin(st), MW_OK);
    assert_int_equal(mw_store_set_session_end(st, sid_of('a'), 200), MW_OK);
    assert_int_equal(mw_store_set_session_end(st, sid_of('z'), 200), MW_ENOENT);
    assert_int_equal(mw_store_commit(st), MW_OK);
    assert_int_equal(find('a').expires_s, 200);
    assert_int_equal(find('a').created_s, 10);
    assert_int_equal(find('b').expires_s, 100);
}

static void drop__session__is_gone(void **state) {
    struct mw_session found;
    (void)state;
    add('a', UID, 10, 100);
    add('b', UID, 10, 100);
    assert_int_equal(mw_store_begin(st), MW_OK);
    assert_int_equal(mw_store_drop_session(st, sid_of('a')), MW_OK);
    assert_int_equal(mw_store_drop_session(st, sid_of('a')), MW_ENOENT);
    assert_int_equal(mw_store_commit(st), MW_OK);
    assert_int_equal(mw_store_find_session(st, sid_of('a'), &found), MW_ENOENT);
    assert_int_equal(find('b').expires_s, 100);
}

static void set_profile__user__is_seen_in_every_session(void **state) {
    const struct mw_profile now = {"新名字", "https://c/d"};
    (void)state;
    add('a', UID, 10, 100);
    add('b', UID, 10, 100);
    add('c', OTHER, 10, 100);
    assert_int_equal(mw_store_begin(st), MW_OK);
    assert_int_equal(mw_store_set_profile(st, MW_STR(UID), &now), MW_OK);
    assert_int_equal(mw_store_set_profile(st, MW_STR("wwwwwwwwwwwwwwww"), &now), MW_ENOENT);
    assert_int_equal(mw_store_commit(st), MW_OK);
    assert_string_equal(find('a').profile.nick, now.nick);
    assert_string_equal(find('b').profile.avatar, now.avatar);
    assert_string_equal(find('c').profile.nick, "Band");
}

static void list__sessions__come_by_pages_and_are_the_users_own(void **state) {
    struct mw_session_brief page[2];
    size_t count = 9;
    const struct mw_str none = {NULL, 0};
    (void)state;
    for (char letter = 'a'; letter <= 'c'; letter++)
        add(letter, UID, letter, 100 + letter);
    add('d', OTHER, 10, 100);
    assert_int_equal(mw_store_list_sessions(st, MW_STR(UID), none, page, 2, &count), MW_OK);
    assert_int_equal(count, 2);
    assert_true(mw_str_eq(mw_cstr(page[0].sid), sid_of('a')));
    assert_int_equal(page[1].created_s, 'b');
    assert_int_equal(page[1].expires_s, 100 + 'b');
    assert_int_equal(mw_store_list_sessions(st, MW_STR(UID), mw_cstr(page[1].sid), page, 2, &count), MW_OK);
    assert_int_equal(count, 1);
    assert_true(mw_str_eq(mw_cstr(page[0].sid), sid_of('c')));
    assert_int_equal(mw_store_list_sessions(st, MW_STR("wwwwwwwwwwwwwwww"), none, page, 2, &count), MW_OK);
    assert_int_equal(count, 0);
}

static void count__sessions__only_the_living(void **state) {
    int64_t count = 9;
    (void)state;
    add('a', UID, 10, 100);
    add('b', OTHER, 10, 101);
    assert_int_equal(mw_store_count_sessions(st, 99, &count), MW_OK);
    assert_int_equal(count, 2);
    assert_int_equal(mw_store_count_sessions(st, 100, &count), MW_OK);
    assert_int_equal(count, 1);
    assert_int_equal(mw_store_count_sessions(st, 101, &count), MW_OK);
    assert_int_equal(count, 0);
}

static void find_user__known_without_sessions__is_still_known(void **state) {
    (void)state;
    add('a', UID, 10, 100);
    assert_int_equal(mw_store_begin(st), MW_OK);
    assert_int_equal(mw_store_drop_session(st, sid_of('a')), MW_OK);
    assert_int_equal(mw_store_commit(st), MW_OK);
    assert_int_equal(mw_store_find_user(st, MW_STR(UID)), MW_OK);
    assert_int_equal(mw_store_find_user(st, MW_STR(OTHER)), MW_ENOENT);
}

static void find__banned_owner__comes_with_the_end_of_the_ban(void **state) {
    int64_t until_s = 0;
    (void)state;
    add('a', UID, 10, 100);
    add('b', OTHER, 10, 100);
    ban(UID, "lobby", 500); /* from one room alone */
    assert_int_equal(find('a').banned_until_s, 0);
    assert_int_equal(mw_store_find_change(st, MW_CHANGE_BAN, MW_STR(UID), MW_STR(""), &until_s), MW_ENOENT);
    ban(UID, "", 600);
    ban(UID, "", 700);
    assert_int_equal(find('a').banned_until_s, 700);
    assert_int_equal(find('b').banned_until_s, 0);
    assert_int_equal(mw_store_find_change(st, MW_CHANGE_BAN, MW_STR(UID), MW_STR(""), &until_s), MW_OK);
    assert_int_equal(until_s, 700);
    assert_int_equal(mw_store_find_change(st, MW_CHANGE_BAN, MW_STR(UID), MW_STR("lobby"), &until_s), MW_OK);
    assert_int_equal(until_s, 500);
    assert_int_equal(mw_store_find_change(st, MW_CHANGE_MUTE, MW_STR(UID), MW_STR("lobby"), &until_s), MW_ENOENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(set_end__session__moves_and_nothing_else_does, set_up, tear_down),
        cmocka_unit_test_setup_teardown(drop__session__is_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(set_profile__user__is_seen_in_every_session, set_up, tear_down),
        cmocka_unit_test_setup_teardown(list__sessions__come_by_pages_and_are_the_users_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(count__sessions__only_the_living, set_up, tear_down),
        cmocka_unit_test_setup_teardown(find_user__known_without_sessions__is_still_known, set_up, tear_down),
        cmocka_unit_test_setup_teardown(find__banned_owner__comes_with_the_end_of_the_ban, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
