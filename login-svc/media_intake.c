#include "media_intake.h"

#include <stdio.h>

static enum intake_verdict verdict_of(enum mw_err rc) {
    if (rc == MW_OK) return INTAKE_OK;
    return rc == MW_EFULL ? INTAKE_NO_ROOM : INTAKE_FAILED;
}

static enum intake_verdict crypto_failed(struct media_error *err) {
    (void)snprintf(err->text, sizeof err->text, "SHA-256 is not to be had");
    return INTAKE_FAILED;
}

enum intake_verdict intake_begin(struct intake *in, struct media_store *store, const EVP_MD *sha256,
                                 struct media_error *err) {
    in->store = store;
    in->draft = MEDIA_NO_DRAFT;
    in->size = in->head_len = 0;
    in->type = MW_MEDIA_NONE;
    in->hash = EVP_MD_CTX_new();
    if (!in->hash || EVP_DigestInit_ex2(in->hash, sha256, NULL) != 1) return crypto_failed(err);
    return verdict_of(media_draft_begin(store, &in->draft, err));
}

/* ---- what it is ---- */

static enum intake_verdict look_at_image(struct intake *in, const void *bytes, size_t len) {
    if (in->image.done || in->image.bad) return in->image.bad ? INTAKE_BROKEN_IMAGE : INTAKE_OK;
    mw_image_feed(&in->image, bytes, len);
    return in->image.bad ? INTAKE_BROKEN_IMAGE : INTAKE_OK;
}

/* The head is full, or all of the file is in it. */
static enum intake_verdict tell_type(struct intake *in) {
    in->type = mw_media_sniff(in->head, in->head_len);
    if (in->type == MW_MEDIA_NONE) return INTAKE_NOT_MEDIA;
    if (!mw_media_is_image(in->type)) return INTAKE_OK;
    mw_image_start(&in->image, in->type);
    return look_at_image(in, in->head, in->head_len);
}

static enum intake_verdict look(struct intake *in, struct mw_str bytes) {
    if (in->type == MW_MEDIA_NONE) {
        const size_t room = sizeof in->head - in->head_len, len = bytes.len < room ? bytes.len : room;
        memcpy(in->head + in->head_len, bytes.ptr, len);
        in->head_len += len;
        if (in->head_len < sizeof in->head) return INTAKE_OK;
        const enum intake_verdict verdict = tell_type(in);
        if (verdict != INTAKE_OK) return verdict;
        bytes = mw_str_skip(bytes, len);
    }
    if (bytes.len == 0 || !mw_media_is_image(in->type)) return INTAKE_OK;
    return look_at_image(in, bytes.ptr, bytes.len);
}

enum intake_verdict intake_add(struct intake *in, struct mw_str bytes, struct media_error *err) {
    const enum intake_verdict verdict = look(in, bytes);
    if (verdict != INTAKE_OK) return verdict;
    if (EVP_DigestUpdate(in->hash, bytes.ptr, bytes.len) != 1) return crypto_failed(err);
    in->size += bytes.len;
    return verdict_of(media_draft_write(&in->draft, bytes, err));
}

/* ---- the end ---- */

static bool make_name(struct intake *in, char name[static MW_MEDIA_NAME_MAX + 1]) {
    static const char digits[] = "0123456789abcdef";
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (EVP_DigestFinal_ex(in->hash, hash, &len) != 1 || 2 * len != MW_MEDIA_HASH_LEN) return false;
    struct mw_buf b = mw_buf_over(name, MW_MEDIA_NAME_MAX + 1);
    for (unsigned i = 0; i < len; i++) {
        mw_buf_putc(&b, digits[hash[i] >> 4]);
        mw_buf_putc(&b, digits[hash[i] & 15]);
    }
    mw_buf_putc(&b, '.');
    mw_buf_put(&b, mw_cstr(mw_media_ext(in->type)));
    return mw_buf_cstr(&b) != NULL;
}

enum intake_verdict intake_finish(struct intake *in, char name[static MW_MEDIA_NAME_MAX + 1], struct media_error *err) {
    enum intake_verdict verdict = in->type == MW_MEDIA_NONE ? tell_type(in) : INTAKE_OK;
    if (verdict != INTAKE_OK) return verdict;
    if (mw_media_is_image(in->type) && mw_image_end(&in->image) != MW_OK) return INTAKE_BROKEN_IMAGE;
    if (!make_name(in, name)) return crypto_failed(err);
    return verdict_of(media_draft_sync(&in->draft, err));
}

enum intake_verdict intake_publish(struct intake *in, const char *name, struct media_error *err) {
    return verdict_of(media_draft_publish(in->store, &in->draft, name, err));
}

void intake_end(struct intake *in) {
    if (!in->store) return;
    EVP_MD_CTX_free(in->hash);
    in->hash = NULL;
    media_draft_end(in->store, &in->draft);
    in->store = NULL;
}
