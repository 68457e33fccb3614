#include "event_loop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define TAKEN_AT_ONCE 16

struct handed {
    int fd;
    socklen_t addr_len;
    struct sockaddr_storage addr;
};
_Static_assert(sizeof(struct handed) <= PIPE_BUF, "one write puts it into the pipe whole");

struct event_loop {
    struct event_loop_host host;
    int pipe[2]; /* what is handed over; its end is the loop's end */
    int bell;
    atomic_bool rung; /* and not heard yet: once is enough */
    pthread_t thread;
};

/* False once nobody can hand over any more. */
static bool take_handed(const struct event_loop *l) {
    struct handed some[TAKEN_AT_ONCE];
    const ssize_t n = read(l->pipe[0], some, sizeof some);
    for (size_t i = 0; n > 0 && i < (size_t)n / sizeof some[0]; i++)
        l->host.take(l->host.ctx, some[i].fd, (const struct sockaddr *)&some[i].addr, some[i].addr_len);
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static void hear(struct event_loop *l) {
    uint64_t count;
    (void)!read(l->bell, &count, sizeof count);
    atomic_store(&l->rung, false); /* before run(): who rings from here on is heard the next time */
}

static void *loop_main(void *arg) {
    struct event_loop *l = arg;
    for (;;) {
        struct pollfd fds[] = {{.fd = l->host.fd, .events = POLLIN},
                               {.fd = l->pipe[0], .events = POLLIN},
                               {.fd = l->bell, .events = POLLIN}};
        if (poll(fds, 3, l->host.wait_ms(l->host.ctx)) < 0) continue; /* EINTR */
        if (fds[2].revents) hear(l);
        if (fds[1].revents && !take_handed(l)) return NULL;
        l->host.run(l->host.ctx);
    }
}

static void free_loop(struct event_loop *l) {
    for (size_t i = 0; i < 2; i++)
        if (l->pipe[i] >= 0) (void)close(l->pipe[i]);
    if (l->bell >= 0) (void)close(l->bell);
    free(l);
}

enum mw_err event_loop_start(const struct event_loop_host *host, const char *name, struct event_loop **out) {
    struct event_loop *l = calloc(1, sizeof *l);
    if (!l) return MW_ENOMEM;
    l->host = *host;
    l->pipe[0] = l->pipe[1] = -1;
    l->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (l->bell < 0 || pipe2(l->pipe, O_CLOEXEC) != 0 || fcntl(l->pipe[0], F_SETFL, O_NONBLOCK) != 0 ||
        pthread_create(&l->thread, NULL, loop_main, l) != 0) {
        free_loop(l);
        return MW_ENOMEM;
    }
    (void)pthread_setname_np(l->thread, name);
    *out = l;
    return MW_OK;
}

bool event_loop_hand(struct event_loop *l, int fd, const struct sockaddr *addr, socklen_t addr_len) {
    struct handed h = {.fd = fd, .addr_len = addr_len};
    if (addr_len > sizeof h.addr) return false;
    memcpy(&h.addr, addr, addr_len);
    ssize_t n = -1;
    do
        n = write(l->pipe[1], &h, sizeof h);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof h;
}

void event_loop_wake(struct event_loop *l) {
    const uint64_t one = 1;
    if (!atomic_exchange(&l->rung, true)) (void)!write(l->bell, &one, sizeof one);
}

void event_loop_stop(struct event_loop **l) {
    if (!*l) return;
    (void)close((*l)->pipe[1]);
    (*l)->pipe[1] = -1;
    (void)pthread_join((*l)->thread, NULL);
    free_loop(*l);
    *l = NULL;
}
