/* libcrypto's SHA-256 without its EVP layer. HMAC() looks its algorithms up again and sets up five contexts each time:
 * some 12,000 instructions and a dozen allocations that a connecting client would pay for. What is used here are plain
 * functions over a plain struct, which therefore can stand ready in the key and be copied. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "hs256.h"

#include "mw/secret.h"

_Static_assert(HS256_LEN == SHA256_DIGEST_LENGTH, "the whole digest");

/* These functions cannot fail: their results are always 1. */
static void absorb_padded(SHA256_CTX *c, const uint8_t block[static SHA256_CBLOCK], uint8_t pad) {
    uint8_t padded[SHA256_CBLOCK];
    for (size_t i = 0; i < sizeof padded; i++)
        padded[i] = block[i] ^ pad;
    SHA256_Init(c);
    SHA256_Update(c, padded, sizeof padded);
    mw_wipe(padded, sizeof padded);
}

void hs256_prepare(struct mw_hs256 *h, const uint8_t *k, size_t k_len) {
    uint8_t block[SHA256_CBLOCK] = {0};
    if (k_len > sizeof block) /* RFC 2104: a key longer than a block is hashed first */
        SHA256(k, k_len, block);
    else
        memcpy(block, k, k_len);
    absorb_padded(&h->inner, block, 0x36);
    absorb_padded(&h->outer, block, 0x5c);
    h->ready = true;
    mw_wipe(block, sizeof block);
}

static void sign(const struct mw_hs256 *h, struct mw_str message, uint8_t mac[static HS256_LEN]) {
    SHA256_CTX c = h->inner;
    SHA256_Update(&c, message.ptr, message.len);
    SHA256_Final(mac, &c);
    c = h->outer;
    SHA256_Update(&c, mac, HS256_LEN);
    SHA256_Final(mac, &c);
    mw_wipe(&c, sizeof c);
}

void hs256_sign(const struct mw_key *key, struct mw_str message, uint8_t mac[static HS256_LEN]) {
    if (key->hs256.ready) {
        sign(&key->hs256, message, mac);
        return;
    }
    struct mw_hs256 h;
    hs256_prepare(&h, key->k, key->k_len);
    sign(&h, message, mac);
    mw_wipe(&h, sizeof h);
}
