/* m1: what a client says. One JSON object; members not named in DESIGN section 3 are refused, so that nothing the
 * plugin says can be said by a client. */
#ifndef MW_M1_H
#define MW_M1_H

#include "mw/err.h"
#include "mw/str.h"

#define MW_M1_REF_MAX 64
#define MW_M1_TEXT_CHARS_MAX 2000
#define MW_M1_DATA_MAX 4096 /* bytes of the custom data's own text */
#define MW_M1_EXT_MAX 1024
#define MW_M1_ESCAPED_URL_MAX 1024 /* bytes that a URL with escapes may stand for */
#define MW_ID_DIGITS_MAX 19

enum mw_m1_type {
    MW_M1_NONE = 0,
    MW_M1_TEXT,
    MW_M1_IMAGE,
    MW_M1_VOICE,
    MW_M1_VIDEO,
    MW_M1_FILE,
    MW_M1_CUSTOM,
    MW_M1_RECALL,
};

struct mw_m1_rules {
    size_t max_bytes; /* of the whole payload */
    /* A media URL is this, a '/' unless it ends with one, and the name of a stored file (mw/media.h) of a type that the
     * message may carry: image, a picture; voice, sound, or MP4, which phones record into; video, MP4; file, any.
     * Absent or empty: no media messages. */
    struct mw_str media_url;
};

struct mw_m1 {
    enum mw_m1_type type;
    bool transient;                /* custom with "transient":true */
    char ref[MW_M1_REF_MAX + 1];   /* "" when absent; valid UTF-8 without control characters */
    char of[MW_ID_DIGITS_MAX + 1]; /* recall: the id */
    size_t first_member;           /* offset of the first member's quote in the payload */
};

/* MW_OK: *out is filled. Else *out->ref holds the ref when the payload was JSON enough to tell, everything else is
 * undefined, and *why is a short English sentence for the sender that quotes nothing of the payload. MW_EINVAL or
 * MW_ETOOBIG. Needs no memory. */
MW_MUST_CHECK enum mw_err mw_m1_check(struct mw_str payload, const struct mw_m1_rules *rules, struct mw_m1 *out,
                                      const char **why);

/* A decimal id of 1..19 digits without leading zero that fits 63 bits and is not 0. */
bool mw_is_id(struct mw_str s);

#endif
