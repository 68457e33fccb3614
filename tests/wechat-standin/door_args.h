/* The JSON bodies of the stand-in's door: one table of members, checked strictly, so that a typing mistake in a test is
 * told instead of ignored. */
#ifndef STANDIN_DOOR_ARGS_H
#define STANDIN_DOOR_ARGS_H

#include "mw/err.h"
#include "mw/str.h"

enum door { DOOR_CODE = 1, DOOR_USERINFO = 2, DOOR_GROUP = 4, DOOR_BEHAVE = 8 };

struct cJSON;

struct door_args {
    struct cJSON *tree; /* the views below are its own */
    struct mw_str person, nick_name, avatar_url, unionid, app_id, open_id, plaintext, group, form, mode;
    int64_t ttl, age, delay_ms, errcode, times, rate_limit;
    /* -1: not given */
    int blocked, rotate, burn, release, bad_padding, bad_signature, ids;
};

#define DOOR_WHY_MAX 160

/* MW_OK: every member is known to this door and within bounds, the required ones are there, the rest has its default.
 * Free with door_args_clear(). Else `why` says what is wrong. */
MW_MUST_CHECK enum mw_err door_args_read(enum door door, struct mw_str body, struct door_args *out,
                                         char why[static DOOR_WHY_MAX]);
void door_args_clear(struct door_args *args);

#endif
