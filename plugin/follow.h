/* A job of the worker thread: it follows the change log, so that the broker's thread never touches a disk. The two meet
 * in a bounded queue that neither waits for.
 *
 * A store that is away (removed, replaced, locked, damaged) is asked for again until it is back; then the log is
 * followed from its beginning, as nobody knows what was put in place. Only after a lock it goes on where it was. */
#ifndef PLUGIN_FOLLOW_H
#define PLUGIN_FOLLOW_H

#include "mw/log.h"
#include "mw/store.h"

struct follow;

/* Where the store comes from. `open` is called at start and by the worker; `first`: it may be created. *err as in
 * mw_store_open(). */
struct follow_source {
    enum mw_err (*open)(void *ctx, bool first, struct mw_store **out, struct mw_store_error *err);
    void *ctx;
    void (*wake)(void); /* called by the worker when there is something to take; may be NULL */
};

/* What is done with an entry: on the thread that calls follow_open() or follow_take(). */
struct follow_sink {
    void (*take)(void *ctx, const struct mw_change *change);
    void *ctx;
};

/* Opens the store and hands over all that the log holds. On success the caller owns *out, and has the worker call
 * follow_work() with it from then on; *count is the number of entries. On failure *err says why. */
MW_MUST_CHECK enum mw_err follow_open(const struct follow_source *source, const struct follow_sink *sink,
                                      struct follow **out, size_t *count, struct mw_store_error *err);
/* The worker's job: looks once for what is new. */
void follow_work(void *follow);
/* Hands over what has arrived, at most about max entries, and writes the worker's words to the log. Never waits. With
 * nothing there: one load. */
void follow_take(struct follow *f, const struct follow_sink *sink, const struct mw_log *log, size_t max);
/* After the worker has stopped. Takes &f, allows NULL, clears. */
void follow_close(struct follow **f);

/* The usual source. ctx is the URL, NUL-terminated. */
enum mw_err follow_open_url(void *ctx, bool first, struct mw_store **out, struct mw_store_error *err);

#endif
