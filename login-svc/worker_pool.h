/* A few threads for what may wait for a disk. */
#ifndef WORKER_POOL_H
#define WORKER_POOL_H

#include "mw/err.h"

struct pool_job {
    void (*run)(struct pool_job *job); /* on one of the pool's threads, once. The job may be gone when it returns */
    struct pool_job *next;             /* the pool's */
};

struct worker_pool;

/* name: of the threads, at most 15 bytes. */
MW_MUST_CHECK enum mw_err worker_pool_start(unsigned threads, const char *name, struct worker_pool **out);
/* Any thread. The job stays the caller's memory, and must live until it runs. MW_EBUSY: the pool stops; run() will not
 * be called. */
MW_MUST_CHECK enum mw_err worker_pool_submit(struct worker_pool *p, struct pool_job *job);
/* Runs what was submitted, then ends, and refuses what comes later. Once; allows NULL. */
void worker_pool_stop(struct worker_pool *p);
/* After the stop, when nobody can submit any more. Takes &p, allows NULL, clears. */
void worker_pool_free(struct worker_pool **p);

#endif
