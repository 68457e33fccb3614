#include "config.h"
#include "secret_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char path[64];

static int set_up(void **state) {
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/mw-config-XXXXXX");
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state) {
    (void)state;
    return unlink(path);
}

static void put(const char *text, mode_t mode) {
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, mode), 0);
}

#define NEEDED                                                                                                         \
    "app_id wx1\napp_secret_file /s\nsigning_keys /k\nsecret_key /l\nstore sqlite:/x.db\nmqtt_url wss://a/mqtt\n"

static void load__needed_options_alone__gives_the_defaults(void **state) {
    struct config c;
    struct config_error err;
    (void)state;
    put(NEEDED, 0600);
    if (config_load(path, &c, &err) != MW_OK) fail_msg("%s", err.text);
    assert_string_equal(c.listen_addr.host, "127.0.0.1");
    assert_int_equal(c.listen_addr.port, 8081);
    assert_string_equal(c.wechat_url, "https://api.weixin.qq.com");
    assert_int_equal(c.wechat_timeout_s, 5);
    assert_int_equal(c.wechat_max_inflight, 1000);
    assert_int_equal(c.session_ttl_s, 86400);
    assert_false(c.single_session);
    assert_int_equal(c.media_max_size, 10 << 20);
    assert_int_equal(c.media_quota_per_user, 100 << 20);
    assert_string_equal(c.admin_listen, "");
}

static void load__sizes_of_media__any_that_hold_a_byte(void **state) {
    struct config c;
    struct config_error err;
    (void)state;
    put(NEEDED "media_max_size 1\nmedia_quota_per_user 0\n", 0600);
    if (config_load(path, &c, &err) != MW_OK) fail_msg("%s", err.text);
    assert_int_equal(c.media_max_size, 1);
    assert_int_equal(c.media_quota_per_user, 0);
}

static void load__wrong_rows__name_file_and_option(void **state) {
    static const struct {
        const char *more, *says;
    } rows[] = {
        {"listen 8081\n", "listen"},
        {"listen ::1:8081\n", "listen"},
        {"listen 127.0.0.1:65536\n", "listen"},
        {"admin_listen 127.0.0.1:1\n", "admin_token_file"},
        {"admin_listen nowhere\nadmin_token_file /t\n", "admin_listen"},
        {"wechat_url ftp://x.example\n", "wechat_url"},
        {"wechat_url https://x.example/?a=b\n", "wechat_url"},
        {"wechat_timeout 61s\n", "wechat_timeout"},
        {"wechat_max_inflight 0\n", "wechat_max_inflight"},
        {"session_ttl 0\n", "session_ttl"},
        {"single_session maybe\n", "single_session"},
        {"media_store /m\n", "media_url"},
        {"media_url gopher://x\n", "media_url"},
        {"media_max_size 0\n", "media_max_size"},
        {"media_max_size 2G\n", "media_max_size"},
        {"sesion_ttl 1h\n", "session_ttl"},
        {"app_id wx2\n", "app_id"}, /* twice */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct config c;
        struct config_error err = {""};
        char text[1024];
        (void)snprintf(text, sizeof text, "%s%s", NEEDED, rows[i].more);
        put(text, 0600);
        if (config_load(path, &c, &err) != MW_EINVAL) fail_msg("row %zu is taken: %s", i, rows[i].more);
        if (!strstr(err.text, rows[i].says) || !strstr(err.text, path)) fail_msg("row %zu: %s", i, err.text);
    }
}

static void load__file_of_no_use__is_named(void **state) {
    struct config c;
    struct config_error err;
    (void)state;
    assert_int_equal(config_load("/nonexistent/x.conf", &c, &err), MW_EINVAL);
    assert_non_null(strstr(err.text, "/nonexistent/x.conf: No such file"));
    assert_int_equal(config_load("/tmp", &c, &err), MW_EINVAL);
    put("app_id wx1\n", 0600);
    assert_int_equal(config_load(path, &c, &err), MW_EINVAL); /* the rest of what is needed is missing */
}

