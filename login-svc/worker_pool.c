#include "worker_pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct worker_pool {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct pool_job *head, **tail; /* what waits; under the lock, as the next */
    bool stopping;
    unsigned started;
    pthread_t threads[];
};

static void *worker_main(void *arg) {
    struct worker_pool *p = arg;
    (void)pthread_mutex_lock(&p->lock);
    while (p->head || !p->stopping) {
        struct pool_job *job = p->head;
        if (!job) {
            (void)pthread_cond_wait(&p->wake, &p->lock);
            continue;
        }
        p->head = job->next;
        if (!p->head) p->tail = &p->head;
        (void)pthread_mutex_unlock(&p->lock);
        job->run(job);
        (void)pthread_mutex_lock(&p->lock);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return NULL;
}

enum mw_err worker_pool_start(unsigned threads, const char *name, struct worker_pool **out) {
    struct worker_pool *p = calloc(1, sizeof *p + threads * sizeof(pthread_t));
    if (!p) return MW_ENOMEM;
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_cond_init(&p->wake, NULL);
    p->tail = &p->head;
    while (p->started < threads && pthread_create(&p->threads[p->started], NULL, worker_main, p) == 0)
        (void)pthread_setname_np(p->threads[p->started++], name);
    if (p->started < threads) {
        worker_pool_stop(p);
        worker_pool_free(&p);
        return MW_ENOMEM;
    }
    *out = p;
    return MW_OK;
}

enum mw_err worker_pool_submit(struct worker_pool *p, struct pool_job *job) {
    enum mw_err err = MW_EBUSY;
    job->next = NULL;
    (void)pthread_mutex_lock(&p->lock);
    if (!p->stopping) {
        *p->tail = job;
        p->tail = &job->next;
        (void)pthread_cond_signal(&p->wake);
        err = MW_OK;
    }
    (void)pthread_mutex_unlock(&p->lock);
    return err;
}

void worker_pool_stop(struct worker_pool *p) {
    if (!p) return;
    (void)pthread_mutex_lock(&p->lock);
    p->stopping = true;
    (void)pthread_cond_broadcast(&p->wake);
    (void)pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->started; i++)
        (void)pthread_join(p->threads[i], NULL);
}

void worker_pool_free(struct worker_pool **p) {
    if (!*p) return;
    (void)pthread_cond_destroy(&(*p)->wake);
    (void)pthread_mutex_destroy(&(*p)->lock);
    free(*p);
    *p = NULL;
}
