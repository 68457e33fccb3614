#include "profile_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define X32 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void read__bodies__rows(void **state) {
    static const struct {
        const char *body, *media_url;
        const char *nick, *avatar; /* NULL nick: refused */
    } rows[] = {
        {"{\"nickName\":\"爱丽丝\"}", "", "爱丽丝", ""},
        {"{\"nickName\":\"" X32 "\"}", "", X32, ""},
        {"{\"avatarUrl\":\"https://a/b\"}", "", "", "https://a/b"},
        {"{\"nickName\":\"a\",\"avatarUrl\":\"https://a/b\",\"gender\":0,\"nickname\":7}", "", "a", "https://a/b"},
        {"{\"avatarUrl\":\"http://m/media/" HASH ".png\"}", "http://m/media/", "", "http://m/media/" HASH ".png"},
        {"{\"avatarUrl\":\"http://m/media/" HASH ".png\"}", "http://m/media", "", "http://m/media/" HASH ".png"},
        {"{\"nickName\":\"a\",\"avatarUrl\":\"\"}", "", "a", ""},
        {"{\"nickName\":\"a\",\"avatarUrl\":null}", "", "a", ""},
        {"{\"nickName\":\"\",\"avatarUrl\":\"https://a/b\"}", "", "", "https://a/b"},
        {"{\"nickName\":null,\"avatarUrl\":\"https://a/b\"}", "", "", "https://a/b"},
        {"", "", NULL, NULL},
        {"[]", "", NULL, NULL},
        {"{}", "", NULL, NULL},
        {"{\"nickname\":\"a\"}", "", NULL, NULL},
        {"{\"nickName\":\"\"}", "", NULL, NULL},
        {"{\"nickName\":\"" X32 "x\"}", "", NULL, NULL},
        {"{\"nickName\":\"a\\nb\"}", "", NULL, NULL},
        {"{\"nickName\":\"a\",\"nickName\":\"a\"}", "", NULL, NULL},
        {"{\"nickName\":1}", "", NULL, NULL},
        {"{\"nickName\":null,\"avatarUrl\":\"\"}", "", NULL, NULL},
        {"{\"nickName\":\"a\",\"avatarUrl\":false}", "", NULL, NULL},
        {"{\"nickName\":\"a\",\"avatarUrl\":[]}", "", NULL, NULL},
        {"{\"nickName\":\"微信用户\"}", "", NULL, NULL},
        {"{\"avatarUrl\":\"http://a/b\"}", "", NULL, NULL},
        {"{\"avatarUrl\":\"http://m/media/" HASH ".png\"}", "", NULL, NULL},
        {"{\"avatarUrl\":\"http://m/media" HASH ".png\"}", "http://m/media", NULL, NULL},
        {"{\"avatarUrl\":\"http://m/media\"}", "http://m/media", NULL, NULL},
        {"{\"avatarUrl\":\"http://m/media/\"}", "http://m/media/", NULL, NULL},
        {"{\"avatarUrl\":\"http://m/media/../" HASH ".png\"}", "http://m/media/", NULL, NULL},
        {"{\"avatarUrl\":\"http://m/media/a/" HASH ".png\"}", "http://m/media/", NULL, NULL},
        {"{\"avatarUrl\":\"http://m/media/x.png\"}", "http://m/media/", NULL, NULL},
        {"{\"avatarUrl\":\"http://m/media/" HASH ".mp4\"}", "http://m/media/", NULL, NULL},
        {"{\"avatarUrl\":\"https://a/ b\"}", "", NULL, NULL},
        {"{\"avatarUrl\":\"javascript:1\"}", "", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_profile p = {"untouched", ""};
        const char *message = NULL;
        enum mw_err err = profile_input_read(mw_cstr(rows[i].body), mw_cstr(rows[i].media_url), &p, &message);
        if ((err == MW_OK) != (rows[i].nick != NULL)) fail_msg("row %zu: %s", i, mw_err_text(err));
        if (err != MW_OK && (!message || strcmp(p.nick, "untouched") != 0)) fail_msg("row %zu: no message", i);
        if (err == MW_OK && (strcmp(p.nick, rows[i].nick) != 0 || strcmp(p.avatar, rows[i].avatar) != 0))
            fail_msg("row %zu: %s, %s", i, p.nick, p.avatar);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(read__bodies__rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
