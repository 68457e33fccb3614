/* An HTTP listener: bounded requests go to the routes' handlers, and whatever thread has the answer sends it. While a
 * call waits for its answer it costs no thread. The only file that knows the HTTP library. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "listen_socket.h"
#include "mw/log.h"
#include "router.h"

struct http_server;

/* Told the status of every answer, by any of the server's threads. */
typedef void http_count_fn(struct service *svc, int status);

struct http_server_options {
    struct listen_addr addr;
    const struct routes *routes;
    struct service *svc;  /* handed to the handlers */
    http_count_fn *count; /* NULL: nobody counts */
    unsigned threads, connections_max;
};

/* MW_EIO with text: the address can not be had; MW_ENOMEM. */
MW_MUST_CHECK enum mw_err http_server_start(const struct http_server_options *options, struct http_server **out,
                                            struct listen_error *err);
uint16_t http_server_port(const struct http_server *s);
/* Takes no new connection from here on, and tells the open ones to close after their answer. */
void http_server_drain(struct http_server *s);
/* Waits until every call is answered and sent, at most so long. True when none is left. */
bool http_server_wait_idle(struct http_server *s, int64_t at_most_ms);
/* Every call must have been answered. Takes &s, allows NULL, clears. */
void http_server_stop(struct http_server **s);

#endif
