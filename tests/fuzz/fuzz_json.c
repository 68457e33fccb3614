/* Any text: what the check lets through, cJSON reads too, and the walk over the text sees what cJSON's tree holds. */
#include "../../core/json_string.h"
#include "../../core/json_walk.h"
#include "mw/json.h"
#include "mw/utf8.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static bool is_within(struct mw_str part, struct mw_str whole) {
    return part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len;
}

static void check_string(const struct cJSON *item, struct mw_str value) {
    char *text = malloc(value.len + 1), *tight = NULL;
    if (!text) return;
    const bool is_string = json_string_copy(value, text, value.len + 1);
    must(is_string == (cJSON_IsString(item) != 0), "both see a string");
    if (is_string) {
        const size_t len = strlen(text);
        must(strcmp(text, item->valuestring) == 0, "both see the same string");
        must(mw_utf8_check(mw_cstr(text), NULL, NULL), "it is UTF-8");
        tight = malloc(len ? len : 1);
        if (tight) must(!json_string_copy(value, tight, len), "without room for the NUL it is refused");
    }
    free(tight);
    free(text);
}

static void check_name(const struct cJSON *item, struct mw_str spelled) {
    char *mem = malloc(spelled.len + 1);
    if (!mem) return;
    const struct mw_str name = json_unescape(spelled, mem, spelled.len + 1);
    must(mw_str_eq(name, mw_cstr(item->string)), "both see the same name");
    free(mem);
}

static void check_container(const struct cJSON *item, struct mw_str text) {
    const bool object = cJSON_IsObject(item);
    struct json_walk walk;
    struct mw_str name, value;
    must((object ? json_walk_object : json_walk_array)(text, &walk), "both see the same container");
    for (const struct cJSON *m = item->child; m; m = m->next) {
        must(object ? json_walk_member(&walk, &name, &value) : json_walk_element(&walk, &value), "nothing is missing");
        must(is_within(value, text), "a value stays within its text");
        must(mw_json_check(value, NULL) == MW_OK, "a value is JSON of its own");
        if (object) check_name(m, name);
        check_string(m, value);
        if (cJSON_IsObject(m) || cJSON_IsArray(m)) check_container(m, value);
    }
    must(!(object ? json_walk_member(&walk, &name, &value) : json_walk_element(&walk, &value)), "nothing is added");
}

static void check_object(const struct cJSON *tree, struct mw_str text) {
    const size_t first = mw_json_first_member(text);
    must(first < text.len && text.ptr[first] == (tree->child ? '"' : '}'), "the first member is found");
    for (const struct cJSON *m = tree->child; m; m = m->next) {
        const struct mw_str raw = mw_json_raw_member(text, mw_cstr(m->string));
        must(!raw.ptr || (is_within(raw, text) && mw_json_check(raw, NULL) == MW_OK), "a raw member is JSON");
    }
    check_container(tree, text);
    char *printed = cJSON_PrintUnformatted(tree);
    must(!printed || mw_json_check_object(mw_cstr(printed), NULL) == MW_OK, "what cJSON prints of it passes again");
    cJSON_free(printed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct mw_str text = mw_bytes(data, size);
    const char *why = NULL;
    struct cJSON *tree = NULL;
    const bool checked = mw_json_check(text, &why) == MW_OK;
    must(checked || why, "a refusal says why");
    must(mw_json_first_member(text) <= text.len, "any text has bounds");
    (void)mw_json_raw_member(text, MW_STR("a"));

    const enum mw_err err = mw_json_parse_object(text, &tree, &why);
    must(err != MW_OK || checked, "the check comes first");
    must(err != MW_ENOMEM, "cJSON reads what the check lets through");
    if (err == MW_OK) check_object(tree, text);
    cJSON_Delete(tree);
    return 0;
}
