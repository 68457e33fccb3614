/* The plugin's one thread for input and output: it calls each of its jobs every WORKER_POLL_MS. A job never waits for
 * the broker's thread: the two exchange what they have through queues (queue.h). */
#ifndef PLUGIN_WORKER_H
#define PLUGIN_WORKER_H

#include "mw/err.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define WORKER_POLL_MS 20
#define WORKER_JOBS_MAX 4

/* Zeroed: no jobs, no thread. */
struct worker {
    struct worker_job {
        void (*work)(void *ctx);
        void *ctx;
    } jobs[WORKER_JOBS_MAX];
    size_t count;
    pthread_t thread;
    bool running;
    int stop_fd;
};

/* Before the start. In the order in which they are called; ctx stays the caller's until worker_stop(). MW_ETOOBIG. */
MW_MUST_CHECK enum mw_err worker_add(struct worker *w, void (*work)(void *ctx), void *ctx);
/* Nothing to do, no thread. MW_EIO: none can be started. */
MW_MUST_CHECK enum mw_err worker_start(struct worker *w);
/* Waits for the job at hand. Allows one that does not run; forgets the jobs. */
void worker_stop(struct worker *w);

#endif
