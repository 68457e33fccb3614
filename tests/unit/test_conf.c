#include "mw/conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

struct options {
    char app_id[33];
    char keys[256];
    char media_url[256];
    int64_t node;
    int64_t rate;
    bool single;
    int64_t ttl_s;
    int64_t max_bytes;
    int64_t open_ended;
    char motd[9];
};

#define FIELD(field) offsetof(struct options, field)
static const struct mw_opt table[] = {
    {"app_id", MW_OPT_TEXT, FIELD(app_id), 3, 32, NULL, false},
    {"signing_keys", MW_OPT_PATH, FIELD(keys), 1, 255, NULL, false},
    {"media_url", MW_OPT_TEXT, FIELD(media_url), 1, 255, NULL, true},
    {"node", MW_OPT_INT, FIELD(node), 0, 1023, "0", false},
    {"message_rate", MW_OPT_INT, FIELD(rate), 0, 1000, "5", false},
    {"single_session", MW_OPT_BOOL, FIELD(single), 0, 0, "no", false},
    {"session_ttl", MW_OPT_SECONDS, FIELD(ttl_s), 60, 365 * 86400, "24h", false},
    {"max_bytes", MW_OPT_SIZE, FIELD(max_bytes), 1024, 64 << 20, "8K", false},
    {"open_ended", MW_OPT_SECONDS, FIELD(open_ended), 90, INT64_MAX, NULL, true},
    {"motd", MW_OPT_TEXT, FIELD(motd), 0, 8, "", false},
};
#define COUNT (sizeof table / sizeof table[0])

static void begin(struct mw_conf *c, struct options *o) {
    struct mw_conf_error err;
    memset(o, 0xff, sizeof *o);
    if (mw_conf_begin(c, table, COUNT, o, &err) != MW_OK) fail_msg("begin: %s", err.text);
}

static void begin__defaults__fill_every_field(void **state) {
    struct mw_conf c;
    struct options o;
    (void)state;
    begin(&c, &o);
    assert_string_equal(o.app_id, "");
    assert_string_equal(o.keys, "");
    assert_string_equal(o.media_url, "");
    assert_int_equal(o.node, 0);
    assert_int_equal(o.rate, 5);
    assert_false(o.single);
    assert_int_equal(o.ttl_s, 86400);
    assert_int_equal(o.max_bytes, 8192);
    assert_int_equal(o.open_ended, 0);
    assert_string_equal(o.motd, "");
}

static void begin__bad_default__is_refused(void **state) {
    static const struct mw_opt bad[] = {{"node", MW_OPT_INT, FIELD(node), 0, 1023, "1024", false}};
    static struct mw_opt many[MW_CONF_OPTIONS_MAX + 1];
    struct mw_conf_error err;
    struct mw_conf c;
    struct options o;
    (void)state;
    assert_int_equal(mw_conf_begin(&c, bad, 1, &o, &err), MW_EINVAL);
    assert_string_equal(err.text, "node: \"1024\" is out of bounds (from 0 to 1023) (its default)");
    for (size_t i = 0; i < sizeof many / sizeof many[0]; i++)
        many[i] = bad[0];
    assert_int_equal(mw_conf_begin(&c, many, MW_CONF_OPTIONS_MAX + 1, &o, &err), MW_EINVAL);
    assert_non_null(strstr(err.text, "more options"));
}

static void text__whole_file__fills_the_struct(void **state) {
    static const char file[] = "# a comment\n"
                               "\n"
                               "app_id wx0123\r\n"
                               "  signing_keys\t ./keys/signing.jwks  # behind a blank\n"
                               "\t# indented comment\n"
                               "media_url https://chat.example.com/media/#frag\t#comment\n"
                               "node 1023\n"
                               "message_rate 6 #\n"
                               "single_session on\n"
                               "session_ttl 90\n"
                               "max_bytes 10M\n"
                               "open_ended 400000d\n"
                               "motd \xe4\xbd\xa0 \xe5\xa5\xbd";
    struct mw_conf_error err;
    struct mw_conf c;
    struct options o;
    (void)state;
    begin(&c, &o);
    if (mw_conf_text(&c, MW_STR(file), &err) != MW_OK) fail_msg("%s", err.text);
    assert_int_equal(mw_conf_end(&c, &err), MW_OK);
    assert_string_equal(o.app_id, "wx0123");
    assert_string_equal(o.keys, "./keys/signing.jwks");
    assert_string_equal(o.media_url, "https://chat.example.com/media/#frag");
    assert_int_equal(o.node, 1023);
    assert_int_equal(o.rate, 6);
    assert_true(o.single);
    assert_int_equal(o.ttl_s, 90);
    assert_int_equal(o.max_bytes, 10 << 20);
    assert_int_equal(o.open_ended, INT64_C(400000) * 86400);
    assert_string_equal(o.motd, "\xe4\xbd\xa0 \xe5\xa5\xbd");
}

