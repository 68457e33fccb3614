#include "http_client.h"

#include "http_transfer.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include <utlist.h>

#define EVENTS_MAX 64
#define SPARE_MAX 64 /* easy handles kept for the next call */
#define NO_TIMER INT64_MAX

struct http_client {
    pthread_t thread;
    int wake_fd, epoll_fd;
    CURLU *home; /* scheme and host of most calls, taken apart. NULL: every call brings its own */
    char *home_text;
    size_t home_len;
    CURLM *multi; /* from here to `lock`: the thread's own */
    int64_t timer_at_ms;
    struct transfer *active;
    CURL *spare[SPARE_MAX];
    size_t spares;
    pthread_mutex_t lock;
    struct transfer *asked; /* what the thread has not taken up yet; under the lock, as the three below */
    size_t inflight, max_inflight;
    bool stopping;
};

static int64_t mono_ms(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- what libcurl calls back ---- */

static int on_timer(CURLM *multi, long timeout_ms, void *arg) {
    struct http_client *c = arg;
    (void)multi;
    c->timer_at_ms = timeout_ms < 0 ? NO_TIMER : mono_ms() + timeout_ms;
    return 0;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known) {
    struct http_client *c = arg;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        (void)epoll_ctl(c->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    struct epoll_event ev = {.data.fd = fd};
    if (what & CURL_POLL_IN) ev.events |= EPOLLIN;
    if (what & CURL_POLL_OUT) ev.events |= EPOLLOUT;
    if (!known) (void)curl_multi_assign(c->multi, fd, c); /* any pointer: "it is in the epoll set" */
    return epoll_ctl(c->epoll_fd, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &ev) == 0 ? 0 : -1;
}

/* ---- one transfer ---- */

/* libcurl takes a URL apart and puts it together again several times for every call, at a third of the call's cost: so
 * it gets the host ready taken apart, and path and query to be sent as they are. */
static bool set_address(const struct http_client *c, CURL *easy, const struct transfer *t) {
    const char *url = t->url;
    CURLU *home = t->target ? c->home : NULL;
    if (!home && curl_easy_setopt(easy, CURLOPT_URL, url)) return false;
    return !curl_easy_setopt(easy, CURLOPT_CURLU, home) && !curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, t->target);
}

/* False when libcurl has no memory left. */
static bool set_up(const struct http_client *c, CURL *easy, struct transfer *t) {
    /* Both of them also cover the look-up of the host's name. */
    int64_t left_ms = t->deadline_ms - mono_ms();
    long timeout_ms = left_ms > 1 ? (long)left_ms : 1;
    return set_address(c, easy, t) && !curl_easy_setopt(easy, CURLOPT_PRIVATE, t) &&
           !curl_easy_setopt(easy, CURLOPT_WRITEDATA, t) && !curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms) &&
           !curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms);
}

static CURL *new_easy(void) {
    CURL *easy = curl_easy_init();
    if (!easy) return NULL;
    if (curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, transfer_take) || curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) ||
        curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) ||
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") ||
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) || curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) ||
        curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) ||
        curl_easy_setopt(easy, CURLOPT_USERAGENT, "mosquitto-wechat/" MW_VERSION) ||
        curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 4096L) ||
        /* With TLS each call under way holds one: not 64 KB of it for a request of 300 bytes. */
        curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 16384L)) {
        curl_easy_cleanup(easy);
        return NULL;
    }
    return easy;
}

static void give_back(struct http_client *c, CURL *easy) {
    if (!easy) return;
    if (c->spares < SPARE_MAX)
        c->spare[c->spares++] = easy;
    else
        curl_easy_cleanup(easy);
}

static void leave_place(struct http_client *c) {
    (void)pthread_mutex_lock(&c->lock);
    c->inflight--;
    (void)pthread_mutex_unlock(&c->lock);
}

static void take_place_again(struct http_client *c) {
    (void)pthread_mutex_lock(&c->lock);
    c->inflight++; /* though somebody may have come in between: then there is one more than there should be */
    (void)pthread_mutex_unlock(&c->lock);
}

/* Calls back; true when the call is to be made once more. Its place is free before: who waits for this end may send the
 * next call at once. */
static bool report(struct http_client *c, struct transfer *t, const struct http_result *result) {
    leave_place(c);
    bool again = t->done(t->ctx, result);
    transfer_forget_answer(t);
    return again;
}

