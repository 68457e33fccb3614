/* The HTTP side: one thread, one loop. A call that has to wait is suspended, so a thousand of them cost no thread. */
#ifndef STANDIN_SERVER_H
#define STANDIN_SERVER_H

#include <stdint.h>

#include "api.h"

struct server;

/* Listens on 127.x.y.z:port (host byte order; port 0: a free one). Borrows `api`. NULL, with errno set, on failure. */
struct server *server_start(struct api *api, uint32_t ip, uint16_t port);
uint16_t server_port(const struct server *server);
/* Serves until `stop_fd` is readable. False when waiting itself failed. */
bool server_run(struct server *server, int stop_fd);
void server_stop(struct server **server);

#endif
