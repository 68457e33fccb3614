/* signing.jwks: a JWK Set (RFC 7517) of kty "oct" keys for HS256. The first key signs, all verify. */
#ifndef MW_JWKS_H
#define MW_JWKS_H

#include "mw/err.h"
#include "mw/str.h"

#include <openssl/sha.h>

#define MW_KEYS_MAX 16
#define MW_KID_MAX 64
#define MW_HMAC_KEY_MIN 32 /* RFC 7518 section 3.2: at least as long as the hash */
#define MW_HMAC_KEY_MAX 128
#define MW_JWKS_TEXT_MAX 65536

/* The protected header of a JWT under a key, {"alg":"HS256","typ":"JWT","kid":"…"}, in base64url. */
#define MW_JWT_HEADER_MAX (((sizeof("{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"\"}") - 1 + MW_KID_MAX) * 8 + 5) / 6)

/* What every token under one key has in common, made once: SHA-256 as it stands when HMAC has taken in the key (two of
 * the blocks that every signature would cost), and the header that we write. */
struct mw_hs256 {
    bool ready; /* false: to be computed when needed */
    SHA256_CTX inner, outer;
    size_t header_len;
    char header[MW_JWT_HEADER_MAX];
};

/* A key made by hand needs kid, k and k_len; the rest zeroed. */
struct mw_key {
    char kid[MW_KID_MAX + 1]; /* 1..64 printable ASCII without blanks, quotes and backslash; unique in its set */
    uint8_t k[MW_HMAC_KEY_MAX];
    size_t k_len;
    struct mw_hs256 hs256; /* made by mw_jwks_parse() */
};

struct mw_keyset {
    size_t count; /* 0: verifies nothing */
    struct mw_key keys[MW_KEYS_MAX];
};

/* 1..MW_KEYS_MAX keys, each: kty "oct", kid, k (base64url of 32..128 bytes); alg, when there, is "HS256"; use, when
 * there, "sig"; key_ops, when there, an array of "sign"/"verify". Other members are passed over. On failure *out is
 * untouched and *why a static text that never holds key material. */
MW_MUST_CHECK enum mw_err mw_jwks_parse(struct mw_str text, struct mw_keyset *out, const char **why);
/* NULL when there is none. */
const struct mw_key *mw_keyset_find(const struct mw_keyset *set, struct mw_str kid);
bool mw_is_kid(struct mw_str kid);
/* The set as a JWK Set, keys in their order; NUL-terminated JSON text in out. MW_EINVAL: no key, or one not in shape;
 * MW_ETOOBIG: more than cap bytes. On failure the bytes of out are wiped. */
MW_MUST_CHECK enum mw_err mw_jwks_write(const struct mw_keyset *set, char *out, size_t cap);
/* A new random key of MW_HMAC_KEY_MIN bytes. MW_EINVAL: not a kid; MW_EIO: no randomness. */
MW_MUST_CHECK enum mw_err mw_key_generate(struct mw_str kid, struct mw_key *out);
/* A JWK Set of one new random key, kid = `kid`; NUL-terminated JSON text in out. */
MW_MUST_CHECK enum mw_err mw_jwks_generate(struct mw_str kid, char *out, size_t cap);
void mw_keyset_wipe(struct mw_keyset *set);

#endif
