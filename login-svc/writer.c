#include "writer.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SWEEP_EVERY_MS 10000
#define SWEEP_MAX 500 /* rows of a kind dropped in one transaction: nobody waits long for a sweep */
/* A broker on another machine, its clock slow, may still take an skey whose revocation has gone here. */
#define CLOCKS_APART_S 60
#define SWEEP_AGAIN_MS 50 /* when there was more than that */

struct writer {
    struct mw_store *store; /* NULL: its file is away */
    const struct mw_clock *clock;
    struct writer_watch watch;
    const struct mw_log *log;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct write_job *head, **tail; /* what waits; under the lock, as the two below */
    size_t waiting;
    bool stopping;
    atomic_ullong failures;
    atomic_bool has_store;
    bool failing; /* the thread's own, as what follows: the last transaction failed, and the log says so */
    struct mw_store_error refused; /* said of what stands in the place of a lost store; "": nothing yet */
    int64_t sweep_due_ms, look_due_ms;
    int64_t pulse; /* of the last look */
};

static int64_t mono_ms(const struct writer *w) {
    return w->clock->mono_ms(w->clock->ctx);
}

static int64_t unix_s(const struct writer *w) {
    return w->clock->unix_ms(w->clock->ctx) / 1000;
}

/* One line when trouble begins and one when it is over, not one for each of a thousand log-ins. */
static void note_outcome(struct writer *w, enum mw_err err) {
    bool failing = err != MW_OK;
    if (failing) atomic_fetch_add_explicit(&w->failures, 1, memory_order_relaxed);
    if (failing && !w->failing)
        mw_log(w->log, MW_LOG_ERROR, "store.write_failed", "err=\"%s\" cause=\"%s\"", mw_err_text(err),
               mw_store_why(w->store));
    if (!failing && w->failing) mw_log(w->log, MW_LOG_WARN, "store.write_recovered", "%s", "");
    w->failing = failing;
}

/* Runs the jobs up to `end` in one transaction. *spoiled: one of them failed halfway, or the store failed it; nothing
 * of any is written. */
static enum mw_err run_together(struct writer *w, struct write_job *jobs, const struct write_job *end, bool *spoiled) {
    enum mw_err err = mw_store_begin(w->store);
    *spoiled = false;
    for (struct write_job *job = jobs; job != end && err == MW_OK && !*spoiled; job = job->next) {
        const int64_t written = mw_store_written(w->store);
        job->err = job->run(job, w->store);
        *spoiled = job->err == MW_EIO || (job->err != MW_OK && !mw_store_untouched(w->store, written));
    }
    if (err == MW_OK && !*spoiled) err = mw_store_commit(w->store);
    if (err != MW_OK || *spoiled) mw_store_rollback(w->store);
    for (struct write_job *job = jobs; job != end && err != MW_OK; job = job->next)
        job->err = MW_EIO;
    return err;
}

/* Together costs one wait for the disk, and hardly a job fails after it has written: a point to go back to before each
 * of them would cost more than all that it saves. Should one fail so, each runs again, and alone. */
static void run_all(struct writer *w, struct write_job *jobs) {
    bool spoiled = false;
    enum mw_err err = run_together(w, jobs, NULL, &spoiled);
    if (!spoiled) note_outcome(w, err);
    for (struct write_job *job = spoiled ? jobs : NULL; job; job = job->next) {
        if (err != MW_OK) { /* the store can not be written now: the others need not wait for that too */
            job->err = MW_EIO;
            continue;
        }
        err = run_together(w, job, job->next, &spoiled);
        note_outcome(w, job->err == MW_EIO ? MW_EIO : MW_OK); /* else it is the job's trouble and not the store's */
    }
}

static bool changes_sessions(const struct write_job *jobs) {
    while (jobs && !jobs->changes_sessions)
        jobs = jobs->next;
    return jobs;
}

/* ---- the store's file ---- */

/* What is written to a file that no name leads to is lost. */
static void lose_store(struct writer *w) {
    atomic_store(&w->has_store, false);
    mw_store_close(&w->store);
    w->watch.changed(w->watch.ctx);
    w->refused.text[0] = '\0';
    mw_log(w->log, MW_LOG_ERROR, "store.away", "option=store why=\"%s\" note=\"%s\"",
           "the file was removed or replaced", "put one back, or restart the service to begin with an empty one");
}

