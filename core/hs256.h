/* HMAC-SHA256 over a key that is used again and again. */
#ifndef MW_CORE_HS256_H
#define MW_CORE_HS256_H

#include "mw/jwks.h"

#define HS256_LEN 32

void hs256_prepare(struct mw_hs256 *h, const uint8_t *k, size_t k_len);
/* With the key's prepared state, or one made for this call alone. */
void hs256_sign(const struct mw_key *key, struct mw_str message, uint8_t mac[static HS256_LEN]);

#endif
