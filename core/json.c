#include "mw/json.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#define EXACT_MAX 9007199254740991.0 /* 2^53 - 1: every whole number up to here has a double of its own */
#define PAIRWISE_MAX 16

static enum mw_err fail(enum mw_err err, const char **why, const char *text) {
    if (why) *why = text;
    return err;
}

static bool same_name(const struct cJSON *a, const struct cJSON *b) {
    return a->string[0] == b->string[0] && strcmp(a->string, b->string) == 0;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Few members, which is what everybody sends: no memory. */
static bool repeats_pairwise(const struct cJSON *first) {
    for (const struct cJSON *a = first; a; a = a->next)
        for (const struct cJSON *b = a->next; b; b = b->next)
            if (same_name(a, b)) return true;
    return false;
}

/* Many members: sorted, so that a hostile object costs n log n and not n squared. */
static enum mw_err check_sorted(const struct cJSON *first, size_t count, bool *repeats) {
    const char **names = calloc(count, sizeof *names);
    if (!names) return MW_ENOMEM;
    size_t n = 0;
    for (const struct cJSON *m = first; m && n < count; m = m->next)
        names[n++] = m->string;
    qsort(names, n, sizeof *names, compare_names);
    for (size_t i = 1; i < n && !*repeats; i++)
        *repeats = strcmp(names[i - 1], names[i]) == 0;
    free(names);
    return MW_OK;
}

static enum mw_err check_object(const struct cJSON *object, bool *repeats) {
    size_t count = 0;
    for (const struct cJSON *m = object->child; m; m = m->next)
        count++;
    if (count > PAIRWISE_MAX) return check_sorted(object->child, count, repeats);
    *repeats = repeats_pairwise(object->child);
    return MW_OK;
}

/* Goes down at most MW_JSON_DEPTH_MAX times: the text was checked. */
static enum mw_err check_repeats(const struct cJSON *item, bool *repeats) {
    enum mw_err err = MW_OK;
    if (cJSON_IsObject(item)) err = check_object(item, repeats);
    for (const struct cJSON *m = item->child; m && err == MW_OK && !*repeats; m = m->next)
        if (m->child) err = check_repeats(m, repeats);
    return err;
}

enum mw_err mw_json_parse_object(struct mw_str text, struct cJSON **out, const char **why) {
    bool repeats = false;
    enum mw_err err = mw_json_check(text, why);
    if (err != MW_OK) return err;

    /* The check was stricter than cJSON, so that only memory can be missing; and one value is all there is. */
    struct cJSON *tree = cJSON_ParseWithLength(text.ptr, text.len);
    if (!tree) return fail(MW_ENOMEM, why, "no memory");
    if (!cJSON_IsObject(tree)) {
        err = fail(MW_EINVAL, why, "not an object");
        goto done;
    }
    err = check_repeats(tree, &repeats);
    if (err != MW_OK) {
        err = fail(err, why, "no memory");
        goto done;
    }
    if (repeats) {
        err = fail(MW_EINVAL, why, "two members of one name");
        goto done;
    }
    *out = tree;
    tree = NULL;
done:
    cJSON_Delete(tree);
    return err;
}

enum mw_err mw_json_check_object(struct mw_str text, const char **why) {
    struct cJSON *tree = NULL;
    const enum mw_err err = mw_json_parse_object(text, &tree, why);
    if (err == MW_OK) cJSON_Delete(tree);
    return err;
}

struct mw_str mw_json_string(const struct cJSON *object, const char *name) {
    return mw_cstr(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name)));
}

bool mw_json_int(const struct cJSON *object, const char *name, int64_t min, int64_t max, int64_t *out) {
    const struct cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!cJSON_IsNumber(item)) return false;
    const double number = item->valuedouble;
    if (!(number >= -EXACT_MAX && number <= EXACT_MAX)) return false;
    const int64_t value = (int64_t)number;
    if ((double)value != number || value < min || value > max) return false;
    *out = value;
    return true;
}
