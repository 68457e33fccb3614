/* skey: a JWT (RFC 7519) in JWS compact form, HS256. The claims are the contract of DESIGN section 2. */
#ifndef MW_SKEY_H
#define MW_SKEY_H

#include "mw/identity.h"
#include "mw/jwks.h"
#include "mw/topic.h"

#define MW_SKEY_MAX 4096 /* bytes of the whole token */
#define MW_SKEY_ROOMS_MAX 32

enum mw_role { MW_ROLE_USER = 0, MW_ROLE_SERVICE, MW_ROLE_ADMIN };

struct mw_claims {
    char iss[MW_APPID_MAX + 1];
    char uid[MW_UID_LEN + 1];
    char sid[MW_SID_LEN + 1];
    int64_t iat_s, exp_s;            /* 0 <= iat <= exp < 2^53, whole */
    char name[MW_NICK_MAX + 1];      /* "" when absent */
    char picture[MW_AVATAR_MAX + 1]; /* "" when absent */
    enum mw_role role;
    size_t rooms_count;
    char rooms[MW_SKEY_ROOMS_MAX][MW_ROOM_MAX + 1];
};

/* Zero is the answer for "none of our business", never for "good". */
enum mw_skey_status {
    MW_SKEY_NOT_OURS = 0, /* not a JWT whose kid is in the key set: somebody else's password */
    MW_SKEY_VALID,
    MW_SKEY_EXPIRED,       /* all is right save exp; the claims are filled */
    MW_SKEY_TOO_LONG,      /* and its header names a kid of ours */
    MW_SKEY_BAD_HEADER,    /* crit, b64, or typ other than JWT */
    MW_SKEY_BAD_ALG,       /* alg is not exactly the key's */
    MW_SKEY_BAD_SIGNATURE, /* or not canonical base64url */
    MW_SKEY_BAD_CLAIMS,    /* a claim is missing or not in its exact shape */
    MW_SKEY_STATUS_COUNT
};

/* Static words for logs and `wechat-skey inspect`, such as "signature does not fit". */
const char *mw_skey_status_text(enum mw_skey_status status);

/* The name and picture that mean "unknown": WeChat hands "微信用户" with a grey head to everybody who was not asked.
 * Such a pair is left out of a token. True when nick is that placeholder. */
bool mw_is_placeholder_nick(struct mw_str nick);

/* Valid while now_s < exp. *out is filled on MW_SKEY_VALID and MW_SKEY_EXPIRED only. *why (may be NULL) gets static
 * words that name the claim or header at fault on every other status. The signature is compared in constant time before
 * any claim is read. */
enum mw_skey_status mw_skey_verify(const struct mw_keyset *keys, struct mw_str token, int64_t now_s,
                                   struct mw_claims *out, const char **why);

/* Signs with `key`. NUL-terminated token of at most MW_SKEY_MAX bytes in out[cap]; MW_ETOOBIG when it would be longer;
 * MW_EINVAL when the claims are not in shape (so what is minted always verifies). */
MW_MUST_CHECK enum mw_err mw_skey_mint(const struct mw_key *key, const struct mw_claims *claims, char *out, size_t cap);

#endif
