#include "mw/log.h"

#include "utf8_step.h"

#include <stdarg.h>
#include <stdio.h>

/* Rewrites the line in place: a control character or a byte that is not UTF-8 becomes one '?'. Never longer than
 * before. When the line was cut, the remains of a character at its end are dropped instead. */
static void make_printable(char *line, size_t len, bool cut) {
    const unsigned char *at = (const unsigned char *)line, *const end = at + len;
    char *to = line;
    while (at < end) {
        uint32_t cp = 0;
        size_t step = utf8_step(at, end, &cp);
        if (step == 0 && cut && end - at < 4 && *at >= 0xc2) break;
        if (step == 0 || utf8_is_control(cp)) {
            *to++ = '?';
            at += step ? step : 1;
            continue;
        }
        while (step-- > 0)
            *to++ = (char)*at++;
    }
    *to = '\0';
}

void mw_log(const struct mw_log *log, enum mw_log_level level, const char *event, const char *fmt, ...) {
    if (!log || level > log->max) return;
    char line[MW_LOG_LINE_MAX];
    struct mw_buf b = mw_buf_over(line, sizeof line - 1); /* the last byte is for the NUL */
    mw_buf_put(&b, mw_cstr(event));
    mw_buf_putc(&b, ' ');
    if (b.overflow) return; /* no event's name is that long */

    va_list args;
    va_start(args, fmt);
    const int wanted = vsnprintf(line + b.len, sizeof line - b.len, fmt, args);
    va_end(args);
    size_t len = b.len;
    bool cut = false;
    if (wanted > 0) {
        cut = (size_t)wanted >= sizeof line - b.len;
        len = cut ? sizeof line - 1 : b.len + (size_t)wanted;
    } else {
        len--; /* nothing behind the name: no blank either */
    }
    make_printable(line, len, cut);
    log->line(log->ctx, level, line);
}

static bool is_plain_char(unsigned char c) {
    return c > 0x20 && c < 0x7f && c != '"' && c != '\'' && c != '=' && c != '\\';
}

static bool is_plain(struct mw_str value) {
    if (value.len == 0 || value.len > 64) return false;
    for (size_t i = 0; i < value.len; i++)
        if (!is_plain_char((unsigned char)value.ptr[i])) return false;
    return true;
}

/* One byte as it stands between the quotes: itself or \xHH. */
static struct mw_str quoted_byte(unsigned char c, char mem[static 4]) {
    static const char hex[] = "0123456789abcdef";
    if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
        mem[0] = (char)c;
        return mw_bytes(mem, 1);
    }
    mem[0] = '\\';
    mem[1] = 'x';
    mem[2] = hex[c >> 4];
    mem[3] = hex[c & 15];
    return mw_bytes(mem, 4);
}

const char *mw_logval(struct mw_str value, char out[static MW_LOGVAL_MAX]) {
    static const size_t tail = sizeof "...\"" - 1; /* what a cut value needs behind it */
    struct mw_buf b = mw_buf_over(out, MW_LOGVAL_MAX - 1);
    if (!value.ptr) {
        mw_buf_putc(&b, '-');
        return mw_buf_cstr(&b);
    }
    if (is_plain(value)) {
        mw_buf_put(&b, value);
        out[b.len] = '\0';
        return out;
    }
    size_t fits = 1; /* length of the longest beginning that leaves room for the tail */
    char mem[4];
    mw_buf_putc(&b, '"');
    for (size_t i = 0; i < value.len && !b.overflow; i++) {
        mw_buf_put(&b, quoted_byte((unsigned char)value.ptr[i], mem));
        if (b.len + tail <= b.cap) fits = b.len;
    }
    mw_buf_putc(&b, '"');
    if (b.overflow) {
        b.len = fits;
        b.overflow = false;
        mw_buf_put(&b, MW_STR("...\""));
    }
    out[b.len] = '\0';
    return out;
}