/* Its pulse is taken before all is forgotten: what is remembered later is watched from there on. */
static enum mw_err open_again(struct writer *w, struct mw_store_error *why) {
    struct mw_store *st = NULL;
    enum mw_err err = w->watch.reopen(w->watch.ctx, &st, why);
    if (err != MW_OK) return err;
    err = mw_store_pulse(st, &w->pulse);
    if (err != MW_OK) {
        (void)snprintf(why->text, sizeof why->text, "%s", mw_store_why(st));
        mw_store_close(&st);
    }
    w->store = st;
    return err;
}

static void find_store(struct writer *w) {
    struct mw_store_error why;
    enum mw_err err = open_again(w, &why);
    if (err == MW_OK) {
        w->watch.changed(w->watch.ctx);
        atomic_store(&w->has_store, true);
        mw_log(w->log, MW_LOG_WARN, "store.back", "option=store");
    } else if (err != MW_ENOENT && strcmp(w->refused.text, why.text) != 0) { /* something is there, and of no use */
        w->refused = why;
        mw_log(w->log, MW_LOG_ERROR, "store.refused", "option=store why=\"%s\"", why.text);
    }
}

static bool in_place(struct writer *w) {
    if (w->store && !mw_store_in_place(w->store)) lose_store(w);
    return w->store;
}

static void fail_all(struct writer *w, struct write_job *jobs) {
    atomic_fetch_add_explicit(&w->failures, 1, memory_order_relaxed);
    for (; jobs; jobs = jobs->next)
        jobs->err = MW_EIO;
}

static void run_batch(struct writer *w, struct write_job *jobs) {
    if (in_place(w)) run_all(w, jobs);
    /* Once more: nobody is told of what went into a file that has gone meanwhile. */
    if (!in_place(w)) fail_all(w, jobs);
    /* Also after a failure: nobody knows how far it came. */
    if (changes_sessions(jobs)) w->watch.changed(w->watch.ctx);
    while (jobs) {
        struct write_job *job = jobs;
        jobs = job->next; /* done() may free the job */
        job->done(job, job->err);
    }
}

static void sweep(struct writer *w) {
    uint32_t dropped = 0, changes = 0;
    int64_t now_s = unix_s(w);
    w->sweep_due_ms = mono_ms(w) + SWEEP_EVERY_MS;
    if (!w->store) return;
    enum mw_err err = mw_store_begin(w->store);
    if (err == MW_OK) err = mw_store_sweep(w->store, now_s, SWEEP_MAX, &dropped);
    if (err == MW_OK) err = mw_store_drop_changes(w->store, now_s - CLOCKS_APART_S, SWEEP_MAX, &changes);
    if (err == MW_OK) err = mw_store_commit(w->store);
    if (err != MW_OK) mw_store_rollback(w->store);
    note_outcome(w, err);
    bool more = err == MW_OK && (dropped == SWEEP_MAX || changes == SWEEP_MAX);
    if (more) w->sweep_due_ms = mono_ms(w) + SWEEP_AGAIN_MS;
    if (err == MW_OK && dropped + changes > 0)
        mw_log(w->log, MW_LOG_DEBUG, "store.swept", "sessions=%" PRIu32 " changes=%" PRIu32, dropped, changes);
}

/* Have others written, to this file or over it? The pulse of this handle does not move by its own commits. */
static void look(struct writer *w) {
    int64_t now_ms = mono_ms(w), pulse = 0;
    w->look_due_ms = now_ms + w->watch.every_ms;
    if (!in_place(w)) find_store(w);
    if (!w->store) return;
    if (mw_store_pulse(w->store, &pulse) != MW_OK) return;
    if (pulse != w->pulse) w->watch.changed(w->watch.ctx);
    w->pulse = pulse;
    w->watch.looked(w->watch.ctx, now_ms);
}

