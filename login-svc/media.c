#include "media.h"

#include <stdio.h>
#include <stdlib.h>

/* More than there are processors: most of the time they wait for the disk. */
#define WRITERS 8
#define OPENERS 2

static enum mw_err no_memory(struct media_error *err) {
    (void)snprintf(err->text, sizeof err->text, "no memory or thread for it");
    return MW_ENOMEM;
}

static enum mw_err start_threads(struct media *m, struct media_error *err) {
    m->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (!m->sha256) return no_memory(err);
    if (worker_pool_start(WRITERS, "media-writer", &m->writers) != MW_OK) return no_memory(err);
    return worker_pool_start(OPENERS, "media-opener", &m->openers) == MW_OK ? MW_OK : no_memory(err);
}

static enum mw_err open_readers(struct media *m, struct media_error *err) {
    struct mw_store_error why;
    const enum mw_err rc = readers_open(mw_cstr(m->cfg->store), WRITERS, &m->readers, &why);
    if (rc != MW_OK) (void)snprintf(err->text, sizeof err->text, "the store of sessions: %.200s", why.text);
    return rc;
}

enum mw_err media_start(const struct config *cfg, int64_t now_s, struct media **out, struct media_error *err) {
    const struct media_quota_limits limits = {(uint64_t)cfg->media_quota_per_user, MEDIA_UPLOADS_OF_USER_MAX,
                                              MEDIA_UPLOADS_AT_LEISURE, MEDIA_UPLOADS_MAX};
    struct media *m = calloc(1, sizeof *m);
    if (!m) return no_memory(err);
    m->cfg = cfg;
    enum mw_err rc = media_store_open(cfg->media_store, MEDIA_STORE_MAKE, &m->store, err);
    if (rc == MW_OK) rc = media_quota_open(media_store_dir(m->store), &limits, now_s, &m->quota, err);
    if (rc == MW_OK) rc = open_readers(m, err);
    if (rc == MW_OK) rc = start_threads(m, err);
    if (rc == MW_OK) {
        *out = m;
        return MW_OK;
    }
    media_stop(m);
    media_free(&m);
    return rc;
}

void media_stop(struct media *m) {
    if (!m) return;
    worker_pool_stop(m->openers);
    worker_pool_stop(m->writers);
}

void media_free(struct media **m) {
    if (!*m) return;
    worker_pool_free(&(*m)->openers);
    worker_pool_free(&(*m)->writers);
    readers_close(&(*m)->readers);
    EVP_MD_free((*m)->sha256);
    media_quota_close(&(*m)->quota);
    media_store_close(&(*m)->store);
    free(*m);
    *m = NULL;
}
