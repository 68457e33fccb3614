/* What a token holds, for people to read: anybody's token, so nothing of it reaches the terminal unfiltered. */
#ifndef WECHAT_SKEY_TOKEN_VIEW_H
#define WECHAT_SKEY_TOKEN_VIEW_H

#include "mw/str.h"

/* Prints header and claims as far as they can be read, and the dates as seen from now_s. */
void token_view_print(struct mw_str token, int64_t now_s);

#endif
