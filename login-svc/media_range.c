#include "media_range.h"

#include "mw/parse.h"

#include <stdio.h>
#include <time.h>

#define LAST_SECOND INT64_C(253402300799) /* of the year 9999 */

/* Not strftime() and strptime(): their names follow the locale. */
static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

void http_date(int64_t unix_s, char out[static HTTP_DATE_MAX + 1]) {
    const time_t t = (time_t)(unix_s < 0 ? 0 : unix_s > LAST_SECOND ? LAST_SECOND : unix_s);
    struct tm tm;
    char text[128]; /* room for what the compiler thinks possible */
    (void)gmtime_r(&t, &tm);
    (void)snprintf(text, sizeof text, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + 3 * tm.tm_wday, tm.tm_mday,
                   months + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
    memcpy(out, text, HTTP_DATE_MAX);
    out[HTTP_DATE_MAX] = '\0';
}

static bool read_digits(const char *at, size_t count, int *out) {
    int n = 0;
    for (size_t i = 0; i < count; i++) {
        if (at[i] < '0' || at[i] > '9') return false;
        n = n * 10 + (at[i] - '0');
    }
    *out = n;
    return true;
}

bool http_date_read(struct mw_str text, int64_t *unix_s) {
    struct tm tm = {0};
    char again[HTTP_DATE_MAX + 1];
    const char *at = text.ptr;
    if (!at || text.len != HTTP_DATE_MAX) return false;
    for (size_t month = 0; month < 12; month++)
        if (memcmp(at + 8, months + 3 * month, 3) == 0) tm.tm_mon = (int)month;
    if (!read_digits(at + 5, 2, &tm.tm_mday) || !read_digits(at + 12, 4, &tm.tm_year) ||
        !read_digits(at + 17, 2, &tm.tm_hour) || !read_digits(at + 20, 2, &tm.tm_min) ||
        !read_digits(at + 23, 2, &tm.tm_sec))
        return false;
    tm.tm_year -= 1900;
    const int64_t read_s = (int64_t)timegm(&tm);
    /* Whatever else is wrong with it (a 30th of February, another day of the week) does not come out again. */
    http_date(read_s, again);
    if (!mw_str_eq(mw_cstr(again), text)) return false;
    *unix_s = read_s;
    return true;
}

static struct mw_str skip_blanks(struct mw_str s) {
    while (s.ptr && s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
        s = mw_str_skip(s, 1);
    return s;
}

static struct mw_str trim(struct mw_str s) {
    s = skip_blanks(s);
    while (s.ptr && s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
        s.len--;
    return s;
}

/* ---- conditions ---- */

/* Cuts one entity tag off the list, without its W/. Absent at the end, and where the list breaks its form. */
static struct mw_str next_tag(struct mw_str *list) {
    struct mw_str s = *list;
    while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t' || s.ptr[0] == ','))
        s = mw_str_skip(s, 1);
    if (mw_str_starts(s, MW_STR("W/"))) s = mw_str_skip(s, 2);
    const char *end = s.len > 1 && s.ptr[0] == '"' ? memchr(s.ptr + 1, '"', s.len - 1) : NULL;
    if (!end) return (struct mw_str){NULL, 0};
    const size_t len = (size_t)(end - s.ptr) + 1;
    *list = mw_str_skip(s, len);
    return mw_bytes(s.ptr, len);
}

static bool names_tag(struct mw_str list, struct mw_str etag) {
    if (mw_str_eq(trim(list), MW_STR("*"))) return true;
    for (struct mw_str tag; (tag = next_tag(&list)).ptr;)
        if (mw_str_eq(tag, etag)) return true;
    return false;
}

/* If-None-Match decides alone where it is given; a date that is none counts as not given. */
static bool is_unchanged(const struct media_ask *ask, const struct media_file *file) {
    int64_t since_s;
    if (ask->if_none_match.ptr) return names_tag(ask->if_none_match, file->etag);
    return http_date_read(ask->if_modified_since, &since_s) && file->modified_s <= since_s;
}

/* A weak tag never equals here (RFC 9110 section 13.1.5). */
static bool range_counts(const struct media_ask *ask, const struct media_file *file) {
    if (!ask->range.ptr) return false;
    return !ask->if_range.ptr || mw_str_eq(ask->if_range, file->etag) || mw_str_eq(ask->if_range, file->last_modified);
}

/* ---- ranges ---- */

/* A number too big to hold is as good as the biggest. */
static bool read_number(struct mw_str s, uint64_t *out) {
    const enum mw_err err = mw_parse_u64(s, UINT64_MAX - 1, out);
    if (err == MW_ETOOBIG) {
        for (size_t i = 0; i < s.len; i++)
            if (s.ptr[i] < '0' || s.ptr[i] > '9') return false;
        *out = UINT64_MAX - 1;
    }
    return err == MW_OK || err == MW_ETOOBIG;
}

/* The one range after "bytes=". */
static enum media_verdict judge_spec(struct mw_str spec, uint64_t size, struct media_span *span) {
    const char *dash = spec.ptr && spec.len > 0 ? memchr(spec.ptr, '-', spec.len) : NULL;
    uint64_t first = 0, last = 0;
    if (!dash) return MEDIA_WHOLE;
    const size_t at = (size_t)(dash - spec.ptr);
    const struct mw_str from = mw_bytes(spec.ptr, at), to = mw_str_skip(spec, at + 1);
    if (from.len == 0) {
        if (!read_number(to, &last)) return MEDIA_WHOLE;
        if (last == 0) return MEDIA_UNSATISFIABLE;
        span->len = last < size ? last : size;
        span->first = size - span->len;
        return MEDIA_PART;
    }
    if (!read_number(from, &first) || (to.len > 0 && !read_number(to, &last))) return MEDIA_WHOLE;
    if (to.len > 0 && last < first) return MEDIA_WHOLE;
    if (first >= size) return MEDIA_UNSATISFIABLE;
    if (to.len == 0 || last >= size) last = size - 1;
    *span = (struct media_span){first, last - first + 1};
    return MEDIA_PART;
}

static bool is_bytes(struct mw_str unit) {
    static const char name[] = "bytes=";
    if (unit.len < sizeof name - 1) return false;
    for (size_t i = 0; i < sizeof name - 2; i++)
        if ((unit.ptr[i] | 0x20) != name[i]) return false;
    return unit.ptr[sizeof name - 2] == '=';
}

enum media_verdict media_judge(const struct media_ask *ask, const struct media_file *file, struct media_span *span) {
    struct media_span part;
    enum media_verdict verdict = MEDIA_WHOLE;
    if (is_unchanged(ask, file)) return MEDIA_UNCHANGED;
    if (range_counts(ask, file) && is_bytes(ask->range))
        verdict = judge_spec(trim(mw_str_skip(ask->range, sizeof "bytes=" - 1)), file->size, &part);
    if (verdict == MEDIA_WHOLE) *span = (struct media_span){0, file->size};
    if (verdict == MEDIA_PART) *span = part;
    return verdict;
}
