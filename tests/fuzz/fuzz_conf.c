/* Configuration files of any bytes: every field stays within its bounds, every error is one printable line. */
#include "mw/conf.h"
#include "mw/utf8.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct options {
    char name[17];
    char path[65];
    int64_t node;
    bool flag;
    int64_t ttl_s;
    int64_t bytes;
    char canary[8];
};

static const struct mw_opt table[] = {
    {"name", MW_OPT_TEXT, offsetof(struct options, name), 2, 16, NULL, true},
    {"signing_keys", MW_OPT_PATH, offsetof(struct options, path), 1, 64, NULL, false},
    {"node", MW_OPT_INT, offsetof(struct options, node), 0, 1023, "0", false},
    {"single_session", MW_OPT_BOOL, offsetof(struct options, flag), 0, 0, "no", false},
    {"session_ttl", MW_OPT_SECONDS, offsetof(struct options, ttl_s), 60, INT64_C(365) * 86400, "24h", false},
    {"max_bytes", MW_OPT_SIZE, offsetof(struct options, bytes), 1024, INT64_MAX, "8K", false},
};

static void must(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static bool is_line(struct mw_str s) {
    bool controls = true;
    return s.len > 0 && mw_utf8_check(s, NULL, &controls) && !controls;
}

static void check_text(const char *field, size_t size, size_t min) {
    must(memchr(field, '\0', size) != NULL, "text ends within its field");
    const struct mw_str text = mw_cstr(field);
    must(text.len == 0 || (text.len >= min && is_line(text)), "text is printable and as long as it must be");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct options o;
    struct mw_conf c;
    struct mw_conf_error err;

    memset(&o, 0x5a, sizeof o);
    memset(&err, 0x5a, sizeof err);
    must(mw_conf_begin(&c, table, sizeof table / sizeof table[0], &o, &err) == MW_OK, "the defaults are good");
    if (mw_conf_text(&c, mw_bytes(data, size), &err) != MW_OK) {
        must(memchr(err.text, '\0', sizeof err.text) != NULL, "the error ends");
        must(is_line(mw_cstr(err.text)), "the error is one printable line");
        must(mw_str_starts(mw_cstr(err.text), MW_STR("line ")), "the error names the line");
    } else if (mw_conf_end(&c, &err) == MW_OK) {
        must(o.path[0] != '\0', "a required option was given");
    } else {
        must(is_line(mw_cstr(err.text)) && o.path[0] == '\0', "a required option was left out");
    }
    check_text(o.name, sizeof o.name, 2);
    check_text(o.path, sizeof o.path, 1);
    must(o.node >= 0 && o.node <= 1023, "node is within its bounds");
    must(o.ttl_s >= 60 && o.ttl_s <= INT64_C(365) * 86400, "session_ttl is within its bounds");
    must(o.bytes >= 1024, "max_bytes is within its bounds");
    must(memcmp(o.canary, "ZZZZZZZZ", 8) == 0, "nothing is written past the last field");
    return 0;
}
