#include "media_sweep.h"

#include "media_store.h"

#include <inttypes.h>
#include <stdio.h>

static int fail(const char *what) {
    (void)fprintf(stderr, "media_store: %s\n", what);
    return 1;
}

int media_sweep(const struct config *cfg, int64_t age_s, int64_t now_s) {
    struct media_store *store = NULL;
    struct media_swept swept;
    struct media_error why;
    if (!cfg->media_store[0]) return fail("is not set, so there is nothing to sweep");
    if (media_store_open(cfg->media_store, MEDIA_STORE_AS_IT_IS, &store, &why) != MW_OK) return fail(why.text);
    const enum mw_err rc = media_store_sweep(store, now_s - age_s, &swept, &why);
    media_store_close(&store);
    (void)printf("removed %" PRIu64 " files, %" PRIu64 " bytes\n", swept.files, swept.bytes);
    return rc == MW_OK ? 0 : fail(why.text);
}