/* Under the lock. The first WRITER_BATCH_MAX jobs, or NULL. */
static struct write_job *take_batch(struct writer *w) {
    struct write_job *first = w->head, **end = &w->head;
    size_t taken = 0;
    while (*end && taken < WRITER_BATCH_MAX) {
        end = &(*end)->next;
        taken++;
    }
    w->head = *end;
    *end = NULL;
    if (!w->head) w->tail = &w->head;
    w->waiting -= taken;
    return taken > 0 ? first : NULL;
}

static void wait_until(struct writer *w, int64_t due_ms) {
    int64_t left_ms = due_ms - mono_ms(w);
    if (left_ms <= 0) return;
    struct timespec at;
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += left_ms / 1000;
    at.tv_nsec += left_ms % 1000 * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    (void)pthread_cond_timedwait(&w->wake, &w->lock, &at);
}

static void *writer_main(void *arg) {
    struct writer *w = arg;
    (void)pthread_mutex_lock(&w->lock);
    while (w->head || !w->stopping) {
        if (!w->head) wait_until(w, w->look_due_ms < w->sweep_due_ms ? w->look_due_ms : w->sweep_due_ms);
        struct write_job *jobs = w->head ? take_batch(w) : NULL;
        bool stopping = w->stopping;
        (void)pthread_mutex_unlock(&w->lock);
        if (jobs) run_batch(w, jobs);
        if (!stopping && mono_ms(w) >= w->sweep_due_ms) sweep(w);
        if (!stopping && mono_ms(w) >= w->look_due_ms) look(w);
        (void)pthread_mutex_lock(&w->lock);
    }
    (void)pthread_mutex_unlock(&w->lock);
    return NULL;
}

enum mw_err writer_start(struct mw_store *store, const struct mw_clock *clock, const struct writer_watch *watch,
                         const struct mw_log *log, struct writer **out) {
    struct writer *w = calloc(1, sizeof *w);
    if (!w) return MW_ENOMEM;
    w->store = store;
    atomic_init(&w->has_store, true);
    w->clock = clock;
    w->watch = *watch;
    w->log = log;
    w->tail = &w->head;
    pthread_condattr_t attr;
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)pthread_cond_init(&w->wake, &attr);
    (void)pthread_condattr_destroy(&attr);
    if (pthread_create(&w->thread, NULL, writer_main, w) != 0) {
        (void)pthread_cond_destroy(&w->wake);
        (void)pthread_mutex_destroy(&w->lock);
        free(w);
        return MW_ENOMEM;
    }
    (void)pthread_setname_np(w->thread, "store-writer");
    *out = w;
    return MW_OK;
}

enum mw_err writer_submit(struct writer *w, struct write_job *job) {
    enum mw_err err = MW_EBUSY;
    job->next = NULL;
    job->err = MW_OK;
    (void)pthread_mutex_lock(&w->lock);
    if (!w->stopping && w->waiting < WRITER_QUEUE_MAX) {
        if (!w->head) (void)pthread_cond_signal(&w->wake);
        *w->tail = job;
        w->tail = &job->next;
        w->waiting++;
        err = MW_OK;
    }
    (void)pthread_mutex_unlock(&w->lock);
    return err;
}

size_t writer_waiting(struct writer *w) {
    (void)pthread_mutex_lock(&w->lock);
    size_t waiting = w->waiting;
    (void)pthread_mutex_unlock(&w->lock);
    return waiting;
}

uint64_t writer_failures(const struct writer *w) {
    return atomic_load_explicit(&w->failures, memory_order_relaxed);
}

bool writer_has_store(const struct writer *w) {
    return atomic_load_explicit(&w->has_store, memory_order_relaxed);
}

void writer_stop(struct writer *w) {
    if (!w) return;
    (void)pthread_mutex_lock(&w->lock);
    w->stopping = true;
    (void)pthread_cond_signal(&w->wake);
    (void)pthread_mutex_unlock(&w->lock);
    (void)pthread_join(w->thread, NULL);
}

void writer_free(struct writer **w) {
    if (!*w) return;
    mw_store_close(&(*w)->store);
    (void)pthread_cond_destroy(&(*w)->wake);
    (void)pthread_mutex_destroy(&(*w)->lock);
    free(*w);
    *w = NULL;
}
