/* WeChat's code2Session, without a socket: the request's URL, what its answer means, and the checks that need the
 * session_key. WeChat's bytes are as hostile as anybody's. */
#ifndef WECHAT_H
#define WECHAT_H

#include "mw/err.h"
#include "mw/session.h"

#define WECHAT_CODE_MAX 128
#define WECHAT_SESSION_KEY_TEXT_LEN 24 /* base64 of 16 bytes */
#define WECHAT_URL_MAX 1024
#define WECHAT_RID_MAX 48
#define WECHAT_DATA_MAX 8192 /* bytes of encryptedData's text */

/* 1..128 bytes of printable ASCII without blanks: what is sent on to WeChat. */
bool wechat_is_code(struct mw_str code);

/* NUL-terminated URL in out. `base` is wechat_url without a query. The URL holds the secret and the code: never log it.
 * MW_EINVAL: not a code; MW_ETOOBIG. */
MW_MUST_CHECK enum mw_err wechat_code2session_url(struct mw_str base, struct mw_str appid, struct mw_str secret,
                                                  struct mw_str code, char out[static WECHAT_URL_MAX]);

/* Zero is "no usable answer", never "logged in". */
enum wechat_verdict {
    WECHAT_NO_ANSWER = 0, /* HTML, cut, an unknown errcode, a success without openid or session_key… */
    WECHAT_LOGGED_IN,
    WECHAT_BUSY,         /* -1: the code is not spent, ask once more */
    WECHAT_BAD_CODE,     /* invalid, used or expired */
    WECHAT_USER_BLOCKED, /* a high-risk user */
    WECHAT_TOO_OFTEN,
    WECHAT_MISCONFIGURED, /* app id or secret: see `setting` */
};

struct wechat_reply {
    enum wechat_verdict verdict;
    int64_t errcode;                /* 0 when there was none */
    char rid[WECHAT_RID_MAX + 1];   /* WeChat's own mark of the call, for its support; "" when there is none */
    const char *setting;            /* MISCONFIGURED: the option to mend, else NULL */
    char openid[MW_OPENID_MAX + 1]; /* these three on LOGGED_IN only */
    char unionid[MW_OPENID_MAX + 1];
    uint8_t session_key[MW_SESSION_KEY_LEN];
};

/* Total: every body has a verdict. Wipe *out when done. */
void wechat_read_reply(long http_status, struct mw_str body, struct wechat_reply *out);

/* signature == sha1(rawData + session_key's base64 text), lower-case hex, compared in constant time. */
bool wechat_signature_fits(struct mw_str raw_data, const uint8_t session_key[static MW_SESSION_KEY_LEN],
                           struct mw_str signature);

/* Decrypts encryptedData (AES-128-CBC, PKCS#7), and checks that the plaintext is JSON with our app id in its watermark
 * and, where it names one, this openid. The caller owns *out (cJSON_Delete). MW_EAUTH for whatever does not fit, with
 * no hint which check it was: the cipher has no MAC, and a hint would be an oracle. MW_ENOMEM. */
struct cJSON;
MW_MUST_CHECK enum mw_err wechat_open_data(struct mw_str encrypted_data, struct mw_str iv,
                                           const uint8_t session_key[static MW_SESSION_KEY_LEN], struct mw_str appid,
                                           struct mw_str openid, struct cJSON **out);

/* Name and picture out of rawData or opened data. What is missing, out of shape or WeChat's placeholder is unknown: "".
 */
void wechat_profile(const struct cJSON *person, struct mw_profile *out);

#endif
