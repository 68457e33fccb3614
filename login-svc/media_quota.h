/* What a user may send: so many bytes a day (UTC), so many uploads at once. Any thread.
 *
 * What was accepted is written down in <media store>/quota/<day>, a line "<uid> <bytes>" each, so that a restart
 * forgets nothing; a line that a crash tore is passed over. */
#ifndef MEDIA_QUOTA_H
#define MEDIA_QUOTA_H

#include "media_store.h"
#include "mw/identity.h"

struct media_quota;

struct media_quota_limits {
    uint64_t bytes_a_day;
    /* Under way at once. While there are fewer than uploads_at_leisure in all, one user may have more of them. */
    unsigned uploads_of_user, uploads_at_leisure, uploads_of_all;
};

/* dir: the store's folder, which must stay open. Reads what was accepted today, and removes what other days left. */
MW_MUST_CHECK enum mw_err media_quota_open(int dir, const struct media_quota_limits *limits, int64_t now_s,
                                           struct media_quota **out, struct media_error *err);
/* Takes &q, allows NULL, clears. Every claim must have ended. */
void media_quota_close(struct media_quota **q);

enum media_verdict_quota {
    MEDIA_QUOTA_OK = 0,
    MEDIA_QUOTA_EXCEEDED,
    MEDIA_QUOTA_USER_BUSY, /* this user has too many uploads under way */
    MEDIA_QUOTA_ALL_BUSY,  /* everybody together has */
    MEDIA_QUOTA_NO_MEMORY
};

struct media_claim {
    char uid[MW_UID_LEN + 1]; /* "": none */
    uint64_t held;            /* bytes set aside for this upload, so that several at once can not go over together */
};

/* An upload of `bytes` at least begins. OK: *claim is to be ended. */
enum media_verdict_quota media_quota_begin(struct media_quota *q, const char uid[static MW_UID_LEN + 1], uint64_t bytes,
                                           int64_t now_s, struct media_claim *claim);
/* It has come to so many bytes. False: more than are left. */
bool media_quota_grow(struct media_quota *q, struct media_claim *claim, uint64_t bytes, int64_t now_s);
/* It is accepted with so many bytes: they are used up from here on. May wait for the disk. On failure they are not. */
MW_MUST_CHECK enum mw_err media_quota_charge(struct media_quota *q, struct media_claim *claim, uint64_t bytes,
                                             int64_t now_s, struct media_error *err);
/* Once for each claim; allows none. */
void media_quota_end(struct media_quota *q, struct media_claim *claim);

unsigned media_quota_under_way(struct media_quota *q);

#endif
