/* A job of the worker thread: it keeps the rooms' messages on disk, so that they outlive a restart of the broker. The
 * broker's thread hands over copies through a bounded queue and waits for nothing.
 *
 * What is on disk is a help, not a promise: while the queue is full (a store that is away for long, a disk that is too
 * slow) messages are kept in memory alone, and the log says so once. Removals get the last places of the queue. */
#ifndef PLUGIN_ARCHIVE_H
#define PLUGIN_ARCHIVE_H

#include "history.h"

#include "mw/log.h"
#include "mw/store.h"

#define ARCHIVE_JOBS 8192                              /* that may wait; a power of two */
#define ARCHIVE_PUTS (ARCHIVE_JOBS - ARCHIVE_JOBS / 8) /* of them messages */
#define ARCHIVE_BYTES (16 << 20)                       /* that may wait */

struct archive;

/* Opens or creates the store and fills h, whose limit is set, with the newest messages. On success the caller owns
 * *out, and has the worker call archive_work() with it from then on; *count is the number of messages in h. On failure
 * *err says why. url is borrowed until archive_close(). */
MW_MUST_CHECK enum mw_err archive_open(const char *url, struct history *h, struct archive **out, size_t *count,
                                       struct mw_store_error *err);
/* What history_add() took, and what history_remove() is to take from the disk as well. Copies, never waits. */
void archive_put(struct archive *a, struct mw_str room, const struct past *message);
void archive_remove(struct archive *a, struct mw_str room, int64_t id);
/* Nothing waits to be written: what was handed over is on disk. */
bool archive_idle(const struct archive *a);
/* Writes the archive's words to the log. With nothing to say: one load and one compare. */
void archive_tick(struct archive *a, const struct mw_log *log);

/* The worker's job: writes what waits, in one transaction. A store that is away is asked for again until it is back;
 * meanwhile the jobs wait. Keeps HISTORY_PER_ROOM messages of a room or not many more, and in all twice as many bytes
 * as the memory's limit. */
void archive_work(void *archive);

/* After the worker has stopped: writes what is left, for at most 2 seconds. Takes &a, allows NULL, clears. */
void archive_close(struct archive **a, const struct mw_log *log);

#endif
