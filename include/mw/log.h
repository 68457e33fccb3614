/* One line per event: the event's name first, then key=value pairs, units in the keys.
 * Never a token, login code, session_key, secret, openid, payload or URL with a query, at any level. */
#ifndef MW_LOG_H
#define MW_LOG_H

#include "mw/str.h"

enum mw_log_level { MW_LOG_ERROR = 0, MW_LOG_WARN, MW_LOG_INFO, MW_LOG_DEBUG };

/* The sink gets one finished, NUL-terminated line without newline, of printable bytes and valid or replaced UTF-8 only.
 * It must not block for long: the plugin's is called on the broker's thread. */
struct mw_log {
    void (*line)(void *ctx, enum mw_log_level level, const char *line);
    void *ctx;
    enum mw_log_level max; /* levels above it are dropped before formatting */
};

#define MW_LOG_LINE_MAX 1024

/* Longer lines are cut, control characters replaced by '?': a value can not forge a line. log may be NULL: nothing is
 * logged. */
void mw_log(const struct mw_log *log, enum mw_log_level level, const char *event, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#define MW_LOGVAL_MAX 160
/* A value from outside, made safe to stand behind "key=": as it is when it is 1..64 bytes of printable ASCII without
 * space, quote,
 * '=' and backslash; else in double quotes with \xHH escapes and cut with "..." ; absent gives "-". Returns out. */
const char *mw_logval(struct mw_str value, char out[static MW_LOGVAL_MAX]);

#endif
