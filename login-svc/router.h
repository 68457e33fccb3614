/* Which handler takes a call. 404 and 405 follow from the same rows. */
#ifndef ROUTER_H
#define ROUTER_H

#include "call.h"

struct route {
    const char *method, *path; /* a path that ends with a slash stands for all below it */
    size_t body_max;           /* 0: no body */
    handler_fn *fn;
    guard_fn *guard; /* asked first, once the request is whole; NULL: everybody may call */
};

/* In place of body_max: the handler is called when the headers are there, and takes the body by call->sink. */
#define BODY_STREAMED SIZE_MAX

struct routes {
    const struct route *rows;
    size_t count;
};

enum router_verdict { ROUTER_NO_PATH = 0, ROUTER_NO_METHOD, ROUTER_FOUND };

/* FOUND: *out is the row. NO_METHOD: `allow` gets the methods of the path's rows, "GET, POST"; it is undefined else.
 * Paths are compared byte by byte. */
enum router_verdict router_find(const struct routes *routes, struct mw_str method, struct mw_str path,
                                const struct route **out, char allow[static REPLY_ALLOW_MAX]);

/* What each listener serves. */
extern const struct routes public_routes, admin_routes;

#endif
