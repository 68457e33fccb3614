#include "acceptor.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define FULL_LOOK_MS 10      /* while there is no room */
#define EXHAUSTED_LOOK_MS 50 /* while the system has no memory or file for one more */

struct acceptor {
    int listen_fd, stop; /* stop: an eventfd that is rung once, and stays rung */
    struct acceptor_host host;
    pthread_t thread;
};

/* What is only this connection's trouble, or none at all (accept(2)). */
static bool is_passing(int why) {
    return why == EINTR || why == ECONNABORTED || why == EPROTO || why == ENETDOWN || why == ENETUNREACH ||
           why == EHOSTDOWN || why == EHOSTUNREACH || why == ENOPROTOOPT || why == EPERM;
}

/* Takes what waits. Gives how long to leave the socket alone, in ms; 0: until it has news. */
static int take_all(const struct acceptor *a) {
    for (;;) {
        if (!a->host.has_room(a->host.ctx)) return FULL_LOOK_MS;
        struct sockaddr_storage addr;
        socklen_t len = sizeof addr;
        int fd = accept4(a->listen_fd, (struct sockaddr *)&addr, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0)
            a->host.take(a->host.ctx, fd, (const struct sockaddr *)&addr, len);
        else if (errno == EAGAIN)
            return 0;
        else if (!is_passing(errno))
            return EXHAUSTED_LOOK_MS;
    }
}

static void *acceptor_main(void *arg) {
    const struct acceptor *a = arg;
    for (int pause_ms = 0;;) {
        struct pollfd fds[] = {{.fd = a->stop, .events = POLLIN}, {.fd = a->listen_fd, .events = POLLIN}};
        const bool resting = pause_ms > 0;
        if (poll(fds, resting ? 1 : 2, resting ? pause_ms : -1) < 0) continue; /* EINTR */
        if (fds[0].revents) return NULL;
        pause_ms = take_all(a);
    }
}

enum mw_err acceptor_start(int listen_fd, const struct acceptor_host *host, struct acceptor **out) {
    struct acceptor *a = calloc(1, sizeof *a);
    if (!a) return MW_ENOMEM;
    a->listen_fd = listen_fd;
    a->host = *host;
    a->stop = eventfd(0, EFD_CLOEXEC);
    if (a->stop < 0 || pthread_create(&a->thread, NULL, acceptor_main, a) != 0) {
        if (a->stop >= 0) (void)close(a->stop);
        free(a);
        return MW_ENOMEM;
    }
    (void)pthread_setname_np(a->thread, "acceptor");
    *out = a;
    return MW_OK;
}

void acceptor_stop(struct acceptor **a) {
    const uint64_t one = 1;
    if (!*a) return;
    (void)!write((*a)->stop, &one, sizeof one);
    (void)pthread_join((*a)->thread, NULL);
    (void)close((*a)->stop);
    free(*a);
    *a = NULL;
}
