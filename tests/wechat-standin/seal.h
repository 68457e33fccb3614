/* What WeChat signs and encrypts for a mini-program, in its exact formats. Written from the sender's side and on its
 * own: it shares no code with the service that opens these. */
#ifndef STANDIN_SEAL_H
#define STANDIN_SEAL_H

#include "mw/err.h"
#include "people.h"

#define SIGNATURE_LEN 40 /* lower-case hex of SHA-1 */
#define SEAL_IV_TEXT_LEN 24
#define SEAL_PLAIN_MAX 16384
#define SEALED_TEXT_MAX ((SEAL_PLAIN_MAX / 16 + 1) * 16 / 3 * 4 + 8)

struct sealed {
    char data[SEALED_TEXT_MAX]; /* base64, NUL-terminated */
    char iv[SEAL_IV_TEXT_LEN + 1];
};

/* AES-128-CBC with PKCS#7 padding under a random iv. `bad_padding` makes the last byte one that no padding ends with.
 * MW_ETOOBIG: more than SEAL_PLAIN_MAX bytes. MW_EINVAL: session_key is not the base64 of 16 bytes. */
MW_MUST_CHECK enum mw_err seal_encrypt(const char *session_key, struct mw_str plain, bool bad_padding,
                                       struct sealed *out);
/* sha1(raw_data + session_key), the key as its base64 text. NUL-terminated. */
MW_MUST_CHECK enum mw_err seal_sign(const char *session_key, struct mw_str raw_data,
                                    char out[static SIGNATURE_LEN + 1]);

/* The JSON texts of the client: the caller frees them; NULL when memory is out. */
char *seal_raw_data(const struct person *person);

struct watermark {
    const char *app_id;
    int64_t timestamp_s;
};
/* open_id NULL: left out with the unionId, as wx.getUserProfile does. */
char *seal_user_info(const struct person *person, const char *open_id, const struct watermark *mark);
enum group_form { GROUP_SHARE_INFO = 0, GROUP_ENTER_INFO }; /* openGId; opengid */
char *seal_group_info(enum group_form form, const char *id, const struct watermark *mark);

#endif
