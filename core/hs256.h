/* HMAC-SHA256 over a key that is used again and again. */
#ifndef MW_CORE_HS256_H
#define MW_CORE_HS256_H

#include "mw/jwks.h"

#define HS256_LEN 32

/* From kid, k and k_len. */
void hs256_prepare(struct mw_key *key);
/* The header of a token under the key of this kid, in base64url: at most MW_JWT_HEADER_MAX bytes. */
void hs256_put_header(struct mw_buf *b, struct mw_str kid);
/* A prepared key's; absent when it is not prepared. */
struct mw_str hs256_header(const struct mw_key *key);
/* With the prepared state, or one made for this call alone. */
void hs256_sign(const struct mw_key *key, struct mw_str message, uint8_t mac[static HS256_LEN]);

#endif
