/* A session and its owner, as the store keeps them. */
#ifndef MW_SESSION_H
#define MW_SESSION_H

#include "mw/profile.h"

#define MW_SESSION_KEY_LEN 16                            /* WeChat's session_key, decoded */
#define MW_SEALED_KEY_LEN (12 + MW_SESSION_KEY_LEN + 16) /* AES-256-GCM: nonce, ciphertext, tag */

/* The openid and the unionid stay within the login service. */
struct mw_user {
    char uid[MW_UID_LEN + 1];
    char openid[MW_OPENID_MAX + 1];
    char unionid[MW_OPENID_MAX + 1]; /* "" when WeChat named none */
    struct mw_profile profile;
};

struct mw_session {
    char sid[MW_SID_LEN + 1];
    char uid[MW_UID_LEN + 1];
    int64_t created_s;
    int64_t expires_s;                     /* lives while now < expires_s */
    uint8_t sealed_key[MW_SEALED_KEY_LEN]; /* session_key under the at-rest key, bound to the sid */
    struct mw_profile profile;             /* the owner's; only on the way out of the store, as the next */
    int64_t banned_until_s;                /* 0: the owner is not banned */
};

#endif
