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
    const char
        *target; /* within url: its path and query, to be sent as they are. NULL: send what libcurl makes of it */
    size_t size; /* of url with its NUL. It holds the secret and the code */
    char url[];
};

/* target_at: where path and query begin, 0 for no target. The deadline, done and ctx are the caller's to fill in. NULL:
 * no memory. */
struct transfer *transfer_new(const char *url, size_t target_at);
/* Wiped. */
void transfer_free(struct transfer *t);
/* libcurl's CURLOPT_WRITEFUNCTION; arg is the transfer. */
size_t transfer_take(char *data, size_t one, size_t len, void *arg);
/* Wiped as well; for another attempt. */
void transfer_forget_answer(struct transfer *t);

#endif
