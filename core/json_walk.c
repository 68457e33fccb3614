#include "json_walk.h"

static size_t skip_blanks(struct mw_str t, size_t at) {
    while (at < t.len && (t.ptr[at] == ' ' || t.ptr[at] == '\n' || t.ptr[at] == '\t' || t.ptr[at] == '\r'))
        at++;
    return at;
}

/* From the opening quote to behind the closing one, which is the first that no backslash escapes. */
static size_t skip_string(struct mw_str t, size_t at) {
    const size_t first = at + 1;
    for (at = first; at < t.len; at++) {
        const char *quote = memchr(t.ptr + at, '"', t.len - at);
        if (!quote) break;
        at = (size_t)(quote - t.ptr);
        size_t slashes = 0;
        while (at - slashes > first && t.ptr[at - slashes - 1] == '\\')
            slashes++;
        if (slashes % 2 == 0) return at + 1;
    }
    return t.len;
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

static uint32_t hex4(const char *digits) {
    uint32_t value = 0;
    for (unsigned i = 0; i < 4; i++) {
        const uint32_t c = (unsigned char)digits[i];
        value = value << 4 | ((c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10) & 15);
    }
    return value;
}

static void put_utf8(struct mw_buf *b, uint32_t cp) {
    const char four[] = {(char)(0xf0 | cp >> 18), (char)(0x80 | (cp >> 12 & 0x3f)), (char)(0x80 | (cp >> 6 & 0x3f)),
                         (char)(0x80 | (cp & 0x3f))};
    const char three[] = {(char)(0xe0 | cp >> 12), four[2], four[3]};
    const char two[] = {(char)(0xc0 | cp >> 6), four[3]};
    if (cp >= 0x10000)
        mw_buf_put(b, mw_bytes(four, sizeof four));
    else if (cp >= 0x800)
        mw_buf_put(b, mw_bytes(three, sizeof three));
    else if (cp >= 0x80)
        mw_buf_put(b, mw_bytes(two, sizeof two));
    else
        mw_buf_putc(b, (char)cp);
}

/* At the backslash; returns how many bytes the escape takes. */
static size_t put_unescaped(struct mw_buf *b, struct mw_str s) {
    static const char meant[128] = {
        ['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t'};
    if (s.len < 2) return s.len;
    const unsigned char letter = (unsigned char)s.ptr[1];
    if (letter != 'u') {
        mw_buf_putc(b, letter < 128 ? meant[letter] : '?');
        return 2;
    }
    if (s.len < 6) return s.len;
    const uint32_t unit = hex4(s.ptr + 2);
    if (unit < 0xd800 || unit > 0xdbff || s.len < 12) {
        put_utf8(b, unit);
        return 6;
    }
    put_utf8(b, 0x10000 + ((unit & 0x3ff) << 10) + (hex4(s.ptr + 8) & 0x3ff));
    return 12;
}

struct mw_str json_unescape(struct mw_str spelled, char *mem, size_t cap) {
    struct mw_buf b = mw_buf_over(mem, cap);
    if (spelled.len == 0 || !memchr(spelled.ptr, '\\', spelled.len)) return spelled;
    while (spelled.len > 0) {
        const char *slash = memchr(spelled.ptr, '\\', spelled.len);
        const size_t plain = slash ? (size_t)(slash - spelled.ptr) : spelled.len;
        mw_buf_put(&b, (struct mw_str){spelled.ptr, plain});
        spelled = mw_str_skip(spelled, plain);
        if (spelled.len > 0) spelled = mw_str_skip(spelled, put_unescaped(&b, spelled));
    }
    return b.overflow ? (struct mw_str){NULL, 0} : mw_buf_str(&b);
}

bool json_string_value(struct mw_str value, char *out, size_t cap) {
    if (value.len < 2 || value.ptr[0] != '"' || value.ptr[value.len - 1] != '"' || cap == 0) return false;
    const struct mw_str text = json_unescape((struct mw_str){value.ptr + 1, value.len - 2}, out, cap - 1);
    if (!text.ptr || text.len >= cap) return false;
    if (text.ptr != out) memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    return true;
}