/* Begins the transfer's next attempt, or ends the transfer. */
static void begin(struct http_client *c, struct transfer *t) {
    CURL *easy = c->spares > 0 ? c->spare[--c->spares] : new_easy();
    t->attempt++;
    if (easy && set_up(c, easy, t) && curl_multi_add_handle(c->multi, easy) == CURLM_OK) {
        t->easy = easy;
        DL_APPEND(c->active, t);
        return;
    }
    give_back(c, easy);
    (void)report(c, t, &(struct http_result){.outcome = HTTP_BROKEN, .why = "no memory", .attempt = t->attempt});
    transfer_free(t);
}

static bool answer_began(CURL *easy) {
    long head = 0;
    return curl_easy_getinfo(easy, CURLINFO_HEADER_SIZE, &head) != CURLE_OK || head > 0;
}

static enum http_outcome outcome_of(const struct transfer *t, CURLcode code) {
    if (t->too_big) return HTTP_TOO_BIG;
    switch ((int)code) {
    case CURLE_OK:
        return HTTP_ANSWERED;
    case CURLE_OPERATION_TIMEDOUT:
        return HTTP_TIMEOUT;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
        return HTTP_NO_ANSWER;
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
        return answer_began(t->easy) ? HTTP_BROKEN : HTTP_NO_ANSWER;
    default:
        return HTTP_BROKEN;
    }
}

static void finish(struct http_client *c, struct transfer *t, CURLcode code) {
    struct http_result result = {.outcome = outcome_of(t, code), .attempt = t->attempt};
    if (result.outcome == HTTP_ANSWERED) {
        (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &result.status);
        result.body = mw_bytes(t->answer ? t->answer : "", t->answer_len);
    } else {
        result.why = t->too_big ? "the answer is too long" : curl_easy_strerror(code);
    }
    (void)curl_multi_remove_handle(c->multi, t->easy);
    DL_DELETE(c->active, t);
    give_back(c, t->easy);
    t->easy = NULL;
    if (!report(c, t, &result)) {
        transfer_free(t);
        return;
    }
    take_place_again(c);
    begin(c, t);
}

/* ---- the thread ---- */

/* False once the client is to stop. */
static bool take_asked(struct http_client *c) {
    uint64_t count;
    ssize_t n = read(c->wake_fd, &count, sizeof count);
    (void)n;
    (void)pthread_mutex_lock(&c->lock);
    struct transfer *asked = c->asked;
    c->asked = NULL;
    bool stopping = c->stopping;
    (void)pthread_mutex_unlock(&c->lock);
    struct transfer *t, *next;
    DL_FOREACH_SAFE(asked, t, next) {
        begin(c, t); /* which puts it into the other list */
    }
    return !stopping;
}

static void finish_done(struct http_client *c) {
    int left = 0;
    for (const CURLMsg *msg; (msg = curl_multi_info_read(c->multi, &left));) {
        if (msg->msg != CURLMSG_DONE) continue;
        CURLcode code = msg->data.result; /* the message dies with the handle's removal */
        struct transfer *t = NULL;
        (void)curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &t);
        finish(c, t, code);
    }
}

static int wait_ms(const struct http_client *c) {
    if (c->timer_at_ms == NO_TIMER) return -1;
    int64_t left_ms = c->timer_at_ms - mono_ms();
    if (left_ms <= 0) return 0;
    return left_ms > 60000 ? 60000 : (int)left_ms;
}

static int curl_events(uint32_t events) {
    int bits = 0;
    if (events & EPOLLIN) bits |= CURL_CSELECT_IN;
    if (events & EPOLLOUT) bits |= CURL_CSELECT_OUT;
    if (events & (EPOLLERR | EPOLLHUP)) bits |= CURL_CSELECT_ERR;
    return bits;
}

static void stop_all(struct http_client *c) {
    struct transfer *t, *next;
    DL_FOREACH_SAFE(c->active, t, next) {
        (void)curl_multi_remove_handle(c->multi, t->easy);
        DL_DELETE(c->active, t);
        curl_easy_cleanup(t->easy);
        (void)report(c, t, &(struct http_result){.outcome = HTTP_STOPPED, .why = "stopping", .attempt = t->attempt});
        transfer_free(t);
    }
}

static void *client_main(void *arg) {
    struct http_client *c = arg;
    struct epoll_event events[EVENTS_MAX];
    int running = 0;
    for (bool go = true; go;) {
        int n = epoll_wait(c->epoll_fd, events, EVENTS_MAX, wait_ms(c));
        bool woken = false;
        for (int i = 0; i < n; i++) {
            if (events[i].data.fd == c->wake_fd)
                woken = true;
            else
                (void)curl_multi_socket_action(c->multi, events[i].data.fd, curl_events(events[i].events), &running);
        }
        if (woken) go = take_asked(c);
        if (c->timer_at_ms != NO_TIMER && mono_ms() >= c->timer_at_ms) {
            c->timer_at_ms = NO_TIMER; /* libcurl sets the next one in here */
            (void)curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
        }
        finish_done(c);
    }
    stop_all(c);
    return NULL;
}

