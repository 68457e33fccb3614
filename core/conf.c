#include "mw/conf.h"

#include "mw/parse.h"
#include "mw/utf8.h"

#define VALUE_SHOWN_MAX 48 /* bytes of a bad value or name that an error quotes */
#define NAME_MAX_LEN 64    /* longer names are not compared with ours */
#define SUGGEST_MAX 3      /* edits between a name and the one suggested for it */

struct unit {
    const char *letter;
    int64_t factor;
};

static const struct unit no_units[] = {{"", 1}, {NULL, 0}};
static const struct unit durations[] = {{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}, {NULL, 0}};
static const struct unit sizes[] = {{"G", 1 << 30}, {"M", 1 << 20}, {"K", 1 << 10}, {"", 1}, {NULL, 0}};

static enum mw_err parse_int(struct mw_str s, int64_t max, int64_t *out) {
    uint64_t value = 0;
    const enum mw_err err = mw_parse_u64(s, (uint64_t)max, &value);
    if (err == MW_OK) *out = (int64_t)value;
    return err;
}

struct number {
    const char *what, *form; /* for the error: "is not <what> (<form>…" */
    enum mw_err (*parse)(struct mw_str s, int64_t max, int64_t *out);
    const struct unit *units; /* largest first, to print bounds with */
};

static const struct number whole = {"a whole number", "", parse_int, no_units};
static const struct number duration = {"a duration", "a number with s, m, h or d, ", mw_parse_duration_s, durations};
static const struct number size = {"a size", "a number with K, M or G, ", mw_parse_size, sizes};

static const struct {
    struct mw_str word;
    bool value;
} bools[] = {{{"yes", 3}, true}, {{"true", 4}, true},   {{"on", 2}, true},
             {{"no", 2}, false}, {{"false", 5}, false}, {{"off", 3}, false}};

/* An error is put together in the caller's text and always leaves room for the NUL. */
static struct mw_buf error_begin(struct mw_conf_error *err) {
    err->text[0] = '\0';
    return mw_buf_over(err->text, sizeof err->text - 1);
}

static enum mw_err error_end(struct mw_buf *why) {
    why->ptr[why->len] = '\0';
    return MW_EINVAL;
}

static void put(struct mw_buf *why, const char *text) {
    mw_buf_put(why, mw_cstr(text));
}

static bool is_printable(struct mw_str s) {
    bool controls = true;
    return mw_utf8_check(s, NULL, &controls) && !controls;
}

/* s is printable. In quotes, cut at a character's border. */
static void put_quoted(struct mw_buf *why, struct mw_str s) {
    const bool cut = s.len > VALUE_SHOWN_MAX;
    if (cut) {
        s.len = VALUE_SHOWN_MAX;
        while (s.len > 0 && ((unsigned char)s.ptr[s.len] & 0xc0) == 0x80)
            s.len--;
    }
    mw_buf_put_json(why, s);
    if (cut) put(why, "...");
}

static void put_name(struct mw_buf *why, const struct mw_opt *opt) {
    put(why, opt->name);
    put(why, ": ");
}

static enum mw_err fail(struct mw_buf *why, const struct mw_opt *opt, const char *text) {
    put_name(why, opt);
    put(why, text);
    return MW_EINVAL;
}

static void put_number(struct mw_buf *why, const struct number *n, int64_t v) {
    const struct unit *u = n->units;
    while (u[1].letter && (v == 0 || v % u->factor != 0))
        u++;
    mw_buf_puti(why, v / u->factor);
    if (v != 0) put(why, u->letter);
}

static void put_bounds(struct mw_buf *why, const struct number *n, const struct mw_opt *opt) {
    put(why, opt->max == INT64_MAX ? "at least " : "from ");
    put_number(why, n, opt->min);
    if (opt->max == INT64_MAX) return;
    put(why, " to ");
    put_number(why, n, opt->max);
}

static enum mw_err set_number(const struct mw_opt *opt, const struct number *n, struct mw_str value, void *field,
                              struct mw_buf *why) {
    int64_t v = 0;
    const enum mw_err err = n->parse(value, opt->max, &v);
    if (err == MW_OK && v >= opt->min) {
        memcpy(field, &v, sizeof v);
        return MW_OK;
    }
    put_name(why, opt);
    put_quoted(why, value);
    put(why, err == MW_EINVAL ? " is not " : " is out of bounds (");
    if (err == MW_EINVAL) {
        put(why, n->what);
        put(why, " (");
        put(why, n->form);
    }
    put_bounds(why, n, opt);
    put(why, ")");
    return MW_EINVAL;
}

