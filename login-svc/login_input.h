/* What a log-in brings with it, from headers, query and JSON body. */
#ifndef LOGIN_INPUT_H
#define LOGIN_INPUT_H

#include "call.h"

#define LOGIN_RAW_DATA_MAX 8192

struct cJSON;

/* Views into the request or the body's tree; absent when not given. */
struct login_input {
    struct mw_str code; /* always there */
    struct mw_str raw_data, signature;
    struct mw_str encrypted_data, iv;
    struct cJSON *json; /* owned; NULL without a body */
};

/* All that can be told to be wrong without WeChat is refused here: a code is spent by asking. MW_EINVAL with *message
 * for the client; MW_ENOMEM. */
MW_MUST_CHECK enum mw_err login_input_read(const struct request *req, struct login_input *out, const char **message);
void login_input_free(struct login_input *in);

#endif
