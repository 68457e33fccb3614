#include "micro.h"

#include "mw/m1.h"
#include "mw/m2.h"

#define MAX_BYTES 8192

static const struct mw_m1_rules rules = {.max_bytes = MAX_BYTES, .media_url = {"https://chat.example.com/media/", 31}};
static char mem[MAX_BYTES];
static struct mw_buf text;
static struct mw_from from;

static bool begin(struct mw_str head) {
    mw_from_make(MW_STR("abcdefgh234567zz"), MW_STR("\xe5\xb0\x8f\xe6\x98\x8e"),
                 MW_STR("https://chat.example.com/media/0123456789abcdef.png"), &from);
    text = mw_buf_over(mem, sizeof mem);
    mw_buf_put(&text, head);
    return from.len > 0 && !text.overflow;
}

static bool prepare_short(void) {
    return begin(MW_STR("{\"type\":\"text\",\"content\":\"See you in the lobby at midnight\"}"));
}

static bool prepare_chinese(void) {
    if (!begin(MW_STR("{\"type\":\"text\",\"content\":\""))) return false;
    for (size_t i = 0; i < MW_M1_TEXT_CHARS_MAX; i++)
        mw_buf_put(&text, MW_STR("\xe5\xa5\xbd"));
    mw_buf_put(&text, MW_STR("\"}"));
    return !text.overflow;
}

/* As many values as fit. */
static bool prepare_custom(size_t bytes) {
    static const struct mw_str tail = {"]}}", 3};
    if (!begin(MW_STR("{\"type\":\"custom\",\"data\":{\"a\":[0"))) return false;
    while (text.len + 2 + tail.len <= bytes)
        mw_buf_put(&text, MW_STR(",0"));
    mw_buf_put(&text, tail);
    return !text.overflow;
}

static bool prepare_largest_custom(void) {
    return prepare_custom(MW_M1_DATA_MAX + sizeof "{\"type\":\"custom\",\"data\":}" - 1);
}

static bool prepare_hostile_custom(void) {
    return prepare_custom(MAX_BYTES);
}

static enum mw_err check(struct mw_m1 *m) {
    const char *why = NULL;
    return mw_m1_check(mw_buf_str(&text), &rules, m, &why);
}

static bool stamp(void) {
    static char out[2 * MAX_BYTES];
    const struct mw_topic room = mw_topic_parse(MW_STR("room/lobby"));
    struct mw_m1 m;
    if (check(&m) != MW_OK) return false;
    return mw_m2_write(out, sizeof out, INT64_C(1) << 60, 1763800000123, &room, (struct mw_str){from.text, from.len},
                       mw_buf_str(&text), m.first_member) > 0;
}

static bool refuse(void) {
    struct mw_m1 m;
    return check(&m) == MW_EINVAL;
}

static size_t text_bytes(void) {
    return text.len;
}

const struct micro micro_m1[] = {
    {"m1 to m2, a short text", prepare_short, stamp, text_bytes, 0},
    {"m1 to m2, 2000 Chinese characters", prepare_chinese, stamp, text_bytes, 0},
    {"m1 to m2, the largest custom data", prepare_largest_custom, stamp, text_bytes, 0},
    {"m1 refused, 8 KiB of hostile custom data", prepare_hostile_custom, refuse, text_bytes, 0},
    {NULL, NULL, NULL, NULL, 0},
};
