#include "keyring.h"

#include "mw/secret.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct keyring {
    pthread_rwlock_t lock;
    struct mw_keyset live; /* under the lock */
    char path[];
};

static enum mw_err load(const char *path, struct mw_keyset *out, struct secret_file_error *err) {
    size_t len = 0;
    uint8_t *text = malloc(MW_JWKS_TEXT_MAX);
    if (!text) {
        (void)snprintf(err->text, sizeof err->text, "no memory");
        return MW_ENOMEM;
    }
    enum mw_err rc = secret_file_read(path, text, MW_JWKS_TEXT_MAX, &len, err);
    if (rc == MW_OK) {
        const char *why = "";
        rc = mw_jwks_parse(mw_bytes(text, len), out, &why);
        if (rc != MW_OK) (void)snprintf(err->text, sizeof err->text, "%.150s: %.90s", path, why);
    }
    mw_wipe(text, MW_JWKS_TEXT_MAX);
    free(text);
    return rc;
}

enum mw_err keyring_open(const char *path, struct keyring **out, struct secret_file_error *err) {
    size_t path_len = mw_cstr(path).len;
    struct keyring *ring = calloc(1, sizeof *ring + path_len + 1);
    if (!ring) {
        (void)snprintf(err->text, sizeof err->text, "no memory");
        return MW_ENOMEM;
    }
    memcpy(ring->path, path, path_len);
    enum mw_err rc = load(path, &ring->live, err);
    if (rc != MW_OK) {
        free(ring);
        return rc;
    }
    (void)pthread_rwlock_init(&ring->lock, NULL);
    *out = ring;
    return MW_OK;
}

enum mw_err keyring_reload(struct keyring *ring, struct secret_file_error *err) {
    struct mw_keyset next;
    enum mw_err rc = load(ring->path, &next, err);
    if (rc != MW_OK) return rc;
    (void)pthread_rwlock_wrlock(&ring->lock);
    ring->live = next;
    (void)pthread_rwlock_unlock(&ring->lock);
    mw_keyset_wipe(&next);
    return MW_OK;
}

void keyring_close(struct keyring **ring) {
    if (!*ring) return;
    mw_keyset_wipe(&(*ring)->live);
    (void)pthread_rwlock_destroy(&(*ring)->lock);
    free(*ring);
    *ring = NULL;
}

enum mw_skey_status keyring_verify(struct keyring *ring, struct mw_str token, int64_t now_s, struct mw_claims *out,
                                   const char **why) {
    (void)pthread_rwlock_rdlock(&ring->lock);
    enum mw_skey_status status = mw_skey_verify(&ring->live, token, now_s, out, why);
    (void)pthread_rwlock_unlock(&ring->lock);
    return status;
}

enum mw_err keyring_mint(struct keyring *ring, const struct mw_claims *claims, char *out, size_t cap) {
    (void)pthread_rwlock_rdlock(&ring->lock);
    enum mw_err err = mw_skey_mint(&ring->live.keys[0], claims, out, cap);
    (void)pthread_rwlock_unlock(&ring->lock);
    return err;
}

size_t keyring_count(struct keyring *ring) {
    (void)pthread_rwlock_rdlock(&ring->lock);
    size_t count = ring->live.count;
    (void)pthread_rwlock_unlock(&ring->lock);
    return count;
}
