#include "mw/json.h"

#include <cjson/cJSON.h>

#define EXACT_MAX 9007199254740991.0 /* 2^53 - 1: every whole number up to here has a double of its own */

enum mw_err mw_json_parse_object(struct mw_str text, struct cJSON **out, const char **why) {
    const enum mw_err err = mw_json_check_object(text, why);
    if (err != MW_OK) return err;

    /* The check was stricter than cJSON, so that only memory can be missing; and one value is all there is. */
    struct cJSON *tree = cJSON_ParseWithLength(text.ptr, text.len);
    if (!tree) {
        if (why) *why = "no memory";
        return MW_ENOMEM;
    }
    *out = tree;
    return MW_OK;
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
