#include "worker.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum mw_err worker_add(struct worker *w, void (*work)(void *ctx), void *ctx) {
    if (w->count == WORKER_JOBS_MAX) return MW_ETOOBIG;
    w->jobs[w->count++] = (struct worker_job){work, ctx};
    return MW_OK;
}

static void *turn(void *arg) {
    const struct worker *w = arg;
    struct pollfd stop = {.fd = w->stop_fd, .events = POLLIN};
    while (poll(&stop, 1, WORKER_POLL_MS) <= 0)
        for (size_t i = 0; i < w->count; i++)
            w->jobs[i].work(w->jobs[i].ctx);
    return NULL;
}

enum mw_err worker_start(struct worker *w) {
    sigset_t all, former;
    if (w->count == 0) return MW_OK;
    w->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (w->stop_fd < 0) return MW_EIO;
    /* With every signal blocked: they are for the broker's thread. */
    (void)sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &former) == 0) {
        w->running = pthread_create(&w->thread, NULL, turn, w) == 0;
        (void)pthread_sigmask(SIG_SETMASK, &former, NULL);
    }
    if (!w->running) (void)close(w->stop_fd);
    return w->running ? MW_OK : MW_EIO;
}

void worker_stop(struct worker *w) {
    if (w->running) {
        (void)eventfd_write(w->stop_fd, 1);
        (void)pthread_join(w->thread, NULL);
        (void)close(w->stop_fd);
    }
    *w = (struct worker){0};
}
