#include "mw/secret.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <sys/random.h>

enum mw_err mw_random(uint8_t *out, size_t len) {
    while (len > 0) {
        ssize_t n = getrandom(out, len, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return MW_EIO;
        out += n;
        len -= (size_t)n;
    }
    return MW_OK;
}

bool mw_secret_eq(struct mw_str a, struct mw_str b) {
    return a.ptr && b.ptr && a.len == b.len && CRYPTO_memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* Whole buffers are wiped, whatever they held: libcrypto's OPENSSL_cleanse() takes four times as long. */
void mw_wipe(void *p, size_t len) {
    if (len > 0) explicit_bzero(p, len);
}
