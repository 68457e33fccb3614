#include "keyseal.h"

#include "ciphers.h"
#include "mw/secret.h"

#include <openssl/evp.h>

/* Layout of a sealed key: nonce, ciphertext, tag. */
#define NONCE_LEN 12
#define TAG_LEN 16
_Static_assert(MW_SEALED_KEY_LEN - TAG_LEN - NONCE_LEN == MW_SESSION_KEY_LEN, "the record holds a sealed key exactly");

enum mw_err keyseal_close(const uint8_t at_rest_key[static 32], struct mw_str sid,
                          const uint8_t key[static MW_SESSION_KEY_LEN], uint8_t out[static MW_SEALED_KEY_LEN]) {
    uint8_t sealed[MW_SEALED_KEY_LEN], *text = sealed + NONCE_LEN, *tag = text + MW_SESSION_KEY_LEN;
    int len = 0;
    enum mw_err err = mw_random(sealed, NONCE_LEN);
    if (err != MW_OK) return err;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool ok = ctx && EVP_EncryptInit_ex(ctx, cipher_aes_256_gcm(), NULL, at_rest_key, sealed) &&
              EVP_EncryptUpdate(ctx, NULL, &len, (const uint8_t *)sid.ptr, (int)sid.len) &&
              EVP_EncryptUpdate(ctx, text, &len, key, MW_SESSION_KEY_LEN) &&
              EVP_EncryptFinal_ex(ctx, text + len, &len) &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_LEN, tag);
    EVP_CIPHER_CTX_free(ctx);
    if (!ok) return MW_ENOMEM;
    memcpy(out, sealed, sizeof sealed);
    return MW_OK;
}

enum mw_err keyseal_open(const uint8_t at_rest_key[static 32], struct mw_str sid,
                         const uint8_t sealed[static MW_SEALED_KEY_LEN], uint8_t out[static MW_SESSION_KEY_LEN]) {
    const uint8_t *text = sealed + NONCE_LEN;
    uint8_t tag[TAG_LEN], plain[MW_SESSION_KEY_LEN];
    int len = 0;
    memcpy(tag, text + MW_SESSION_KEY_LEN, sizeof tag);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    if (!ctx) return MW_ENOMEM;
    bool ok = EVP_DecryptInit_ex(ctx, cipher_aes_256_gcm(), NULL, at_rest_key, sealed) &&
              EVP_DecryptUpdate(ctx, NULL, &len, (const uint8_t *)sid.ptr, (int)sid.len) &&
              EVP_DecryptUpdate(ctx, plain, &len, text, MW_SESSION_KEY_LEN) &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_LEN, tag) &&
              EVP_DecryptFinal_ex(ctx, plain + len, &len) > 0;
    EVP_CIPHER_CTX_free(ctx);
    if (ok) memcpy(out, plain, sizeof plain);
    mw_wipe(plain, sizeof plain);
    return ok ? MW_OK : MW_EAUTH;
}