/* ---- from outside ---- */

static void client_free(struct http_client *c) {
    while (c->spares > 0)
        curl_easy_cleanup(c->spare[--c->spares]);
    if (c->multi) (void)curl_multi_cleanup(c->multi);
    curl_url_cleanup(c->home);
    free(c->home_text);
    if (c->epoll_fd >= 0) (void)close(c->epoll_fd);
    if (c->wake_fd >= 0) (void)close(c->wake_fd);
    (void)pthread_mutex_destroy(&c->lock);
    free(c);
}

/* Where path and query begin; the length when there are none. */
static size_t target_of(const char *url) {
    const char *host = strstr(url, "://");
    host = host ? host + 3 : url;
    return (size_t)(host - url) + strcspn(host, "/?#");
}

/* Not where a proxy has to be shown whole URLs; looked for as libcurl does. */
static void know_home(struct http_client *c, const char *url) {
    bool proxied = getenv("http_proxy") || getenv("all_proxy") || getenv("ALL_PROXY");
    if (proxied && mw_str_starts(mw_cstr(url), MW_STR("http://"))) return;
    c->home_len = target_of(url);
    c->home_text = strndup(url, c->home_len);
    c->home = curl_url();
    if (c->home_text && c->home && curl_url_set(c->home, CURLUPART_URL, c->home_text, 0) == CURLUE_OK) return;
    curl_url_cleanup(c->home);
    c->home = NULL;
}

static bool client_init(struct http_client *c, size_t max_inflight) {
    c->max_inflight = max_inflight;
    c->timer_at_ms = NO_TIMER;
    c->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    c->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    c->multi = curl_multi_init();
    (void)pthread_mutex_init(&c->lock, NULL);
    if (c->epoll_fd < 0 || c->wake_fd < 0 || !c->multi) return false;
    struct epoll_event ev = {.events = EPOLLIN, .data.fd = c->wake_fd};
    return epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, c->wake_fd, &ev) == 0 &&
           !curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_socket) &&
           !curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c) &&
           !curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_timer) &&
           !curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c) &&
           !curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)max_inflight) &&
           pthread_create(&c->thread, NULL, client_main, c) == 0;
}

enum mw_err http_client_start(const char *home, size_t max_inflight, struct http_client **out) {
    struct http_client *c = calloc(1, sizeof *c);
    if (!c) return MW_ENOMEM;
    know_home(c, home);
    if (!client_init(c, max_inflight)) {
        client_free(c);
        return MW_ENOMEM;
    }
    (void)pthread_setname_np(c->thread, "http-client");
    *out = c;
    return MW_OK;
}

static void wake(struct http_client *c) {
    const uint64_t one = 1;
    ssize_t n = write(c->wake_fd, &one, sizeof one); /* fails only when the counter is full, which wakes as well */
    (void)n;
}

enum mw_err http_client_get(struct http_client *c, const char *url, int64_t timeout_ms, http_done_fn *done, void *ctx) {
    bool at_home = c->home && strncmp(url, c->home_text, c->home_len) == 0 && url[c->home_len] == '/';
    struct transfer *t = transfer_new(url, at_home ? c->home_len : 0);
    if (!t) return MW_ENOMEM;
    t->done = done;
    t->ctx = ctx;
    t->deadline_ms = mono_ms() + timeout_ms;

    (void)pthread_mutex_lock(&c->lock);
    bool taken = !c->stopping && c->inflight < c->max_inflight, first = !c->asked;
    if (taken) {
        DL_APPEND(c->asked, t);
        c->inflight++;
    }
    (void)pthread_mutex_unlock(&c->lock);
    if (!taken)
        transfer_free(t);
    else if (first)
        wake(c);
    return taken ? MW_OK : MW_EBUSY;
}

size_t http_client_inflight(struct http_client *c) {
    (void)pthread_mutex_lock(&c->lock);
    size_t inflight = c->inflight;
    (void)pthread_mutex_unlock(&c->lock);
    return inflight;
}

void http_client_stop(struct http_client *c) {
    if (!c) return;
    (void)pthread_mutex_lock(&c->lock);
    c->stopping = true;
    (void)pthread_mutex_unlock(&c->lock);
    wake(c);
    (void)pthread_join(c->thread, NULL);
}

void http_client_free(struct http_client **c) {
    if (!*c) return;
    client_free(*c);
    *c = NULL;
}
