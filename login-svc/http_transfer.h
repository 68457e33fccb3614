/* One call of the HTTP client: what is sent, what has come back, and whose it is. */
#ifndef HTTP_TRANSFER_H
#define HTTP_TRANSFER_H

#include "http_client.h"

#include <curl/curl.h>
#include <stdint.h>

struct transfer {
    CURL *easy;
    http_done_fn *done;
    void *ctx;
    int64_t deadline_ms; /* monotonic */
    int attempt;
    char *answer;
    size_t answer_len, answer_cap;
    bool too_big;
    struct transfer *prev, *next;
    const char *target; /* path and query when they are not in url; NULL else */
    size_t size;        /* of what follows: url, then the target, each with a NUL. It holds the secret and the code */
    char url[];
};

/* The deadline, done and ctx are the caller's to fill in. NULL: no memory. */
struct transfer *transfer_new(const char *url);
/* Wiped. */
void transfer_free(struct transfer *t);
/* libcurl's CURLOPT_WRITEFUNCTION; arg is the transfer. */
size_t transfer_take(char *data, size_t one, size_t len, void *arg);
/* Wiped as well; for another attempt. */
void transfer_forget_answer(struct transfer *t);

#endif
