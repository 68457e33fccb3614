/* HTTP GETs to WeChat from one thread of their own: any thread asks, the answer comes back on this one. TLS is checked,
 * redirects are not followed, answers are bounded, and every call ends by its deadline. */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "mw/err.h"
#include "mw/str.h"

#define HTTP_ANSWER_MAX 65536

enum http_outcome {
    HTTP_ANSWERED = 0, /* status and body are there, whatever they say */
    HTTP_NO_ANSWER,    /* the connection failed before the first byte of an answer */
    HTTP_TIMEOUT,      /* the deadline passed */
    HTTP_TOO_BIG,      /* the answer is longer than HTTP_ANSWER_MAX */
    HTTP_BROKEN,       /* cut, or not HTTP: the other side may have done what was asked */
    HTTP_STOPPED,      /* the client is being stopped */
};

struct http_result {
    enum http_outcome outcome;
    long status;        /* ANSWERED only, as is the body */
    struct mw_str body; /* borrowed until the callback returns, then wiped */
    const char *why;    /* static words for the log when not ANSWERED */
    int attempt;        /* 1, then 2… */
};

/* On the client's thread. True: ask the same once more, within the same deadline; false: that was all, and the client
 * has forgotten ctx. */
typedef bool http_done_fn(void *ctx, const struct http_result *result);

struct http_client;

/* At most max_inflight calls are under way. `home` is the URL of the host that most of them go to: those are cheaper.
 * MW_ENOMEM. */
MW_MUST_CHECK enum mw_err http_client_start(const char *home, size_t max_inflight, struct http_client **out);
/* Any thread. The URL is copied, never logged, and wiped afterwards. MW_EBUSY: max_inflight is reached, or the client
 * stops; MW_ENOMEM. done() is called exactly when MW_OK is returned. */
MW_MUST_CHECK enum mw_err http_client_get(struct http_client *c, const char *url, int64_t timeout_ms,
                                          http_done_fn *done, void *ctx);
/* How many calls are under way. Any thread. */
size_t http_client_inflight(struct http_client *c);
/* Ends what is under way with HTTP_STOPPED, and refuses what comes later. Once; allows NULL. */
void http_client_stop(struct http_client *c);
/* After the stop, when no thread can ask any more. Takes &c, allows NULL, clears. */
void http_client_free(struct http_client **c);

#endif
