/* What becomes of sessions and their owners, from the log-in on. Each of these changes the store's rows and tells the
 * change log, so that no row can change and no broker hear of it. All are called within a transaction; MW_EIO and the
 * like: undo it. now_s and all ends: Unix seconds. */
#ifndef LIFE_H
#define LIFE_H

#include "mw/store.h"

/* A live session whose owner may use it. MW_ENOENT: no such session, or it is over; MW_EAUTH: its owner is banned. */
MW_MUST_CHECK enum mw_err life_find(struct mw_store *store, struct mw_str sid, int64_t now_s, struct mw_session *out);
/* Adds the session of a user who logs in, and puts what others see of the user into session->profile. *renamed: that is
 * another profile than before, and the user's other sessions are told. ttl_s: how long a session lives. now_s may be
 * later than session->created_s: log-ins wait for the store. MW_EAUTH: the user is banned from everything; MW_EEXIST:
 * as mw_store_add_session(). */
MW_MUST_CHECK enum mw_err life_begin(struct mw_store *store, const struct mw_user *user, struct mw_session *session,
                                     int64_t now_s, int64_t ttl_s, bool *renamed);

/* The session lives for another ttl_s from now, never shorter than it would have; its new end is put into *session. */
MW_MUST_CHECK enum mw_err life_renew(struct mw_store *store, struct mw_session *session, int64_t now_s, int64_t ttl_s);
/* The session is over. MW_ENOENT: there is none. */
MW_MUST_CHECK enum mw_err life_end(struct mw_store *store, struct mw_str sid, int64_t now_s);
/* All sessions of the user up to now are over, save `except` (absent: none is spared). *ended is their number. */
MW_MUST_CHECK enum mw_err life_end_all(struct mw_store *store, struct mw_str uid, struct mw_str except, int64_t now_s,
                                       size_t *ended);
/* The session's owner is seen as session->profile from now on. ttl_s: how long a session lives that begins now. */
MW_MUST_CHECK enum mw_err life_rename(struct mw_store *store, const struct mw_session *session, int64_t now_s,
                                      int64_t ttl_s);

/* What a user may or may not do in a room ("": anywhere), until until_s. */
struct life_right {
    enum mw_change_type type;
    char uid[MW_UID_LEN + 1];
    char room[MW_ROOM_MAX + 1];
    int64_t until_s;
};
/* GRANT, MUTE or BAN: takes the place of what stood there. */
MW_MUST_CHECK enum mw_err life_give(struct mw_store *store, const struct life_right *right, int64_t now_s);
/* UNGRANT, UNMUTE or UNBAN, until_s not looked at. With nothing to take back it does nothing. */
MW_MUST_CHECK enum mw_err life_take_back(struct mw_store *store, const struct life_right *right, int64_t now_s);
/* Grants the room as long as the session lives; a grant that lasts longer stays. */
MW_MUST_CHECK enum mw_err life_admit(struct mw_store *store, const struct mw_session *session, struct mw_str room,
                                     int64_t now_s);

#endif
