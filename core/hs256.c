/* libcrypto's SHA-256 without its EVP layer. HMAC() looks its algorithms up again and sets up five contexts each time:
 * some 12,000 instructions and a dozen allocations that a connecting client would pay for. What is used here are plain
 * functions over a plain struct, which therefore can stand ready in the key and be copied. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "hs256.h"

#include "mw/base64.h"
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

static void absorb_key(struct mw_hs256 *h, const uint8_t *k, size_t k_len) {
    uint8_t block[SHA256_CBLOCK] = {0};
    if (k_len > sizeof block) /* RFC 2104: a key longer than a block is hashed first */
        SHA256(k, k_len, block);
    else
        memcpy(block, k, k_len);
    absorb_padded(&h->inner, block, 0x36);
    absorb_padded(&h->outer, block, 0x5c);
    mw_wipe(block, sizeof block);
}

void hs256_put_header(struct mw_buf *b, struct mw_str kid) {
    char mem[MW_JWT_HEADER_MAX];
    struct mw_buf json = mw_buf_over(mem, sizeof mem);
    mw_buf_put(&json, MW_STR("{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":"));
    mw_buf_put_json(&json, kid); /* needs no escapes, see mw_is_kid(), so that it always fits */
    mw_buf_putc(&json, '}');
    mw_base64url_put(b, mw_buf_str(&json));
}

void hs256_prepare(struct mw_key *key) {
    struct mw_hs256 *h = &key->hs256;
    struct mw_buf header = mw_buf_over(h->header, sizeof h->header);
    absorb_key(h, key->k, key->k_len);
    hs256_put_header(&header, mw_cstr(key->kid));
    h->header_len = header.len;
    h->ready = true;
}

struct mw_str hs256_header(const struct mw_key *key) {
    return (struct mw_str){key->hs256.ready ? key->hs256.header : NULL, key->hs256.header_len};
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
    absorb_key(&h, key->k, key->k_len);
    sign(&h, message, mac);
    mw_wipe(&h, sizeof h);
}
