#include "mw/multipart.h"

#include "header_param.h"

enum state { START = 0, BEHIND_DELIMITER, HEAD, BODY, DONE, BROKEN };

/* ---- Content-Type ---- */

/* RFC 2046 section 5.1.1: not everything that may stand in quotes. */
static bool is_boundary(struct mw_str s) {
    if (s.len == 0 || s.len > MW_MULTIPART_BOUNDARY_MAX || s.ptr[s.len - 1] == ' ') return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain && (c == '\0' || !strchr("'()+_,-./:=? ", c))) return false;
    }
    return true;
}

enum mw_err mw_multipart_start(struct mw_multipart *m, struct mw_str content_type) {
    struct mw_str boundary = {NULL, 0};
    struct header_param param;
    enum header_next next;
    if (!header_same(header_first(&content_type), MW_STR("multipart/form-data"))) return MW_EINVAL;
    while ((next = header_next_param(&content_type, &param)) == HEADER_PARAM) {
        if (!header_same(param.name, MW_STR("boundary"))) continue;
        if (boundary.ptr) return MW_EINVAL;
        boundary = param.value;
    }
    if (next == HEADER_BAD || !boundary.ptr || !is_boundary(boundary)) return MW_EINVAL;
    memcpy(m->delimiter, "\r\n--", 4);
    memcpy(m->delimiter + 4, boundary.ptr, boundary.len);
    m->delimiter_len = 4 + boundary.len;
    m->state = START;
    return MW_OK;
}

/* ---- the headers of a part ---- */

static const char bad_head[] = "A part's headers are not of the form that multipart/form-data has.";

/* NULL, or what is wrong. */
static const char *read_disposition(struct mw_str value, bool *is_file) {
    struct header_param param;
    enum header_next next;
    if (!header_same(header_first(&value), MW_STR("form-data"))) return bad_head;
    while ((next = header_next_param(&value, &param)) == HEADER_PARAM)
        if (header_same(param.name, MW_STR("filename")) || header_same(param.name, MW_STR("filename*")))
            *is_file = true;
    return next == HEADER_BAD ? bad_head : NULL;
}

static const char *read_encoding(struct mw_str value) {
    static const char *const plain[] = {"binary", "8bit", "7bit"};
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (header_same(value, mw_cstr(plain[i]))) return NULL;
    return "A part has a Content-Transfer-Encoding. Send the bytes as they are.";
}

static const char *read_line(struct mw_str line, bool *is_file) {
    for (size_t i = 0; i < line.len; i++)
        if ((unsigned char)line.ptr[i] < ' ' && line.ptr[i] != '\t') return bad_head;
    const char *colon = memchr(line.ptr, ':', line.len);
    if (!colon || colon == line.ptr || line.ptr[0] == ' ' || line.ptr[0] == '\t') return bad_head;
    const size_t name_len = (size_t)(colon - line.ptr);
    const struct mw_str name = mw_bytes(line.ptr, name_len), value = header_trim(mw_str_skip(line, name_len + 1));
    if (header_same(name, MW_STR("Content-Disposition"))) return read_disposition(value, is_file);
    if (header_same(name, MW_STR("Content-Transfer-Encoding"))) return read_encoding(value);
    return NULL;
}

/* lines: each with its CR LF. */
static const char *read_head(struct mw_str lines, bool *is_file) {
    const char *wrong = NULL;
    while (lines.len > 0 && !wrong) {
        const char *end = memmem(lines.ptr, lines.len, "\r\n", 2);
        const size_t len = end ? (size_t)(end - lines.ptr) : lines.len;
        wrong = read_line(mw_bytes(lines.ptr, len), is_file);
        lines = mw_str_skip(lines, len + 2);
    }
    return wrong;
}

/* ---- the body ---- */

static struct mw_multipart_step bad(struct mw_multipart *m, const char *why) {
    m->state = BROKEN;
    return (struct mw_multipart_step){.event = MW_MULTIPART_BAD, .why = why};
}

static struct mw_multipart_step more(size_t used) {
    return (struct mw_multipart_step){.event = MW_MULTIPART_MORE, .used = used};
}

/* Where in s the delimiter stands, or begins without its end being there yet; s.len: nowhere. *whole tells which. */
static size_t find_delimiter(const struct mw_multipart *m, struct mw_str s, bool *whole) {
    const char *at = s.ptr, *end = s.ptr + s.len;
    *whole = false;
    while (at < end && (at = memchr(at, '\r', (size_t)(end - at)))) {
        const size_t left = (size_t)(end - at), len = left < m->delimiter_len ? left : m->delimiter_len;
        if (memcmp(at, m->delimiter, len) == 0) {
            *whole = len == m->delimiter_len;
            return (size_t)(at - s.ptr);
        }
        at++;
    }
    return s.len;
}