static enum mw_err set_bool(const struct mw_opt *opt, struct mw_str value, void *field, struct mw_buf *why) {
    for (size_t i = 0; i < sizeof bools / sizeof bools[0]; i++)
        if (mw_str_eq(value, bools[i].word)) {
            memcpy(field, &bools[i].value, sizeof(bool));
            return MW_OK;
        }
    put_name(why, opt);
    put_quoted(why, value);
    put(why, " is neither yes nor no");
    return MW_EINVAL;
}

static enum mw_err set_text(const struct mw_opt *opt, struct mw_str value, char *field, struct mw_buf *why) {
    const int64_t len = (int64_t)value.len;
    if (len < opt->min || len > opt->max) {
        const bool longer = len > opt->max;
        put_name(why, opt);
        put(why, longer ? "too long (at most " : "too short (at least ");
        mw_buf_puti(why, longer ? opt->max : opt->min);
        put(why, " bytes)");
        return MW_EINVAL;
    }
    memset(field, 0, (size_t)opt->max + 1);
    memcpy(field, value.ptr, value.len);
    return MW_OK;
}

static bool is_path(struct mw_str s) {
    if (s.len == 0) return false;
    const char c = s.ptr[0];
    return c == '/' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || mw_str_starts(s, MW_STR("./")) ||
           mw_str_starts(s, MW_STR("../"));
}

static enum mw_err set_path(const struct mw_opt *opt, struct mw_str value, char *field, struct mw_buf *why) {
    if (is_path(value)) return set_text(opt, value, field, why);
    put_name(why, opt);
    put_quoted(why, value);
    put(why, " is not a path");
    return MW_EINVAL;
}

static enum mw_err set_field(const struct mw_opt *opt, struct mw_str value, void *into, struct mw_buf *why) {
    char *field = (char *)into + opt->offset;

    if (!value.ptr || (value.len == 0 && !(opt->type == MW_OPT_TEXT && opt->min == 0)))
        return fail(why, opt, "no value");
    if (!is_printable(value)) return fail(why, opt, "not printable UTF-8");
    switch (opt->type) {
    case MW_OPT_TEXT:
        return set_text(opt, value, field, why);
    case MW_OPT_PATH:
        return set_path(opt, value, field, why);
    case MW_OPT_INT:
        return set_number(opt, &whole, value, field, why);
    case MW_OPT_BOOL:
        return set_bool(opt, value, field, why);
    case MW_OPT_SECONDS:
        return set_number(opt, &duration, value, field, why);
    case MW_OPT_SIZE:
        return set_number(opt, &size, value, field, why);
    }
    return fail(why, opt, "no such type");
}

static void zero_field(const struct mw_opt *opt, void *into) {
    const bool is_text = opt->type == MW_OPT_TEXT || opt->type == MW_OPT_PATH;
    const size_t len = is_text ? (size_t)opt->max + 1 : opt->type == MW_OPT_BOOL ? sizeof(bool) : sizeof(int64_t);
    memset((char *)into + opt->offset, 0, len);
}

/* Levenshtein distance with one row; both at most NAME_MAX_LEN long. */
static size_t edits(struct mw_str a, struct mw_str b) {
    size_t row[NAME_MAX_LEN + 1];
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 0; i < a.len; i++) {
        size_t corner = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < b.len; j++) {
            const size_t replace = corner + (a.ptr[i] != b.ptr[j]);
            corner = row[j + 1];
            row[j + 1] = (corner < row[j] ? corner : row[j]) + 1;
            if (replace < row[j + 1]) row[j + 1] = replace;
        }
    }
    return row[b.len];
}

