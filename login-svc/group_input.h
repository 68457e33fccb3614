/* WeChat's proof that somebody opened the app from a group: the data of wx.getShareInfo (openGId) and of
 * wx.getGroupEnterInfo (opengid), under the session_key of who sends it. */
#ifndef GROUP_INPUT_H
#define GROUP_INPUT_H

#include "mw/session.h"
#include "mw/topic.h"

#define GROUP_AGE_MAX_S 300  /* how old the proof may be */
#define GROUP_AHEAD_MAX_S 60 /* and how much WeChat's clock may be ahead of ours */

/* The group's room, "@<openGId>", NUL-terminated. MW_EINVAL: the body is not {encryptedData, iv}, *message says what is
 * wrong; MW_EAUTH: whatever does not fit in what it holds, with no hint what; MW_ENOMEM. */
MW_MUST_CHECK enum mw_err group_input_read(struct mw_str body, const uint8_t session_key[static MW_SESSION_KEY_LEN],
                                           struct mw_str appid, int64_t now_s, char out[static MW_ROOM_MAX + 1],
                                           const char **message);

#endif
