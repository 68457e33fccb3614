#include "lingering.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 500 /* how often the clock is looked at */
#define EVENTS_MAX 64
#define READ_SIZE 65536
#define READS_MAX 16 /* of one connection in a row */
#define NOBODY LINGER_MAX

struct guest {
    int fd; /* -1: a free place */
    int64_t ends_ms, quiet_ends_ms;
    uint64_t bytes_left;
};

struct lingering {
    int epoll, wake;
    pthread_t thread;
    pthread_mutex_t lock; /* over the next three */
    struct guest guests[LINGER_MAX];
    unsigned count;
    bool stopping;
    char scrap[READ_SIZE]; /* the thread's */
};

static int64_t now_ms(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Under the lock, as the next three. */
static void leave(struct lingering *l, struct guest *g) {
    (void)close(g->fd);
    g->fd = -1;
    l->count--;
}

static void read_from(struct lingering *l, struct guest *g) {
    for (int i = 0; g->fd >= 0 && i < READS_MAX; i++) {
        const ssize_t n = recv(g->fd, l->scrap, sizeof l->scrap, MSG_DONTWAIT);
        if (n > 0 && (uint64_t)n <= g->bytes_left) {
            g->bytes_left -= (uint64_t)n;
            g->quiet_ends_ms = now_ms() + LINGER_QUIET_MS;
            continue;
        }
        if (n >= 0 || (errno != EAGAIN && errno != EINTR)) leave(l, g);
        return;
    }
}

static void look_at_the_clock(struct lingering *l) {
    const int64_t now = now_ms();
    for (size_t i = 0; i < LINGER_MAX; i++) {
        struct guest *g = &l->guests[i];
        if (g->fd >= 0 && (now >= g->ends_ms || now >= g->quiet_ends_ms)) leave(l, g);
    }
}

static void take_events(struct lingering *l, const struct epoll_event *events, int n) {
    for (int i = 0; i < n; i++)
        if (events[i].data.u32 != NOBODY) read_from(l, &l->guests[events[i].data.u32]);
}

static void *lingering_main(void *arg) {
    struct lingering *l = arg;
    struct epoll_event events[EVENTS_MAX];
    bool stopping = false;
    int wait_ms = -1; /* nobody is there: until one comes */
    while (!stopping) {
        const int n = epoll_wait(l->epoll, events, EVENTS_MAX, wait_ms);
        uint64_t rung;
        (void)!read(l->wake, &rung, sizeof rung);
        (void)pthread_mutex_lock(&l->lock);
        take_events(l, events, n);
        look_at_the_clock(l);
        wait_ms = l->count > 0 ? LOOK_MS : -1;
        stopping = l->stopping;
        (void)pthread_mutex_unlock(&l->lock);
    }
    return NULL;
}

static void ring(const struct lingering *l) {
    const uint64_t one = 1;
    (void)!write(l->wake, &one, sizeof one);
}

static void free_all(struct lingering *l) {
    for (size_t i = 0; i < LINGER_MAX; i++)
        if (l->guests[i].fd >= 0) leave(l, &l->guests[i]);
    if (l->wake >= 0) (void)close(l->wake);
    if (l->epoll >= 0) (void)close(l->epoll);
    (void)pthread_mutex_destroy(&l->lock);
    free(l);
}

enum mw_err lingering_start(struct lingering **out) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = NOBODY};
    struct lingering *l = calloc(1, sizeof *l);
    if (!l) return MW_ENOMEM;
    for (size_t i = 0; i < LINGER_MAX; i++)
        l->guests[i].fd = -1;
    (void)pthread_mutex_init(&l->lock, NULL);
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (l->epoll < 0 || l->wake < 0 || epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->wake, &event) != 0 ||
        pthread_create(&l->thread, NULL, lingering_main, l) != 0) {
        free_all(l);
        return MW_ENOMEM;
    }
    (void)pthread_setname_np(l->thread, "lingering");
    *out = l;
    return MW_OK;
}

/* Under the lock. False: there is no place. */
static bool let_in(struct lingering *l, int fd, uint64_t bytes_max) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP};
    const int64_t now = now_ms();
    while (event.data.u32 < LINGER_MAX && l->guests[event.data.u32].fd >= 0)
        event.data.u32++;
    if (l->stopping || event.data.u32 == LINGER_MAX || epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        return false;
    l->guests[event.data.u32] = (struct guest){fd, now + LINGER_TOTAL_MS, now + LINGER_QUIET_MS, bytes_max};
    l->count++;
    return true;
}

void lingering_add(struct lingering *l, int fd, uint64_t bytes_max) {
    (void)pthread_mutex_lock(&l->lock);
    const bool in = let_in(l, fd, bytes_max);
    (void)pthread_mutex_unlock(&l->lock);
    if (in)
        ring(l);
    else
        (void)close(fd);
}

void lingering_stop(struct lingering **l) {
    if (!*l) return;
    (void)pthread_mutex_lock(&(*l)->lock);
    (*l)->stopping = true;
    (void)pthread_mutex_unlock(&(*l)->lock);
    ring(*l);
    (void)pthread_join((*l)->thread, NULL);
    free_all(*l);
    *l = NULL;
}
