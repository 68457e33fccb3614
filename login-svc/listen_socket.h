/* A listening TCP socket from the words of the configuration: "127.0.0.1:8081", "[::1]:8081", "localhost:0". */
#ifndef LISTEN_SOCKET_H
#define LISTEN_SOCKET_H

#include "mw/err.h"
#include "mw/str.h"

#include <stdint.h>

#define LISTEN_HOST_MAX 128

struct listen_addr {
    char host[LISTEN_HOST_MAX + 1];
    uint16_t port; /* 0: any free one */
};

struct listen_error {
    char text[256];
};

/* MW_EINVAL: not host:port. */
MW_MUST_CHECK enum mw_err listen_addr_parse(struct mw_str text, struct listen_addr *out);
/* On success the caller owns *fd, non-blocking, and *port is the real one. MW_EIO with text else. */
MW_MUST_CHECK enum mw_err listen_socket_open(const struct listen_addr *addr, int *fd, uint16_t *port,
                                             struct listen_error *err);

#endif
