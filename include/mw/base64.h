/* base64 (RFC 4648 section 4, padded, what WeChat sends) and base64url (section 5, unpadded, what JOSE uses).
 * Decoders are strict: no blanks, no foreign letters, no wrong padding, no set bits behind the last byte. */
#ifndef MW_BASE64_H
#define MW_BASE64_H

#include "mw/err.h"
#include "mw/str.h"

#define MW_BASE64_LEN(n) (((n) + 2) / 3 * 4)
#define MW_BASE64URL_LEN(n) (((n)*8 + 5) / 6)

/* Append to b; overflow as the builder's. */
void mw_base64_put(struct mw_buf *b, struct mw_str raw);
void mw_base64url_put(struct mw_buf *b, struct mw_str raw);
/* Writes at most cap bytes to out and their number to *len. MW_EINVAL: not canonical; MW_ETOOBIG: more than cap bytes.
 * On failure the bytes of out are undefined and *len is untouched. out may not overlap text. */
MW_MUST_CHECK enum mw_err mw_base64_decode(struct mw_str text, uint8_t *out, size_t cap, size_t *len);
MW_MUST_CHECK enum mw_err mw_base64url_decode(struct mw_str text, uint8_t *out, size_t cap, size_t *len);

#endif
