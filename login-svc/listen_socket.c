#include "listen_socket.h"

#include "mw/parse.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024 /* a thousand phones reconnect at once after a restart */

enum mw_err listen_addr_parse(struct mw_str text, struct listen_addr *out) {
    struct listen_addr addr = {{0}, 0};
    size_t colon = text.len;
    while (colon > 0 && text.ptr[colon - 1] != ':')
        colon--;
    if (colon < 2) return MW_EINVAL;
    uint64_t port = 0;
    if (mw_parse_u64(mw_str_skip(text, colon), UINT16_MAX, &port) != MW_OK) return MW_EINVAL;
    struct mw_str host = {text.ptr, colon - 1};
    bool bracket = host.ptr[0] == '[';
    if (bracket) {
        if (host.len < 3 || host.ptr[host.len - 1] != ']') return MW_EINVAL;
        host = (struct mw_str){host.ptr + 1, host.len - 2};
    }
    /* Without brackets the last colon of an IPv6 address would pass for the port's. */
    if (!bracket && memchr(host.ptr, ':', host.len)) return MW_EINVAL;
    if (!mw_str_copy(addr.host, sizeof addr.host, host)) return MW_EINVAL;
    addr.port = (uint16_t)port;
    *out = addr;
    return MW_OK;
}

static uint16_t port_of(int fd) {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } bound = {.any = {.sa_family = AF_UNSPEC}};
    socklen_t len = sizeof bound;
    if (getsockname(fd, &bound.any, &len) != 0) return 0;
    return ntohs(bound.any.sa_family == AF_INET6 ? bound.v6.sin6_port : bound.v4.sin_port);
}

/* -1 with errno. */
static int open_one(const struct addrinfo *ai) {
    const int on = 1;
    int fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, ai->ai_protocol);
    if (fd < 0) return -1;
    /* Answers are one write each: waiting for more to send would only delay them. Accepted sockets inherit it. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 && bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 &&
        listen(fd, BACKLOG) == 0)
        return fd;
    int why = errno;
    (void)close(fd);
    errno = why;
    return -1;
}

enum mw_err listen_socket_open(const struct listen_addr *addr, int *fd, uint16_t *port, struct listen_error *err) {
    char service[8];
    (void)snprintf(service, sizeof service, "%u", (unsigned)addr->port);
    const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int rc = getaddrinfo(addr->host, service, &hints, &found);
    if (rc != 0) {
        (void)snprintf(err->text, sizeof err->text, "%s: %s", addr->host, gai_strerror(rc));
        return MW_EIO;
    }
    int opened = open_one(found);
    if (opened < 0) (void)snprintf(err->text, sizeof err->text, "%s port %s: %s", addr->host, service, strerror(errno));
    freeaddrinfo(found);
    if (opened < 0) return MW_EIO;
    *port = port_of(opened);
    *fd = opened;
    return MW_OK;
}
