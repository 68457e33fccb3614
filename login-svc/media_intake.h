/* A file on its way into the store: hashed, looked at and written as it comes, held nowhere. May wait for the disk. One
 * thread at a time. */
#ifndef MEDIA_INTAKE_H
#define MEDIA_INTAKE_H

#include "media_store.h"

#include <openssl/evp.h>

struct intake {
    struct media_store *store;
    EVP_MD_CTX *hash;
    struct media_draft draft;
    uint64_t size;
    enum mw_media_type type; /* NONE until enough is there to tell */
    struct mw_image image;   /* of an image */
    size_t head_len;
    uint8_t head[MW_MEDIA_HEAD_LEN];
};

enum intake_verdict {
    INTAKE_OK = 0,
    INTAKE_NOT_MEDIA,    /* it is of no type that is taken */
    INTAKE_BROKEN_IMAGE, /* it begins as an image and is none that can be shown */
    INTAKE_NO_ROOM,
    INTAKE_FAILED /* *err says why, as for NO_ROOM */
};

/* sha256 must outlive it. Whatever it gives, intake_end() is to come. */
enum intake_verdict intake_begin(struct intake *in, struct media_store *store, const EVP_MD *sha256,
                                 struct media_error *err);
enum intake_verdict intake_add(struct intake *in, struct mw_str bytes, struct media_error *err);
/* The last byte was there: name gets what the file will be called, and its bytes are on the disk. */
enum intake_verdict intake_finish(struct intake *in, char name[static MW_MEDIA_NAME_MAX + 1], struct media_error *err);
/* After finish: the file is there from here on. */
enum intake_verdict intake_publish(struct intake *in, const char *name, struct media_error *err);
/* Leaves nothing behind but what was published. Also for one that is all zero. */
void intake_end(struct intake *in);

#endif
