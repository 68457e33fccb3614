/* What of a stored file a request wants: conditions and ranges of RFC 9110, sections 13 and 14. Pure. */
#ifndef MEDIA_RANGE_H
#define MEDIA_RANGE_H

#include "mw/str.h"

#define HTTP_DATE_MAX 29 /* "Sun, 06 Nov 1994 08:49:37 GMT" */

/* Years 1970 to 9999; what lies outside is taken for the nearest. */
void http_date(int64_t unix_s, char out[static HTTP_DATE_MAX + 1]);

/* What http_date() makes, back. Other spellings of a date (RFC 9110 section 5.6.7 calls them obsolete), and what is
 * none: false. */
bool http_date_read(struct mw_str text, int64_t *unix_s);

/* The request's headers; absent where there is none. */
struct media_ask {
    struct mw_str if_none_match, if_modified_since, if_range, range; /* range: absent for HEAD */
};

/* The file as it is. */
struct media_file {
    struct mw_str etag; /* strong, with its quotes */
    int64_t modified_s;
    struct mw_str last_modified; /* the same as text */
    uint64_t size;               /* > 0 */
};

enum media_verdict {
    MEDIA_WHOLE = 0,    /* 200 */
    MEDIA_PART,         /* 206 */
    MEDIA_UNCHANGED,    /* 304 */
    MEDIA_UNSATISFIABLE /* 416 */
};

struct media_span {
    uint64_t first, len;
};

/* *span: what to send, all of it when WHOLE; untouched when UNCHANGED or UNSATISFIABLE. If-Range counts only with the
 * very tag or date that we gave; several ranges at once, or what is not understood, give the whole. */
enum media_verdict media_judge(const struct media_ask *ask, const struct media_file *file, struct media_span *span);

#endif
