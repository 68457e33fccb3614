/* Takes connections from a listening socket, on a thread of its own, and hands them on. It can be told to stop taking
 * while those that are there go on: libmicrohttpd's own way to do that (MHD_quiesce_daemon, 0.9.75) aborts the process
 * when one of its threads looks at the wrong moment. */
#ifndef ACCEPTOR_H
#define ACCEPTOR_H

#include <stdbool.h>
#include <sys/socket.h>

#include "mw/err.h"

struct acceptor_host {
    bool (*has_room)(void *ctx); /* false: connections wait in the kernel's queue */
    /* Takes over the connected socket, which does not block. */
    void (*take)(void *ctx, int fd, const struct sockaddr *addr, socklen_t addr_len);
    void *ctx;
};

struct acceptor;

/* listen_fd stays the caller's, does not block, and is closed after acceptor_stop() only. host is copied. */
MW_MUST_CHECK enum mw_err acceptor_start(int listen_fd, const struct acceptor_host *host, struct acceptor **out);
/* Nothing is handed on any more once this returns. Takes &a, allows NULL, clears. */
void acceptor_stop(struct acceptor **a);

#endif
