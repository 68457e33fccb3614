/* Sessions and their owners, kept on disk. One handle, several kinds of store behind it; the URL names the kind:
 * sqlite:/path/to/file.
 *
 * Threads: a handle is used by one thread at a time. Several handles on one store, also in several processes, are fine:
 * who reads is not held up by who writes.
 * Errors: MW_EIO means that the answer is unknown, so callers deny. MW_EBUSY: another process holds the store for too
 * long; deny as well. */
#ifndef MW_STORE_H
#define MW_STORE_H

#include "mw/change.h"
#include "mw/session.h"

struct mw_store;

enum mw_store_mode {
    MW_STORE_READ = 0, /* must exist and be of this version */
    MW_STORE_WRITE,    /* is created, or brought to this version. Made readable and writable for owner and group only:
                          the group of the directory is how another service's user gets in */
    MW_STORE_WRITE_AGAIN, /* as WRITE, but it must be there and be a store: for who has lost it and must not begin
                             with an empty one unasked */
};

struct mw_store_error {
    char text[200]; /* one line for the log; names the file, holds no data of it */
};

/* On success the caller owns *out. MW_EINVAL: not a URL of ours, or a file that is no store of this program;
 * MW_ENOENT: not there, or empty (never with MW_STORE_WRITE); MW_EIO, MW_ENOMEM. *err is filled on every failure. */
MW_MUST_CHECK enum mw_err mw_store_open(struct mw_str url, enum mw_store_mode mode, struct mw_store **out,
                                        struct mw_store_error *err);
/* Whether a writer could open it: it is there and may be written, or its folder may. Makes nothing. */
MW_MUST_CHECK enum mw_err mw_store_probe(struct mw_str url, struct mw_store_error *err);
/* Takes &st, allows NULL, clears. What was not committed is undone. */
void mw_store_close(struct mw_store **st);

/* Static words for the cause of the handle's last MW_EIO or MW_EBUSY. */
const char *mw_store_why(const struct mw_store *st);

/* Writing happens in a transaction: all of it is durable once commit has returned MW_OK, and none of it else. */
MW_MUST_CHECK enum mw_err mw_store_begin(struct mw_store *st);
MW_MUST_CHECK enum mw_err mw_store_commit(struct mw_store *st);
void mw_store_rollback(struct mw_store *st);
/* How much was written so far, in what only mw_store_untouched() understands. */
MW_MUST_CHECK int64_t mw_store_written(const struct mw_store *st);
/* In a transaction that has seen a failure: true when it stands as it did when `written` was told, so that it may go
 * on. False: something was written since, or the transaction is lost. Roll back. */
MW_MUST_CHECK bool mw_store_untouched(const struct mw_store *st, int64_t written);

/* In a transaction. Makes or updates the user and adds the session. Where user->profile is unknown the stored one
 * stays; *effective is what then holds, and *renamed (may be NULL) whether the user was known as somebody else before.
 * MW_EEXIST: the sid is taken, or the uid belongs to another openid. */
MW_MUST_CHECK enum mw_err mw_store_add_session(struct mw_store *st, const struct mw_user *user,
                                               const struct mw_session *session, struct mw_profile *effective,
                                               bool *renamed);
/* In a transaction. Drops at most max sessions whose end is at or before now_s; *dropped is their number. */
MW_MUST_CHECK enum mw_err mw_store_sweep(struct mw_store *st, int64_t now_s, uint32_t max, uint32_t *dropped);

/* In a transaction. The session lives until expires_s from now on. MW_ENOENT: no such session. */
MW_MUST_CHECK enum mw_err mw_store_set_session_end(struct mw_store *st, struct mw_str sid, int64_t expires_s);
/* In a transaction. MW_ENOENT: no such session. */
MW_MUST_CHECK enum mw_err mw_store_drop_session(struct mw_store *st, struct mw_str sid);
/* In a transaction. What others see of the user from now on. MW_ENOENT: no such user. */
MW_MUST_CHECK enum mw_err mw_store_set_profile(struct mw_store *st, struct mw_str uid,
                                               const struct mw_profile *profile);

/* MW_ENOENT: no such session. An expired one may still be there: look at expires_s. */
MW_MUST_CHECK enum mw_err mw_store_find_session(struct mw_store *st, struct mw_str sid, struct mw_session *out);

struct mw_session_brief {
    char sid[MW_SID_LEN + 1];
    int64_t created_s, expires_s;
};
/* Up to cap of a user's sessions in the order of their sids, those behind `after` only (absent: from the first).
 * Expired ones may be among them. A user that nobody knows has none. */
MW_MUST_CHECK enum mw_err mw_store_list_sessions(struct mw_store *st, struct mw_str uid, struct mw_str after,
                                                 struct mw_session_brief *out, size_t cap, size_t *count);
/* How many live at now_s. Takes time in proportion: not for who must not wait. */
MW_MUST_CHECK enum mw_err mw_store_count_sessions(struct mw_store *st, int64_t now_s, int64_t *count);
/* MW_OK when the user has ever logged in, else MW_ENOENT. */
MW_MUST_CHECK enum mw_err mw_store_find_user(struct mw_store *st, struct mw_str uid);

/* The change log, see mw/change.h. In a transaction: appends an entry and drops those on the same subject that it
 * replaces (a revocation also replaces an extension). *seq is its place; change->seq is not looked at. MW_EINVAL: not
 * valid. */
MW_MUST_CHECK enum mw_err mw_store_append_change(struct mw_store *st, const struct mw_change *change, int64_t *seq);
/* In a transaction. Drops at most max entries that no longer matter. */
MW_MUST_CHECK enum mw_err mw_store_drop_changes(struct mw_store *st, int64_t now_s, uint32_t max, uint32_t *dropped);
/* Up to cap entries behind seq `after`, in order. One that is not understood has type MW_CHANGE_NONE and its seq. */
MW_MUST_CHECK enum mw_err mw_store_read_changes(struct mw_store *st, int64_t after, struct mw_change *out, size_t cap,
                                                size_t *count);
/* The end of the entry of this type on this subject, room "" meaning all of them. MW_ENOENT: there is none. It may be
 * over already. */
MW_MUST_CHECK enum mw_err mw_store_find_change(struct mw_store *st, enum mw_change_type type, struct mw_str who,
                                               struct mw_str room, int64_t *until_s);
/* A number that differs from the last one whenever another handle has committed since. Cheap: for polling. */
MW_MUST_CHECK enum mw_err mw_store_pulse(struct mw_store *st, int64_t *pulse);
/* False once the file that was opened is no longer what its name stands for: it was removed or replaced. */
bool mw_store_in_place(const struct mw_store *st);

/* MW_OK when the store answers a question. */
MW_MUST_CHECK enum mw_err mw_store_ping(struct mw_store *st);

#endif
