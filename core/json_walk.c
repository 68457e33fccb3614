#include "json_walk.h"

#include "bytes8.h"
#include "json_string.h"
#include "mw/json.h"

static size_t skip_blanks(struct mw_str t, size_t at) {
    while (at < t.len && (t.ptr[at] == ' ' || t.ptr[at] == '\n' || t.ptr[at] == '\t' || t.ptr[at] == '\r'))
        at++;
    return at;
}

/* How many bytes from here on are neither quote nor backslash; the first is neither. */
static size_t count_plain(struct mw_str t, size_t at) {
    if (t.len - at < 8) return 1;
    const uint64_t word = bytes8_load(t.ptr + at);
    return bytes8_before(bytes8_equal(word, '"') | bytes8_equal(word, '\\'));
}

/* From the opening quote to behind the closing one. */
static size_t skip_string(struct mw_str t, size_t at) {
    for (at++; at < t.len && t.ptr[at] != '"';)
        at += t.ptr[at] == '\\' ? 2 : count_plain(t, at);
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

static bool ends_scalar(char c) {
    return c == ',' || c == ']' || c == '}' || c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static size_t skip_scalar(struct mw_str t, size_t at) {
    while (at < t.len && !ends_scalar(t.ptr[at]))
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

static bool walk_into(struct mw_str text, char bracket, struct json_walk *w) {
    const size_t at = skip_blanks(text, 0);
    const bool fits = at < text.len && text.ptr[at] == bracket;
    *w = (struct json_walk){text, fits ? skip_blanks(text, at + 1) : text.len};
    return fits;
}

bool json_walk_object(struct mw_str text, struct json_walk *w) {
    return walk_into(text, '{', w);
}

bool json_walk_array(struct mw_str text, struct json_walk *w) {
    return walk_into(text, '[', w);
}

bool json_walk_element(struct json_walk *w, struct mw_str *value) {
    const struct mw_str t = w->text;
    if (w->at >= t.len || t.ptr[w->at] == ']' || t.ptr[w->at] == '}') return false;
    const size_t end = skip_value(t, w->at);
    *value = (struct mw_str){t.ptr + w->at, end - w->at};
    w->at = skip_blanks(t, end);
    if (w->at < t.len && t.ptr[w->at] == ',') w->at = skip_blanks(t, w->at + 1);
    return true;
}

bool json_walk_member(struct json_walk *w, struct mw_str *name, struct mw_str *value) {
    const struct mw_str t = w->text;
    if (w->at >= t.len || t.ptr[w->at] != '"') return false;
    const size_t name_at = w->at + 1, name_end = skip_string(t, w->at);
    *name = (struct mw_str){t.ptr + name_at, name_end > name_at ? name_end - name_at - 1 : 0};
    const size_t colon = skip_blanks(t, name_end);
    w->at = skip_blanks(t, colon < t.len ? colon + 1 : t.len);
    return json_walk_element(w, value);
}

struct mw_str json_walk_find(struct mw_str object, struct mw_str name) {
    char mem[JSON_WALK_NAME_MAX];
    struct json_walk walk;
    struct mw_str spelled, value;
    (void)json_walk_object(object, &walk); /* else there is no member */
    while (json_walk_member(&walk, &spelled, &value))
        if (mw_str_eq(json_unescape(spelled, mem, sizeof mem), name)) return value;
    return (struct mw_str){NULL, 0};
}

size_t mw_json_first_member(struct mw_str object_text) {
    struct json_walk walk;
    (void)json_walk_object(object_text, &walk); /* else at the end */
    return walk.at;
}