static void set__good_values__are_taken(void **state) {
    static const struct {
        const char *name, *value, *text; /* text: the field as text; NULL: look at number */
        int64_t number;
    } rows[] = {
        {"session_ttl", "1m", NULL, 60},
        {"session_ttl", "365d", NULL, 365 * 86400},
        {"session_ttl", "60s", NULL, 60},
        {"session_ttl", "2h", NULL, 7200},
        {"max_bytes", "1K", NULL, 1024},
        {"max_bytes", "64M", NULL, 64 << 20},
        {"max_bytes", "1025", NULL, 1025},
        {"node", "0", NULL, 0},
        {"node", "  12   # a comment", NULL, 12},
        {"node", "12 #", NULL, 12},
        {"app_id", "wx1", "wx1", 0},
        {"app_id", " wx1\t", "wx1", 0},
        {"app_id", "a #b", NULL, -1}, /* "a" alone is too short */
        {"app_id", "a b", "a b", 0},
        {"app_id", "a#b", "a#b", 0},
        {"signing_keys", "/etc/k", "/etc/k", 0},
        {"signing_keys", "../k", "../k", 0},
        {"signing_keys", "k", "k", 0},
        {"signing_keys", "sqlite:/x", "sqlite:/x", 0},
        {"motd", "", "", 0},
        {"motd", "# all of it", "", 0},
        {"motd", "12345678", "12345678", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_conf_error err;
        struct mw_conf c;
        struct options o;
        begin(&c, &o);
        const enum mw_err rc = mw_conf_set(&c, mw_cstr(rows[i].name), mw_cstr(rows[i].value), &err);
        if (rows[i].number < 0) {
            if (rc != MW_EINVAL) fail_msg("row %zu %s: taken", i, rows[i].value);
            continue;
        }
        if (rc != MW_OK) fail_msg("row %zu: %s", i, err.text);
        for (size_t j = 0; j < COUNT; j++) {
            if (strcmp(table[j].name, rows[i].name) != 0) continue;
            const char *field = (const char *)&o + table[j].offset;
            int64_t number = 0;
            memcpy(&number, field, sizeof number);
            if (rows[i].text ? strcmp(field, rows[i].text) != 0 : number != rows[i].number)
                fail_msg("row %zu %s %s: wrong value", i, rows[i].name, rows[i].value);
        }
    }
}

static void set__words_for_yes_and_no__are_taken(void **state) {
    static const struct {
        const char *word;
        bool want;
    } rows[] = {{"yes", true}, {"true", true}, {"on", true}, {"no", false}, {"false", false}, {"off", false}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_conf_error err;
        struct mw_conf c;
        struct options o;
        begin(&c, &o);
        o.single = !rows[i].want;
        assert_int_equal(mw_conf_set(&c, MW_STR("single_session"), mw_cstr(rows[i].word), &err), MW_OK);
        if (o.single != rows[i].want) fail_msg("row %zu %s", i, rows[i].word);
    }
}

#define X40 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void set__bad_option__names_it_and_says_why(void **state) {
    static const struct {
        struct mw_str name, value;
        const char *want;
    } rows[] = {
        {{"sesion_ttl", 10}, {"1h", 2}, "unknown option \"sesion_ttl\": did you mean \"session_ttl\"?"},
        {{"Node", 4}, {"1", 1}, "unknown option \"Node\": did you mean \"node\"?"},
        {{"max_byte", 8}, {"1K", 2}, "unknown option \"max_byte\": did you mean \"max_bytes\"?"},
        {{"colour", 6}, {"red", 3}, "unknown option \"colour\""},
        {{"nodexxx", 7}, {"1", 1}, "unknown option \"nodexxx\""}, /* 3 of 4: not near enough */
        {{"", 0}, {"1", 1}, "unknown option \"\""},
        {{"no\x01", 3}, {"1", 1}, "unknown option: its name is not printable UTF-8"},
        {{"\xff", 1}, {"1", 1}, "unknown option: its name is not printable UTF-8"},
        {{NULL, 0}, {"1", 1}, "unknown option: its name is not printable UTF-8"},
        {{"a\"b", 3}, {"1", 1}, "unknown option \"a\\\"b\""},
        {{X40 X40, 80}, {"1", 1}, "unknown option \"" X40 "xxxxxxxx\"..."},
        {{"session_ttl", 11},
         {"10x", 3},
         "session_ttl: \"10x\" is not a duration (a number with s, m, h or d, from 1m to 365d)"},
        {{"session_ttl", 11},
         {"-1", 2},
         "session_ttl: \"-1\" is not a duration (a number with s, m, h or d, from 1m to 365d)"},
        {{"session_ttl", 11}, {"59", 2}, "session_ttl: \"59\" is out of bounds (from 1m to 365d)"},
        {{"session_ttl", 11}, {"366d", 4}, "session_ttl: \"366d\" is out of bounds (from 1m to 365d)"},
        {{"session_ttl", 11},
         {"99999999999999999999999d", 24},
         "session_ttl: \"99999999999999999999999d\" is out of bounds (from 1m to 365d)"},
        {{"session_ttl", 11}, {"", 0}, "session_ttl: no value"},
        {{"session_ttl", 11}, {" # later", 8}, "session_ttl: no value"},
        {{"session_ttl", 11}, {NULL, 0}, "session_ttl: no value"},
        {{"open_ended", 10}, {"1m", 2}, "open_ended: \"1m\" is out of bounds (at least 90s)"},
        {{"open_ended", 10},
         {"x", 1},
         "open_ended: \"x\" is not a duration (a number with s, m, h or d, at least 90s)"},
        {{"max_bytes", 9}, {"10X", 3}, "max_bytes: \"10X\" is not a size (a number with K, M or G, from 1K to 64M)"},
        {{"max_bytes", 9}, {"1G", 2}, "max_bytes: \"1G\" is out of bounds (from 1K to 64M)"},
        {{"max_bytes", 9}, {"1023", 4}, "max_bytes: \"1023\" is out of bounds (from 1K to 64M)"},
        {{"node", 4}, {"1024", 4}, "node: \"1024\" is out of bounds (from 0 to 1023)"},
        {{"node", 4}, {"0x10", 4}, "node: \"0x10\" is not a whole number (from 0 to 1023)"},
        {{"node", 4}, {"1#", 2}, "node: \"1#\" is not a whole number (from 0 to 1023)"},
        {{"node", 4}, {"1 2", 3}, "node: \"1 2\" is not a whole number (from 0 to 1023)"},
        {{"node", 4}, {"1\n2", 3}, "node: not printable UTF-8"},
        {{"node", 4}, {"1\0", 2}, "node: not printable UTF-8"},
        {{"single_session", 14}, {"maybe", 5}, "single_session: \"maybe\" is neither yes nor no"},
        {{"single_session", 14}, {"YES", 3}, "single_session: \"YES\" is neither yes nor no"},
        {{"app_id", 6}, {"wx", 2}, "app_id: too short (at least 3 bytes)"},
        {{"app_id", 6}, {X40, 40}, "app_id: too long (at most 32 bytes)"},
        {{"app_id", 6}, {"wx\xff", 3}, "app_id: not printable UTF-8"},
        {{"app_id", 6}, {"wx\xc2\x85", 4}, "app_id: not printable UTF-8"},
        {{"signing_keys", 12}, {"-rf", 3}, "signing_keys: \"-rf\" is not a path"},
        {{"signing_keys", 12}, {".k", 2}, "signing_keys: \".k\" is not a path"},
        {{"motd", 4}, {"123456789", 9}, "motd: too long (at most 8 bytes)"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_conf_error err;
        struct mw_conf c;
        struct options o, before;
        begin(&c, &o);
        memcpy(&before, &o, sizeof o);
        const enum mw_err rc = mw_conf_set(&c, rows[i].name, rows[i].value, &err);
        if (rc != MW_EINVAL) fail_msg("row %zu (%s): rc %d", i, rows[i].want, (int)rc);
        if (strcmp(err.text, rows[i].want) != 0) fail_msg("row %zu: \"%s\", not \"%s\"", i, err.text, rows[i].want);
        if (memcmp(&before, &o, sizeof o) != 0) fail_msg("row %zu: a field was touched", i);
    }
}

/* The longest an error can get: still one whole line. */
static void text__hostile_value__gives_one_bounded_line(void **state) {
    struct mw_conf_error err;
    struct mw_conf c;
    struct options o;
    char file[512] = "\n\n\n\nsession_ttl ";
    (void)state;
    memset(file + strlen(file), '"', sizeof file - strlen(file) - 1);
    begin(&c, &o);
    assert_int_equal(mw_conf_text(&c, mw_cstr(file), &err), MW_EINVAL);
    assert_true(mw_str_starts(mw_cstr(err.text), MW_STR("line 5: session_ttl: \"\\\"\\\"")));
    assert_non_null(strstr(err.text, "...\x20is not a duration (a number with s, m, h or d, from 1m to 365d)"));
    assert_null(strchr(err.text, '\n'));
}

static void text__name_without_value__is_refused(void **state) {
    struct mw_conf_error err;
    struct mw_conf c;
    struct options o;
    (void)state;
    begin(&c, &o);
    assert_int_equal(mw_conf_text(&c, MW_STR("app_id wx12\nnode\n"), &err), MW_EINVAL);
    assert_string_equal(err.text, "line 2: node: no value");
    assert_string_equal(o.app_id, "wx12");
}

static void text__empty_or_comments_only__is_fine(void **state) {
    static const struct mw_str rows[] = {{NULL, 0}, {"", 0}, {"\n\n", 2}, {"#", 1}, {" \t\r\n# x\r\n", 9}};
    struct mw_conf_error err;
    struct mw_conf c;
    struct options o;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(&c, &o);
        if (mw_conf_text(&c, rows[i], &err) != MW_OK) fail_msg("row %zu: %s", i, err.text);
    }
}

