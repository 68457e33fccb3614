/* The one thread that writes the store. Everything that waits goes into one transaction, so that a thousand log-ins
 * cost one wait for the disk and not a thousand. */
#ifndef WRITER_H
#define WRITER_H

#include "mw/clock.h"
#include "mw/log.h"
#include "mw/store.h"

#define WRITER_QUEUE_MAX 8192
#define WRITER_BATCH_MAX 512

/* Lives in the caller's memory from submit until done() is called. */
struct write_job {
    /* On the writer's thread, within a transaction. A failure undoes this job's writes and nobody else's; for that it
     * may be called once more, with nothing of the first call left in the store. */
    enum mw_err (*run)(struct write_job *job, struct mw_store *store);
    /* On the writer's thread, after the commit. MW_OK: it is on the disk. Else nothing of it is: run()'s own error, or
     * MW_EIO when the transaction as a whole failed, or one before it and this was not tried, or the store's file is
     * not in its place. The job may be freed in here. */
    void (*done)(struct write_job *job, enum mw_err err);
    /* Ends, renews, renames or bans: what others remember of sessions holds no more. run() may set it. */
    bool changes_sessions;
    enum mw_err err; /* these two are the writer's */
    struct write_job *next;
};

struct writer;

/* The writer's own handle tells other processes' commits from those of this one, and whether its file is still the one
 * that stands at the store's name. Called on the writer's thread. */
struct writer_watch {
    void (*changed)(
        void *ctx); /* sessions have changed, or may have. Of our own jobs: after the commit, before any done() */
    void (*looked)(void *ctx, int64_t mono_ms); /* up to then no other process had changed anything unnoticed */
    /* The store anew, after its file was removed or replaced; must not make one. Asked at each look until it is there.
     */
    enum mw_err (*reopen)(void *ctx, struct mw_store **out, struct mw_store_error *err);
    int64_t every_ms; /* how often it looks */
    void *ctx;
};

/* On success the store is the writer's, which closes it when its file has gone, and in writer_free(). watch (copied)
 * and log must outlive the writer. */
MW_MUST_CHECK enum mw_err writer_start(struct mw_store *store, const struct mw_clock *clock,
                                       const struct writer_watch *watch, const struct mw_log *log, struct writer **out);
/* Any thread. MW_EBUSY: too many jobs wait, or the writer stops; done() will not be called. */
MW_MUST_CHECK enum mw_err writer_submit(struct writer *w, struct write_job *job);
/* How many jobs wait, and how many transactions have failed. Any thread. */
size_t writer_waiting(struct writer *w);
uint64_t writer_failures(const struct writer *w);
/* False while the store is away: nothing can be written. Any thread. */
bool writer_has_store(const struct writer *w);
/* Does what was submitted, then ends, and refuses what comes later. Once; allows NULL. */
void writer_stop(struct writer *w);
/* After the stop, when no thread can submit any more. Takes &w, allows NULL, clears. */
void writer_free(struct writer **w);

#endif
