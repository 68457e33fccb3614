/* The messages of rooms, kept on disk: what a restart of the broker is to leave of them. A file of its own, apart from
 * the sessions'; the URL names the kind of store, sqlite:/path/to/file.
 *
 * One program writes it, one thread at a time uses a handle. Errors are those of mw/store.h. */
#ifndef MW_HISTORY_STORE_H
#define MW_HISTORY_STORE_H

#include "mw/store.h"
#include "mw/topic.h"

#define MW_HISTORY_M2_MAX 71680    /* bytes of one message */
#define MW_HISTORY_MESSAGE_COST 64 /* what load counts for a message beside its bytes */

struct mw_history_store;

/* All borrowed. Put: until it returns; load: until the function it is given to returns. */
struct mw_history_message {
    struct mw_str room; /* 1..MW_ROOM_MAX bytes */
    int64_t id;         /* > 0 */
    int64_t time_ms;
    struct mw_str uid; /* "" when unknown */
    struct mw_str m2;
};

/* Creates the file, or brings it to this version. On success the caller owns *out. MW_EINVAL: not a URL of ours, or a
 * file that is no such store; MW_EIO, MW_ENOMEM. *err is filled on every failure. */
MW_MUST_CHECK enum mw_err mw_history_store_open(struct mw_str url, struct mw_history_store **out,
                                                struct mw_store_error *err);
/* Takes &st, allows NULL, clears. What was not committed is undone. */
void mw_history_store_close(struct mw_history_store **st);
/* Static words for the cause of the handle's last MW_EIO or MW_EBUSY. */
const char *mw_history_store_why(const struct mw_history_store *st);
/* False once the file that was opened is no longer what its name stands for: it was removed or replaced. */
bool mw_history_store_in_place(const struct mw_history_store *st);

/* Changes happen in a transaction: all of it is there after a crash of the program once commit has returned MW_OK, and
 * none of it else. A crash of the machine may take the last transactions, never a part of one. */
MW_MUST_CHECK enum mw_err mw_history_store_begin(struct mw_history_store *st);
MW_MUST_CHECK enum mw_err mw_history_store_commit(struct mw_history_store *st);
void mw_history_store_rollback(struct mw_history_store *st);

/* In a transaction. One that is there already (room and id) stays as it is. MW_EINVAL, MW_ETOOBIG: against the bounds
 * above, nothing happened. */
MW_MUST_CHECK enum mw_err mw_history_store_put(struct mw_history_store *st, const struct mw_history_message *message);
/* In a transaction. MW_OK also when there is none. */
MW_MUST_CHECK enum mw_err mw_history_store_remove(struct mw_history_store *st, struct mw_str room, int64_t id);
/* In a transaction. Leaves the newest `keep` (at least 1) messages of the room. */
MW_MUST_CHECK enum mw_err mw_history_store_prune(struct mw_history_store *st, struct mw_str room, uint32_t keep);
/* In a transaction. While more than max_bytes of the file are in use: drops the `count` messages that were put first,
 * of whatever rooms. *over says whether they were. The file itself does not shrink, what is freed is used again. */
MW_MUST_CHECK enum mw_err mw_history_store_trim(struct mw_history_store *st, int64_t max_bytes, uint32_t count,
                                                bool *over);

/* Gives the messages that were put last, as many as fit into max_bytes with MW_HISTORY_MESSAGE_COST for each, in the
 * order in which they were put. A row that breaks the bounds is passed over: it is not ours. */
typedef void mw_history_load_fn(void *ctx, const struct mw_history_message *message);
MW_MUST_CHECK enum mw_err mw_history_store_load(struct mw_history_store *st, size_t max_bytes, mw_history_load_fn *each,
                                                void *ctx);

#endif
