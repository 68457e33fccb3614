/* Random bytes, constant-time compare, wiping. */
#ifndef MW_SECRET_H
#define MW_SECRET_H

#include "mw/err.h"
#include "mw/str.h"

/* MW_EIO when the system has no randomness to give; out is then not to be used. */
MW_MUST_CHECK enum mw_err mw_random(uint8_t *out, size_t len);
/* Time depends on the lengths only, which are public. Absent never equals. */
bool mw_secret_eq(struct mw_str a, struct mw_str b);
void mw_wipe(void *p, size_t len);

#endif
