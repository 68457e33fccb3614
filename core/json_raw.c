/* Looks into the text of JSON that passed mw_json_check(): what is passed on to others is the sender's own spelling.
 * The bounds are held for any text; the answers mean something for checked text only. */
#include "mw/json.h"

static size_t skip_blanks(struct mw_str t, size_t at) {
    while (at < t.len && (t.ptr[at] == ' ' || t.ptr[at] == '\n' || t.ptr[at] == '\t' || t.ptr[at] == '\r'))
        at++;
    return at;
}

/* From the opening quote to behind the closing one. */
static size_t skip_string(struct mw_str t, size_t at) {
    for (at++; at < t.len && t.ptr[at] != '"'; at++)
        if (t.ptr[at] == '\\') at++;
    return at < t.len ? at + 1 : t.len;
}

/* From '{' or '[' to behind its partner. */
static size_t skip_container(struct mw_str t, size_t at) {
    size_t depth = 0;
    while (at < t.len) {
        const char c = t.ptr[at];
        if (c == '"') {
            at = skip_string(t, at);
            continue;
        }
        at++;
        if (c == '{' || c == '[') depth++;
        if ((c == '}' || c == ']') && --depth == 0) break;
    }
    return at;
}

static size_t skip_scalar(struct mw_str t, size_t at) {
    while (at < t.len && !strchr(",]} \n\t\r", t.ptr[at]))
        at++;
    return at;
}

static size_t skip_value(struct mw_str t, size_t at) {
    if (at >= t.len) return t.len;
    switch (t.ptr[at]) {
    case '"':
        return skip_string(t, at);
    case '{':
    case '[':
        return skip_container(t, at);
    default:
        return skip_scalar(t, at);
    }
}

size_t mw_json_first_member(struct mw_str object_text) {
    const size_t brace = skip_blanks(object_text, 0);
    return skip_blanks(object_text, brace < object_text.len ? brace + 1 : brace);
}

struct mw_str mw_json_raw_member(struct mw_str object_text, struct mw_str name) {
    const struct mw_str t = object_text, none = {NULL, 0};
    if (!name.ptr) return none;
    size_t at = mw_json_first_member(t);
    while (at < t.len && t.ptr[at] == '"') {
        const size_t name_at = at + 1;
        at = skip_string(t, at);
        const struct mw_str spelled = {t.ptr + name_at, at > name_at ? at - name_at - 1 : 0};
        at = skip_blanks(t, skip_blanks(t, at) + 1); /* the colon */
        const size_t value_at = at < t.len ? at : t.len;
        at = skip_value(t, value_at);
        if (mw_str_eq(spelled, name)) return (struct mw_str){t.ptr + value_at, at - value_at};
        at = skip_blanks(t, skip_blanks(t, at) + 1); /* the comma, or the brace and the end */
    }
    return none;
}
