/* The names of people and sessions: uid, sid, app id; the MQTT client ids and user names made of them. */
#ifndef MW_IDENTITY_H
#define MW_IDENTITY_H

#include "mw/err.h"
#include "mw/str.h"

#define MW_UID_LEN 16 /* base32 of 10 bytes */
#define MW_SID_LEN 26 /* base32 of 16 bytes */
#define MW_APPID_MAX 32
#define MW_OPENID_MAX 64
#define MW_NICK_CHARS_MAX 32
#define MW_NICK_MAX 128 /* bytes: 32 characters of at most 4 */
#define MW_AVATAR_MAX 512
#define MW_CLIENT_SUFFIX_MAX 32
#define MW_SECRET_KEY_LEN 32 /* login-svc.key */

bool mw_is_uid(struct mw_str s);   /* 16 of a-z2-7 */
bool mw_is_sid(struct mw_str s);   /* 26 of a-z2-7 */
bool mw_is_appid(struct mw_str s); /* "wx" and 1..30 of a-z0-9 */
/* 1..32 characters of valid UTF-8, no control characters. */
bool mw_is_nick(struct mw_str s);
/* http:// or https://, 1..512 bytes of printable ASCII without quote, backslash, '<', '>' and blanks. */
bool mw_is_avatar_url(struct mw_str s);

/* 16 random bytes as base32, NUL-terminated. MW_EIO: no randomness. */
MW_MUST_CHECK enum mw_err mw_sid_new(char out[static MW_SID_LEN + 1]);

/* Keys of one purpose each, derived from login-svc.key by HKDF-SHA256 (RFC 5869): info "mosquitto-wechat uid 1" and
 * "mosquitto-wechat at-rest 1", no salt. */
enum mw_key_purpose { MW_KEY_UID = 0, MW_KEY_AT_REST };
MW_MUST_CHECK enum mw_err mw_derive_key(const uint8_t secret[static MW_SECRET_KEY_LEN], enum mw_key_purpose purpose,
                                        uint8_t out[static 32]);
/* uid = base32 of the first 10 bytes of HMAC-SHA256(uid key, app id ":" openid), NUL-terminated. */
MW_MUST_CHECK enum mw_err mw_uid_derive(const uint8_t uid_key[static 32], struct mw_str appid, struct mw_str openid,
                                        char out[static MW_UID_LEN + 1]);

/* The client id belongs to the session's owner: uid or sid, alone or followed by '-' and 1..32 of A-Za-z0-9_- */
bool mw_client_id_fits(struct mw_str client_id, struct mw_str uid, struct mw_str sid);
/* uid or sid, exactly. */
bool mw_username_fits(struct mw_str username, struct mw_str uid, struct mw_str sid);

#endif
