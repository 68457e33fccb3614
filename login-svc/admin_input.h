/* The JSON bodies of the admin calls: {sid}, {uid}, {uid, room, seconds}. */
#ifndef ADMIN_INPUT_H
#define ADMIN_INPUT_H

#include "mw/err.h"
#include "mw/identity.h"
#include "mw/topic.h"

#define ADMIN_SECONDS_MAX INT64_C(315360000) /* ten years */

enum admin_member { ADMIN_SID = 1, ADMIN_UID = 2, ADMIN_ROOM = 4, ADMIN_SECONDS = 8 };

/* "" and 0 for what is not given. */
struct admin_input {
    char sid[MW_SID_LEN + 1];
    char uid[MW_UID_LEN + 1];
    char room[MW_ROOM_MAX + 1];
    int64_t seconds; /* 1..ADMIN_SECONDS_MAX */
};

/* allowed, required: sets of enum admin_member. A member of another name is refused: a misspelt "room" must not ban
 * somebody from everything. MW_EINVAL with *message for the client; MW_ENOMEM. */
MW_MUST_CHECK enum mw_err admin_input_read(struct mw_str body, unsigned allowed, unsigned required,
                                           struct admin_input *out, const char **message);

#endif
