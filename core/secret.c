#include "mw/secret.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

enum mw_err mw_random(uint8_t *out, size_t len) {
    if (len > INT_MAX) return MW_EIO;
    return RAND_bytes(out, (int)len) == 1 ? MW_OK : MW_EIO;
}

bool mw_secret_eq(struct mw_str a, struct mw_str b) {
    return a.ptr && b.ptr && a.len == b.len && CRYPTO_memcmp(a.ptr, b.ptr, a.len) == 0;
}

void mw_wipe(void *p, size_t len) {
    OPENSSL_cleanse(p, len);
}
