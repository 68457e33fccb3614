/* A thread that waits for an fd, for connections handed to it and for a call from other threads, and has its host do
 * what there is to do.
 *
 * libmicrohttpd (0.9.75) has threads of its own for that, which we do not use: when exactly 128 connections, or a
 * multiple, have news at the same moment, such a thread goes on waiting instead of reading them, for as long as nothing
 * else happens, and closes them then because they were idle. */
#ifndef EVENT_LOOP_H
#define EVENT_LOOP_H

#include <stdbool.h>
#include <sys/socket.h>

#include "mw/err.h"

/* All are called on the loop's thread. */
struct event_loop_host {
    int fd; /* readable: there is something to do */
    /* How long at most until run() is due, in ms; -1: until fd says so. */
    int (*wait_ms)(void *ctx);
    void (*run)(void *ctx);
    /* Takes over the socket. */
    void (*take)(void *ctx, int fd, const struct sockaddr *addr, socklen_t addr_len);
    void *ctx;
};

struct event_loop;

/* host is copied; its fd stays the host's. name: of the thread, at most 15 characters. */
MW_MUST_CHECK enum mw_err event_loop_start(const struct event_loop_host *host, const char *name,
                                           struct event_loop **out);
/* Any thread; waits while very many were handed over and not taken yet. False: could not, and fd is still the caller's.
 */
MW_MUST_CHECK bool event_loop_hand(struct event_loop *l, int fd, const struct sockaddr *addr, socklen_t addr_len);
/* Any thread: run() is called once more, after this. */
void event_loop_wake(struct event_loop *l);
/* What was handed over is taken, then the thread ends. Takes &l, allows NULL, clears. */
void event_loop_stop(struct event_loop **l);

#endif
