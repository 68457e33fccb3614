/* What PUT /profile brings: what the user typed and chose. */
#ifndef PROFILE_INPUT_H
#define PROFILE_INPUT_H

#include "mw/err.h"
#include "mw/session.h"

/* "" where a member was not given: that part stays as it is. nickName: 1..32 characters without control characters and
 * not WeChat's placeholder; avatarUrl: https, or an image under media_url ("": there are no media). Other members
 * are passed over: mini-programs send what WeChat hands them. MW_EINVAL with *message for the client; MW_ENOMEM. */
MW_MUST_CHECK enum mw_err profile_input_read(struct mw_str body, struct mw_str media_url, struct mw_profile *out,
                                             const char **message);

#endif