/* Nothing may stand before the first boundary but the line break that belongs to it. */
static struct mw_multipart_step at_start(struct mw_multipart *m, struct mw_str w, bool *go_on) {
    const size_t skip = w.len > 0 && w.ptr[0] == '\r' ? 0 : 2; /* of the delimiter: its line break is not there */
    const size_t want = m->delimiter_len - skip, len = w.len < want ? w.len : want;
    if (memcmp(w.ptr, m->delimiter + skip, len) != 0)
        return bad(m, "The body does not begin with the boundary that Content-Type names.");
    if (len < want) return more(0);
    m->state = BEHIND_DELIMITER;
    *go_on = true;
    return more(want);
}

static struct mw_multipart_step behind_delimiter(struct mw_multipart *m, struct mw_str w, bool *go_on) {
    size_t at = 0;
    if (w.len >= 2 && w.ptr[0] == '-' && w.ptr[1] == '-') {
        m->state = DONE;
        return (struct mw_multipart_step){.event = MW_MULTIPART_END, .used = 2};
    }
    if (w.len == 1 && w.ptr[0] == '-') return more(0);
    while (at < w.len && at < MW_MULTIPART_PADDING_MAX && (w.ptr[at] == ' ' || w.ptr[at] == '\t'))
        at++;
    if (w.len == at || (w.len == at + 1 && w.ptr[at] == '\r')) return more(0);
    if (w.ptr[at] != '\r' || w.ptr[at + 1] != '\n') return bad(m, "A boundary does not end with its line.");
    m->state = HEAD;
    *go_on = true;
    return more(at + 2);
}

static struct mw_multipart_step in_head(struct mw_multipart *m, struct mw_str w) {
    struct mw_multipart_step step = {.event = MW_MULTIPART_PART};
    const size_t seen = w.len < MW_MULTIPART_HEAD_MAX ? w.len : MW_MULTIPART_HEAD_MAX;
    const char *end = memmem(w.ptr, seen, "\r\n\r\n", 4);
    if (seen >= 2 && memcmp(w.ptr, "\r\n", 2) == 0) {
        step.used = 2; /* no headers at all */
    } else if (end) {
        step.used = (size_t)(end - w.ptr) + 4;
        const char *wrong = read_head(mw_bytes(w.ptr, step.used - 2), &step.is_file);
        if (wrong) return bad(m, wrong);
    } else if (seen == MW_MULTIPART_HEAD_MAX) {
        return bad(m, "A part's headers are too long.");
    } else {
        return more(0);
    }
    m->state = BODY;
    return step;
}

static struct mw_multipart_step in_body(struct mw_multipart *m, struct mw_str w, bool *go_on) {
    bool whole;
    const size_t len = find_delimiter(m, w, &whole);
    if (len > 0)
        return (struct mw_multipart_step){.event = MW_MULTIPART_DATA, .used = len, .data = mw_bytes(w.ptr, len)};
    if (!whole) return more(0);
    m->state = BEHIND_DELIMITER;
    *go_on = true;
    return more(m->delimiter_len);
}

static struct mw_multipart_step step_once(struct mw_multipart *m, struct mw_str w, bool *go_on) {
    switch ((enum state)m->state) {
    case DONE:
        return (struct mw_multipart_step){.event = MW_MULTIPART_END, .used = w.len};
    case BROKEN:
    default:
        return bad(m, "The body is not multipart/form-data.");
    case START:
        return w.len > 0 ? at_start(m, w, go_on) : more(0);
    case BEHIND_DELIMITER:
        return behind_delimiter(m, w, go_on);
    case HEAD:
        return in_head(m, w);
    case BODY:
        return in_body(m, w, go_on);
    }
}

struct mw_multipart_step mw_multipart_next(struct mw_multipart *m, struct mw_str window) {
    size_t used = 0;
    for (;;) {
        bool go_on = false; /* something was read that is no event by itself */
        const struct mw_str rest = mw_str_skip(window, used);
        struct mw_multipart_step step = step_once(m, rest.ptr ? rest : MW_STR(""), &go_on);
        used += step.used;
        step.used = used;
        if (!go_on) return step;
    }
}
