/* The invented people, their login codes, and what happens when a code is exchanged. Pure but for randomness: the time
 * comes from the caller, as milliseconds that never step back. */
#ifndef STANDIN_PEOPLE_H
#define STANDIN_PEOPLE_H

#include "mw/err.h"
#include "mw/str.h"

#define PERSON_NAME_MAX 64
#define OPENID_LEN 28      /* 'o' and 27 letters, as WeChat's are */
#define SESSION_KEY_LEN 24 /* base64 of 16 bytes */
#define SESSION_KEY_BYTES 16
#define GROUP_ID_LEN 28 /* "tG" and 26 letters */
#define UNIONID_MAX 64
#define PROFILE_TEXT_MAX 1024
#define CODE_LEN 32
#define FOREIGN_CODE_MAX 128
#define FOREIGN_NAME "foreign"
#define PEOPLE_MAX 200000
#define CODES_MAX 1000000

struct person;
struct people;

/* What a person looks like to others; borrowed views, absent ones leave the stored value alone. */
struct person_traits {
    struct mw_str nick_name, avatar_url; /* at most PROFILE_TEXT_MAX bytes */
    struct mw_str unionid;               /* at most UNIONID_MAX bytes */
};

/* NULL when memory is out. `app_id` is copied. */
struct people *people_new(struct mw_str app_id);
void people_free(struct people **people);

/* The person of that name, invented on first use: the openid follows from app id and name and is the same for ever, the
 * session_key is random. MW_EINVAL: not 1..PERSON_NAME_MAX bytes; MW_EBUSY: PEOPLE_MAX reached. */
MW_MUST_CHECK enum mw_err people_get(struct people *people, struct mw_str name, struct person **out);
/* MW_ETOOBIG: a trait is too long; nothing is changed then. */
MW_MUST_CHECK enum mw_err person_set_traits(struct person *person, const struct person_traits *traits);
void person_set_blocked(struct person *person, bool blocked);

const char *person_openid(const struct person *person);
const char *person_session_key(const struct person *person); /* the base64 text */
const char *person_nick_name(const struct person *person);   /* "" when never given */
const char *person_avatar_url(const struct person *person);
const char *person_unionid(const struct person *person);

/* What wx.login does: a fresh code, and with `rotate` a fresh session_key that kills the old one at once.
 * NUL-terminated code in out. MW_EBUSY: CODES_MAX reached. */
MW_MUST_CHECK enum mw_err people_mint_code(struct people *people, struct person *person, bool rotate, int64_t ttl_ms,
                                           int64_t now_ms, char out[static CODE_LEN + 1]);

struct exchange_rules {
    bool burn_on_failure; /* a code is used up by a failed exchange too */
    int64_t rate_limit;   /* exchanges per minute and person; 0: no limit */
    bool foreign_codes;   /* a code that was minted elsewhere is the person FOREIGN_NAME's, as often as it comes */
};

/* Returns WeChat's errcode: 0 and *out, or 40029, 40163, 40226, 45011 from its real cause. The code is used up by
 * success. */
int people_exchange(struct people *people, struct mw_str text, const struct exchange_rules *rules, int64_t now_ms,
                    const struct person **out);
/* The code is used up, whatever it was. */
void people_burn(struct people *people, struct mw_str text);

size_t people_count(const struct people *people);
size_t people_codes(const struct people *people); /* those that are over and not yet replaced included */

/* Stable id of a group as this app sees it; NUL-terminated. */
MW_MUST_CHECK enum mw_err group_id(struct mw_str app_id, struct mw_str group, char out[static GROUP_ID_LEN + 1]);

#endif
