/* Any text: what the check lets through, cJSON reads too, and the walk over the text sees what cJSON's tree holds. */
#include "../../core/json_members.h"
#include "../../core/json_number.h"
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

static void check_number(const struct cJSON *item, struct mw_str value) {
    const int64_t most = (INT64_C(1) << 53) - 1;
    int64_t whole = 0;
    const bool is_whole = json_number_whole(value, -most, most, &whole), is_positive = json_number_positive(value, 100);
    must(cJSON_IsNumber(item) || (!is_whole && !is_positive), "both see a number");
    must(!is_whole || item->valuedouble == (double)whole, "both see the same number");
    must(!is_positive || (item->valuedouble > 0 && item->valuedouble <= 100), "both see it within its bounds");
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
        check_number(m, value);
        if (cJSON_IsObject(m) || cJSON_IsArray(m)) check_container(m, value);
    }
    must(!(object ? json_walk_member(&walk, &name, &value) : json_walk_element(&walk, &value)), "nothing is added");
}

/* What the check hands out is what the walk finds. */
static void check_member(void *ctx, struct mw_str name, struct mw_str value) {
    struct json_walk *walk = ctx;
    struct mw_str walked_name, walked_value;
    must(json_walk_member(walk, &walked_name, &walked_value), "no member is added");
    must(name.ptr == walked_name.ptr && name.len == walked_name.len, "the same name in the same place");
    must(value.ptr == walked_value.ptr && value.len == walked_value.len, "the same value in the same place");
}

static void check_object(const struct cJSON *tree, struct mw_str text) {
    struct json_walk walk;
    const struct json_visitor visitor = {check_member, &walk};
    must(json_walk_object(text, &walk), "it is an object");
    must(mw_json_first_member(text) == walk.at, "the first member is found");
    must(json_check_members(text, &visitor, NULL) == MW_OK, "it passes again");
    must(walk.at < text.len && text.ptr[walk.at] == '}', "all members were handed out");
    check_container(tree, text);
    char *printed = cJSON_PrintUnformatted(tree);
    must(!printed || mw_json_check_object(mw_cstr(printed), NULL) == MW_OK, "what cJSON prints of it passes again");
    cJSON_free(printed);
}

static void pass_over(void *ctx, struct mw_str name, struct mw_str value) {
    const struct mw_str *text = ctx;
    must(is_within(name, *text) && is_within(value, *text), "any text has bounds");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct mw_str text = mw_bytes(data, size);
    const char *why = NULL;
    struct cJSON *tree = NULL;
    const bool checked = mw_json_check(text, &why) == MW_OK;
    must(checked || why, "a refusal says why");
    const struct mw_str a = json_walk_find(text, MW_STR("a"));
    must(!a.ptr || is_within(a, text), "any text has bounds");
    must(mw_json_first_member(text) <= text.len, "any text has bounds");
    struct mw_str bounds = text;
    const struct json_visitor visitor = {pass_over, &bounds};
    const bool passed = json_check_members(text, &visitor, NULL) == MW_OK;

    const enum mw_err err = mw_json_parse_object(text, &tree, &why);
    must(err != MW_OK || checked, "the check comes first");
    must(passed == (err == MW_OK), "both ask for the same");
    must(err != MW_ENOMEM, "cJSON reads what the check lets through");
    if (err == MW_OK) check_object(tree, text);
    cJSON_Delete(tree);
    return 0;
}
