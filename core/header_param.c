#include "header_param.h"

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool header_same(struct mw_str a, struct mw_str b) {
    if (!a.ptr || !b.ptr || a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i])) return false;
    return true;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

struct mw_str header_trim(struct mw_str s) {
    while (s.ptr && s.len > 0 && is_blank(s.ptr[0]))
        s = mw_str_skip(s, 1);
    while (s.ptr && s.len > 0 && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

static struct mw_str cut(struct mw_str *rest, size_t len) {
    struct mw_str head = mw_bytes(rest->ptr, len);
    *rest = mw_str_skip(*rest, len);
    return head;
}

struct mw_str header_first(struct mw_str *rest) {
    size_t len = 0;
    while (len < rest->len && rest->ptr[len] != ';')
        len++;
    return header_trim(cut(rest, len));
}

/* RFC 9110 section 5.6.2. */
static bool is_token(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static struct mw_str cut_token(struct mw_str *rest) {
    size_t len = 0;
    while (len < rest->len && is_token(rest->ptr[len]))
        len++;
    return cut(rest, len);
}

/* Where the quote at the beginning of s is closed; s.len or more: nowhere. */
static size_t find_quote(struct mw_str s, bool escapes) {
    size_t at = 1;
    while (at < s.len && s.ptr[at] != '"')
        at += escapes && s.ptr[at] == '\\' ? 2 : 1;
    return at;
}

/* *rest begins with the quote. False: there is none at its end. Browsers (WHATWG, multipart/form-data encoding) know no
 * escapes and send a backslash as it is: when all would be open with them, there are none. */
static bool cut_quoted(struct mw_str *rest, struct mw_str *value) {
    size_t at = find_quote(*rest, true);
    if (at >= rest->len) at = find_quote(*rest, false);
    if (at >= rest->len) return false;
    *value = mw_bytes(rest->ptr + 1, at - 1);
    *rest = mw_str_skip(*rest, at + 1);
    return true;
}

/* Up to the next ';', for clients that put a bare file name of any bytes there. */
static struct mw_str cut_bare(struct mw_str *rest) {
    return header_first(rest);
}

enum header_next header_next_param(struct mw_str *rest, struct header_param *out) {
    struct header_param p;
    *rest = header_trim(*rest);
    if (rest->len == 0) return HEADER_END;
    if (rest->ptr[0] != ';') return HEADER_BAD;
    *rest = header_trim(mw_str_skip(*rest, 1));
    if (rest->len == 0) return HEADER_END; /* a last ';' with nothing behind it is common */
    p.name = cut_token(rest);
    if (p.name.len == 0 || rest->len == 0 || rest->ptr[0] != '=') return HEADER_BAD;
    *rest = mw_str_skip(*rest, 1);
    if (rest->len > 0 && rest->ptr[0] == '"') {
        if (!cut_quoted(rest, &p.value)) return HEADER_BAD;
    } else {
        p.value = cut_bare(rest);
    }
    *out = p;
    return HEADER_PARAM;
}
