/* The claims of a skey: from and to JSON, and the rules that both directions share. */
#ifndef MW_CORE_SKEY_CLAIMS_H
#define MW_CORE_SKEY_CLAIMS_H

#include "mw/skey.h"

/* NULL when every claim is in its exact shape, else static words that name the claim. */
const char *skey_claims_fault(const struct mw_claims *claims);
/* The same answer for the text of a token's payload. *out is complete when NULL is returned and undefined else. */
const char *skey_claims_read(struct mw_str json, struct mw_claims *out);
/* Claims that have no fault, as a JSON object. */
void skey_claims_put(struct mw_buf *b, const struct mw_claims *claims);

#endif
