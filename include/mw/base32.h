/* base32 in lower case without padding (RFC 4648 section 6 alphabet: a-z2-7): uids and session ids. */
#ifndef MW_BASE32_H
#define MW_BASE32_H

#include "mw/err.h"
#include "mw/str.h"

#define MW_BASE32_LEN(n) (((n)*8 + 4) / 5)

void mw_base32_put(struct mw_buf *b, struct mw_str raw);
/* Exactly len letters of a-z2-7. */
bool mw_is_base32(struct mw_str s, size_t len);

#endif
