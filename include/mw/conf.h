/* Options as tables: name, type, unit, bounds, default; one reader for `key value` files and for Mosquitto's
 * plugin_opt_* pairs. */
#ifndef MW_CONF_H
#define MW_CONF_H

#include "mw/err.h"
#include "mw/str.h"

enum mw_opt_type {
    MW_OPT_TEXT = 0, /* char[max + 1]; min..max bytes, printable UTF-8 */
    MW_OPT_PATH,     /* the same, and starts with '/' or './' or '../' or a letter; no control characters */
    MW_OPT_INT,      /* int64_t within min..max; no number here is ever negative */
    MW_OPT_BOOL,     /* bool: yes, no, true, false, on, off */
    MW_OPT_SECONDS,  /* int64_t; s, m, h, d */
    MW_OPT_SIZE,     /* int64_t bytes; K, M, G */
};

/* In the order in which a row of a table is read. NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding) */
struct mw_opt {
    const char *name;
    enum mw_opt_type type;
    size_t offset;    /* of the field in the options struct */
    int64_t min, max; /* numbers: bounds of the value; text: of its length in bytes */
    const char *def;  /* as it would be written; NULL: none */
    bool optional;    /* with def NULL: may be left out, the field stays zeroed; else it is required */
};

#define MW_CONF_ERROR_MAX 256
#define MW_CONF_OPTIONS_MAX 64

struct mw_conf_error {
    char text[MW_CONF_ERROR_MAX]; /* one line that names the option and what is wrong; never the value of a secret */
};

/* Reads options into a struct. seen[] tells which were given, so that doubles and missing ones are found. */
struct mw_conf {
    const struct mw_opt *opts;
    size_t count; /* <= MW_CONF_OPTIONS_MAX */
    void *into;
    bool seen[MW_CONF_OPTIONS_MAX];
};

/* Fills in every default; defaults are checked by the same code as values (a bad one is a MW_EINVAL with text). */
MW_MUST_CHECK enum mw_err mw_conf_begin(struct mw_conf *c, const struct mw_opt *opts, size_t count, void *into,
                                        struct mw_conf_error *err);
/* One option. Blanks around the value and a comment behind it are cut here: Mosquitto hands over the rest of the line
 * as it stands. MW_EINVAL: unknown (the text suggests the nearest name), given twice, or a bad value. */
MW_MUST_CHECK enum mw_err mw_conf_set(struct mw_conf *c, struct mw_str name, struct mw_str value,
                                      struct mw_conf_error *err);
/* Whole text of a file: `name value` lines, '#' at a line's start or behind a blank begins a comment, blanks around are
 * cut, CRLF accepted. The error text starts with "line N: ". Stops at the first bad line; what stood before it is set.
 */
MW_MUST_CHECK enum mw_err mw_conf_text(struct mw_conf *c, struct mw_str text, struct mw_conf_error *err);
/* MW_EINVAL when a required option was not given. */
MW_MUST_CHECK enum mw_err mw_conf_end(struct mw_conf *c, struct mw_conf_error *err);

#endif
