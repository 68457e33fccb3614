/* What others see of a person. */
#ifndef MW_PROFILE_H
#define MW_PROFILE_H

#include "mw/identity.h"

/* "" means unknown. */
struct mw_profile {
    char nick[MW_NICK_MAX + 1];
    char avatar[MW_AVATAR_MAX + 1];
};

bool mw_profile_eq(const struct mw_profile *a, const struct mw_profile *b);
/* Takes over what `news` knows and leaves the rest as it was. */
void mw_profile_merge(struct mw_profile *into, const struct mw_profile *news);
/* FNV-1a, 64 bits: the same profile has the same print, and another one almost always another. Who chooses a profile
 * can choose two of one print: for telling a person's own former profile from the present one, no more. */
uint64_t mw_profile_print(const struct mw_profile *p);

#endif