static void listen_addr__rows(void **state) {
    static const struct {
        const char *text, *host; /* NULL: refused */
        uint16_t port;
    } rows[] = {
        {"127.0.0.1:8081", "127.0.0.1", 8081},
        {"[::1]:0", "::1", 0},
        {"localhost:65535", "localhost", 65535},
        {"127.0.0.1", NULL, 0},
        {"127.0.0.1:", NULL, 0},
        {":8081", NULL, 0},
        {"::1:80", NULL, 0},
        {"[]:80", NULL, 0},
        {"[::1:80", NULL, 0},
        {"a:-1", NULL, 0},
        {"a:0x50", NULL, 0},
        {"a:65536", NULL, 0},
        {"a: 80", NULL, 0},
        {"", NULL, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct listen_addr a = {"untouched", 1};
        enum mw_err err = listen_addr_parse(mw_cstr(rows[i].text), &a);
        if ((err == MW_OK) != (rows[i].host != NULL)) fail_msg("row %zu: %s", i, rows[i].text);
        if (strcmp(a.host, rows[i].host ? rows[i].host : "untouched") != 0) fail_msg("row %zu: %s", i, a.host);
        if (rows[i].host && a.port != rows[i].port) fail_msg("row %zu: %u", i, (unsigned)a.port);
    }
}

static void secret_file__rows(void **state) {
    static const struct {
        const char *text;
        mode_t mode;
        enum mw_err want;
    } rows[] = {
        {"0123456789abcdef", 0600, MW_OK},
        {"0123456789abcdef\n", 0640, MW_OK},
        {"0123456789abcdef\r\n", 0400, MW_OK},
        {"0123456789abcdef", 0644, MW_EINVAL},
        {"0123456789abcdef", 0602, MW_EINVAL},
        {"", 0600, MW_EINVAL},
        {"\n", 0600, MW_EINVAL},
        {"two words", 0600, MW_EINVAL},
        {"two\nlines", 0600, MW_EINVAL},
        {"0123456789abcdef0", 0600, MW_ETOOBIG},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char line[17] = "untouched";
        struct secret_file_error err = {""};
        put(rows[i].text, rows[i].mode);
        enum mw_err got = secret_file_read_line(path, line, sizeof line, &err);
        if (got != rows[i].want) fail_msg("row %zu: %s, %s", i, mw_err_text(got), err.text);
        if (strcmp(line, got == MW_OK ? "0123456789abcdef" : "untouched") != 0) fail_msg("row %zu: %s", i, line);
        if (got != MW_OK && !strstr(err.text, path)) fail_msg("row %zu: %s", i, err.text);
        if (strstr(err.text, "0123")) fail_msg("row %zu tells the secret", i);
    }
}

static void secret_file__no_plain_file__is_refused(void **state) {
    uint8_t out[8];
    size_t len = 0;
    struct secret_file_error err;
    (void)state;
    assert_int_equal(secret_file_read("/nonexistent/secret", out, sizeof out, &len, &err), MW_EIO);
    assert_int_not_equal(secret_file_read("/tmp", out, sizeof out, &len, &err), MW_OK);
    assert_int_equal(secret_file_read("/dev/zero", out, sizeof out, &len, &err), MW_EINVAL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(load__needed_options_alone__gives_the_defaults, set_up, tear_down),
        cmocka_unit_test_setup_teardown(load__sizes_of_media__any_that_hold_a_byte, set_up, tear_down),
        cmocka_unit_test_setup_teardown(load__wrong_rows__name_file_and_option, set_up, tear_down),
        cmocka_unit_test_setup_teardown(load__file_of_no_use__is_named, set_up, tear_down),
        cmocka_unit_test(listen_addr__rows),
        cmocka_unit_test_setup_teardown(secret_file__rows, set_up, tear_down),
        cmocka_unit_test(secret_file__no_plain_file__is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
