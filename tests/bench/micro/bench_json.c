#include "micro.h"

#include "mw/json.h"

static char mem[16384];
static struct mw_buf text;

static bool begin(struct mw_str head) {
    text = mw_buf_over(mem, sizeof mem);
    mw_buf_put(&text, head);
    return true;
}

static bool prepare_chat(void) {
    (void)begin(
        MW_STR("{\"type\":\"text\",\"content\":\"\xe4\xbd\xa0\xe5\xa5\xbd\xef\xbc\x8c\xe4\xbb\x8a\xe6\x99\x9a\xe4"
               "\xb8\x80\xe8\xb5\xb7\xe5\x90\x83\xe9\xa5\xad\xe5\x90\x97\xef\xbc\x9f\",\"ref\":\"m-17\"}"));
    return !text.overflow;
}

static bool prepare_long(struct mw_str piece) {
    (void)begin(MW_STR("{\"type\":\"text\",\"content\":\""));
    while (text.len + piece.len < 8000)
        mw_buf_put(&text, piece);
    mw_buf_put(&text, MW_STR("\"}"));
    return !text.overflow;
}

static bool prepare_long_ascii(void) {
    return prepare_long(MW_STR("The quick brown fox jumps over the lazy dog. "));
}

static bool prepare_long_chinese(void) {
    return prepare_long(MW_STR("\xe4\xbb\x8a\xe5\xa4\xa9\xe5\xa4\xa9\xe6\xb0\x94\xe7\x9c\x9f\xe5\xa5\xbd"));
}

static bool prepare_long_escapes(void) {
    return prepare_long(MW_STR("\\ud83d\\ude00"));
}

/* As many members as are taken: what a hostile client would send. */
static bool prepare_members(void) {
    (void)begin(MW_STR("{"));
    for (int64_t i = 0; i < MW_JSON_MEMBERS_MAX; i++) {
        mw_buf_put(&text, i ? MW_STR(",\"") : MW_STR("\""));
        mw_buf_puti(&text, i);
        mw_buf_put(&text, MW_STR("\":0"));
    }
    mw_buf_putc(&text, '}');
    return !text.overflow;
}

static bool check(void) {
    return mw_json_check(mw_buf_str(&text), NULL) == MW_OK;
}

static bool check_names(void) {
    return mw_json_check_object(mw_buf_str(&text), NULL) == MW_OK;
}

static size_t text_bytes(void) {
    return text.len;
}

const struct micro micro_json[] = {
    {"json check, a chat message", prepare_chat, check, text_bytes, 0},
    {"json check, 8 KB of ASCII", prepare_long_ascii, check, text_bytes, 0},
    {"json check, 8 KB of Chinese", prepare_long_chinese, check, text_bytes, 0},
    {"json check, 8 KB of escapes", prepare_long_escapes, check, text_bytes, 0},
    {"json check, 1024 members", prepare_members, check, text_bytes, 0},
    {"json check of names, a chat message", prepare_chat, check_names, text_bytes, 0},
    {"json check of names, 1024 members", prepare_members, check_names, text_bytes, 0},
    {NULL, NULL, NULL, NULL, 0},
};