static const char *nearest(const struct mw_conf *c, struct mw_str name) {
    const char *best = NULL;
    size_t fewest = SUGGEST_MAX + 1;
    if (name.len > NAME_MAX_LEN) return NULL;
    for (size_t i = 0; i < c->count; i++) {
        const struct mw_str known = mw_cstr(c->opts[i].name);
        if (known.len > NAME_MAX_LEN) continue;
        const size_t n = edits(name, known);
        if (n >= fewest || n * 2 > known.len) continue; /* half of it differs: another word, not a slip */
        fewest = n;
        best = c->opts[i].name;
    }
    return best;
}

static enum mw_err fail_unknown(const struct mw_conf *c, struct mw_str name, struct mw_buf *why) {
    if (!is_printable(name)) {
        put(why, "unknown option: its name is not printable UTF-8");
        return MW_EINVAL;
    }
    const char *near = nearest(c, name);
    put(why, "unknown option ");
    put_quoted(why, name);
    if (near) {
        put(why, ": did you mean ");
        put_quoted(why, mw_cstr(near));
        put(why, "?");
    }
    return MW_EINVAL;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static struct mw_str trim(struct mw_str s) {
    while (s.len > 0 && is_blank(s.ptr[0]))
        s = mw_str_skip(s, 1);
    while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

/* Cuts off a comment: '#' at the start or behind a blank. */
static struct mw_str uncomment(struct mw_str s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] == '#' && (i == 0 || is_blank(s.ptr[i - 1]))) s.len = i;
    return trim(s);
}

static enum mw_err set(struct mw_conf *c, struct mw_str name, struct mw_str value, struct mw_buf *why) {
    for (size_t i = 0; i < c->count; i++) {
        if (!mw_str_eq(name, mw_cstr(c->opts[i].name))) continue;
        if (c->seen[i]) return fail(why, &c->opts[i], "given twice");
        const enum mw_err err = set_field(&c->opts[i], uncomment(value), c->into, why);
        if (err == MW_OK) c->seen[i] = true;
        return err;
    }
    return fail_unknown(c, name, why);
}

enum mw_err mw_conf_begin(struct mw_conf *c, const struct mw_opt *opts, size_t count, void *into,
                          struct mw_conf_error *err) {
    struct mw_buf why = error_begin(err);
    if (count > MW_CONF_OPTIONS_MAX) {
        put(&why, "more options than the reader holds");
        return error_end(&why);
    }
    *c = (struct mw_conf){.opts = opts, .count = count, .into = into};
    for (size_t i = 0; i < count; i++) {
        zero_field(&opts[i], into);
        if (opts[i].def && set_field(&opts[i], mw_cstr(opts[i].def), into, &why) != MW_OK) {
            put(&why, " (its default)");
            return error_end(&why);
        }
    }
    return MW_OK;
}

enum mw_err mw_conf_set(struct mw_conf *c, struct mw_str name, struct mw_str value, struct mw_conf_error *err) {
    struct mw_buf why = error_begin(err);
    return set(c, name, value, &why) == MW_OK ? MW_OK : error_end(&why);
}

enum mw_err mw_conf_text(struct mw_conf *c, struct mw_str text, struct mw_conf_error *err) {
    for (int64_t number = 1; text.len > 0; number++) {
        const char *end = memchr(text.ptr, '\n', text.len);
        struct mw_str line = {text.ptr, end ? (size_t)(end - text.ptr) : text.len};

        text = mw_str_skip(text, line.len + 1);
        if (line.len > 0 && line.ptr[line.len - 1] == '\r') line.len--;
        line = trim(line);
        if (line.len == 0 || line.ptr[0] == '#') continue;

        struct mw_str name = {line.ptr, 0};
        while (name.len < line.len && !is_blank(line.ptr[name.len]))
            name.len++;
        struct mw_buf why = error_begin(err);
        put(&why, "line ");
        mw_buf_puti(&why, number);
        put(&why, ": ");
        if (set(c, name, mw_str_skip(line, name.len), &why) != MW_OK) return error_end(&why);
    }
    err->text[0] = '\0';
    return MW_OK;
}

enum mw_err mw_conf_end(struct mw_conf *c, struct mw_conf_error *err) {
    for (size_t i = 0; i < c->count; i++) {
        if (c->seen[i] || c->opts[i].def || c->opts[i].optional) continue;
        struct mw_buf why = error_begin(err);
        (void)fail(&why, &c->opts[i], "required, but not given");
        return error_end(&why);
    }
    return MW_OK;
}
