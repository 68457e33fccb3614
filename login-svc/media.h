/* What all calls of one service that have to do with media share. */
#ifndef MEDIA_H
#define MEDIA_H

#include "config.h"
#include "media_quota.h"
#include "media_store.h"
#include "readers.h"
#include "worker_pool.h"

#include <openssl/evp.h>

#define MEDIA_UPLOADS_MAX 256        /* under way at once; each takes some 80 KB */
#define MEDIA_UPLOADS_AT_LEISURE 200 /* so many may be one user's; the other places are shared */
#define MEDIA_UPLOADS_OF_USER_MAX 10 /* then: as many as a mini-program may begin at once */
/* What may come in the body beside the file: the fields of wx.uploadFile's formData, boundaries, headers. */
#define MEDIA_BESIDE_MAX 65536

struct media {
    const struct config *cfg;
    struct media_store *store;
    struct media_quota *quota;
    struct worker_pool *writers, *openers; /* apart: a file is found while others are being written */
    struct readers *readers;               /* one handle for each writer */
    EVP_MD *sha256;
};

/* MW_EINVAL and the like: *err says why. cfg must outlive it. */
MW_MUST_CHECK enum mw_err media_start(const struct config *cfg, int64_t now_s, struct media **out,
                                      struct media_error *err);
/* Does what was begun, and refuses what comes later. Allows NULL. */
void media_stop(struct media *m);
/* After the stop, when no call is left. Takes &m, allows NULL, clears. */
void media_free(struct media **m);

#endif