static void set__the_same_option_again__is_refused(void **state) {
    struct mw_conf_error err;
    struct mw_conf c;
    struct options o;
    (void)state;
    begin(&c, &o);
    assert_int_equal(mw_conf_set(&c, MW_STR("node"), MW_STR("1"), &err), MW_OK);
    assert_string_equal(err.text, "");
    assert_int_equal(mw_conf_set(&c, MW_STR("node"), MW_STR("2"), &err), MW_EINVAL);
    assert_string_equal(err.text, "node: given twice");
    assert_int_equal(o.node, 1);
}

static void end__required_option_left_out__is_named(void **state) {
    struct mw_conf_error err;
    struct mw_conf c;
    struct options o;
    (void)state;
    begin(&c, &o);
    assert_int_equal(mw_conf_end(&c, &err), MW_EINVAL);
    assert_string_equal(err.text, "app_id: required, but not given");
    assert_int_equal(mw_conf_set(&c, MW_STR("app_id"), MW_STR("wx12"), &err), MW_OK);
    assert_int_equal(mw_conf_end(&c, &err), MW_EINVAL);
    assert_string_equal(err.text, "signing_keys: required, but not given");
    assert_int_equal(mw_conf_set(&c, MW_STR("signing_keys"), MW_STR("k"), &err), MW_OK);
    assert_int_equal(mw_conf_end(&c, &err), MW_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begin__defaults__fill_every_field),
        cmocka_unit_test(begin__bad_default__is_refused),
        cmocka_unit_test(set__good_values__are_taken),
        cmocka_unit_test(set__words_for_yes_and_no__are_taken),
        cmocka_unit_test(set__bad_option__names_it_and_says_why),
        cmocka_unit_test(set__the_same_option_again__is_refused),
        cmocka_unit_test(text__whole_file__fills_the_struct),
        cmocka_unit_test(text__hostile_value__gives_one_bounded_line),
        cmocka_unit_test(text__name_without_value__is_refused),
        cmocka_unit_test(text__empty_or_comments_only__is_fine),
        cmocka_unit_test(end__required_option_left_out__is_named),
    };
    return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
