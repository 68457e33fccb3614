/* Numbers from outside: whole string, digits only, bounds before use. No atoi, sscanf or strtoul on input. */
#ifndef MW_PARSE_H
#define MW_PARSE_H

#include "mw/err.h"
#include "mw/str.h"

/* Decimal, no sign, no blanks, leading zeros allowed. MW_EINVAL: not that; MW_ETOOBIG: over max. */
MW_MUST_CHECK enum mw_err mw_parse_u64(struct mw_str s, uint64_t max, uint64_t *out);
/* A number with an optional unit: s (default), m, h, d. Whole result at most max_s. */
MW_MUST_CHECK enum mw_err mw_parse_duration_s(struct mw_str s, int64_t max_s, int64_t *out);
/* A number with an optional unit: K, M, G (powers of 1024). Whole result at most max. */
MW_MUST_CHECK enum mw_err mw_parse_size(struct mw_str s, int64_t max, int64_t *out);

#endif
