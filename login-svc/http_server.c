#include "http_server.h"

#include "acceptor.h"
#include "api.h"
#include "early_answer.h"
#include "event_loop.h"
#include "lingering.h"
#include "mw/secret.h"

#include <fcntl.h>
#include <limits.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Of a connection: request line, headers and the answer's headers must fit. The library wipes all of it after every
 * request, so a bigger one costs every call. */
#define CONNECTION_MEMORY 20480
#define IDLE_TIMEOUT_S 10U /* also the longest pause within a request: phones are slow, but nginx stands between */
/* A body that is not wanted is read and dropped up to here: closing at once would reset the connection, and the client
 * would not see the answer that tells why. */
#define SWALLOW_MAX 16777216

/* A daemon of the library's and the thread that runs it. */
struct http_thread {
    struct http_server *server;
    struct MHD_Daemon *daemon;
    struct event_loop *loop;
    atomic_uint handed, open; /* connections that it was handed and has not taken yet; that it has */
};

struct http_server {
    struct http_thread *threads;
    unsigned threads_count, connections_max; /* connections: of each */
    unsigned turn;                           /* the acceptor's: whose the next connection is */
    struct acceptor *acceptor;
    const struct routes *routes;
    struct service *svc;
    http_count_fn *count;
    uint16_t port;
    int listen_fd;
    struct lingering *lingering;
    atomic_bool draining;
    atomic_size_t calls; /* begun and not yet sent */
};

/* Where a call stands. Its handler may answer before it returns, or another thread may while it still runs: whichever
 * of the two comes second takes the call on. */
enum progress { READING = 0, HANDLING, WAITING, ANSWERED };

struct exchange {
    struct call call; /* first: what handlers hold is a pointer to it */
    struct http_server *server;
    struct http_thread *thread;
    struct MHD_Connection *conn;
    const struct route *route;
    bool refused; /* the reply is there before any handler saw the call */
    struct reply reply;
    atomic_int progress;
    char *body;
    size_t body_len, body_cap, swallowed;
    uint64_t taken; /* of the body, kept or not */
};

/* ---- from the wire to a plain request ---- */

static struct mw_str value_of(const char *value, size_t len) {
    return value ? mw_bytes(value, len) : MW_STR("");
}

static enum MHD_Result on_header(void *cls, enum MHD_ValueKind kind, const char *key, size_t key_len, const char *value,
                                 size_t value_len) {
    (void)kind;
    request_add_header(cls, mw_bytes(key, key_len), value_of(value, value_len));
    return MHD_YES;
}

static enum MHD_Result on_query(void *cls, enum MHD_ValueKind kind, const char *key, size_t key_len, const char *value,
                                size_t value_len) {
    (void)kind;
    request_add_query(cls, mw_bytes(key, key_len), value_of(value, value_len));
    return MHD_YES;
}

/* The first reason stands. */
static void refuse(struct exchange *x, enum api_error error, const char *message) {
    if (x->refused) return;
    x->refused = true;
    x->reply = api_error_reply(error, message);
}

static void choose_route(struct exchange *x) {
    char allow[REPLY_ALLOW_MAX] = "";
    switch (router_find(x->server->routes, x->call.req.method, x->call.req.path, &x->route, allow)) {
    case ROUTER_FOUND:
        return;
    case ROUTER_NO_METHOD:
        refuse(x, API_METHOD_NOT_ALLOWED, NULL);
        memcpy(x->reply.allow, allow, sizeof allow);
        return;
    case ROUTER_NO_PATH:
    default:
        refuse(x, API_NOT_FOUND, NULL);
        return;
    }
}

static void check_fields(struct exchange *x) {
    if (x->call.req.too_big) refuse(x, API_HEADERS_TOO_BIG, NULL);
    if (x->call.req.conflict)
        refuse(x, API_BAD_REQUEST, "A header is given twice, or with another value in the query. Send each once.");
    if (!request_length_is_clear(&x->call.req))
        refuse(x, API_BAD_REQUEST, "Send Content-Length, or Transfer-Encoding: chunked, and not both.");
}

/* False: what comes behind the headers is not read as a body, since nobody knows its end or it would be too long. */
static bool check_length(struct exchange *x) {
    if (!request_length_is_clear(&x->call.req)) return false;
    const uint64_t max = x->refused ? SWALLOW_MAX : x->route->body_max;
    if (request_length(&x->call.req) <= max) return true;
    refuse(x, API_BODY_TOO_BIG, NULL);
    return false;
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Percent-decoding in place, for path and query. %00 stays as it is written: as a NUL it would end the path early, and
 * /login%00x would pass for /login. */
static size_t on_unescape(void *cls, struct MHD_Connection *conn, char *text) {
    char *to = text;
    (void)cls;
    (void)conn;
    for (const char *at = text; *at; to++) {
        int high = at[0] == '%' ? hex_value(at[1]) : -1, low = high >= 0 ? hex_value(at[2]) : -1;
        *to = *at++;
        if (low < 0 || high + low == 0) continue;
        *to = (char)(high * 16 + low);
        at += 2;
    }
    *to = '\0';
    return (size_t)(to - text);
}

/* ---- the answer ---- */

static void add_header(struct MHD_Response *response, const char *name, const char *value) {
    (void)MHD_add_response_header(response, name, value); /* no memory: the answer is still worth sending */
}

static struct MHD_Response *make_response(struct exchange *x) {
    struct reply *r = &x->reply;
    if (r->file && r->file->fd >= 0) {
        struct MHD_Response *response =
            MHD_create_response_from_fd_at_offset64(r->file->len, r->file->fd, r->file->offset);
        if (response) r->file->fd = -1; /* the library closes it */
        return response;
    }
    /* The body is the exchange's until the library says that the call is over. */
    return MHD_create_response_from_buffer(r->body_len, r->body, MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result send_reply(struct exchange *x) {
    const struct reply *r = &x->reply;
    if (x->server->count) x->server->count(x->server->svc, r->status);
    struct MHD_Response *response = make_response(x);
    if (!response) return MHD_NO;
    if (r->body)
        add_header(response, "Content-Type", r->content_type ? r->content_type : "application/json; charset=utf-8");
    if (!r->file) add_header(response, "Cache-Control", "no-store");
    for (size_t i = 0; r->file && i < r->file->headers_count; i++)
        add_header(response, r->file->headers[i].name, r->file->headers[i].value);
    if (r->allow[0]) add_header(response, "Allow", r->allow);
    if (r->user_id[0]) add_header(response, "X-User-Id", r->user_id);
    if (r->session_id[0]) add_header(response, "X-Session-Id", r->session_id);
    if (r->challenge) add_header(response, "WWW-Authenticate", "Bearer");
    if (r->retry_after_s > 0) {
        char seconds[24];
        struct mw_buf b = mw_buf_over(seconds, sizeof seconds);
        mw_buf_puti(&b, r->retry_after_s);
        add_header(response, "Retry-After", mw_buf_cstr(&b));
    }
    if (atomic_load(&x->server->draining)) add_header(response, "Connection", "close");
    enum MHD_Result ok = MHD_queue_response(x->conn, (unsigned)r->status, response);
    MHD_destroy_response(response);
    return ok;
}

/* Any thread. Once the connection is resumed the exchange belongs to its thread again, which may free it at once:
 * nothing of it is touched after that. */
static void resume(struct exchange *x) {
    struct http_thread *t = x->thread;
    MHD_resume_connection(x->conn);
    event_loop_wake(t->loop);
}

/* Any thread. */
static void on_reply(struct call *call, const struct reply *reply) {
    struct exchange *x = (struct exchange *)call;
    x->reply = *reply;
    if (atomic_exchange(&x->progress, ANSWERED) == WAITING) resume(x);
}

/* The connection rests until somebody calls reply() or go_on(), which may have happened already. */
static void wait_for_others(struct exchange *x) {
    /* Suspended before WAITING is seen, so that nobody resumes what is not suspended yet. */
    int handling = HANDLING;
    MHD_suspend_connection(x->conn);
    if (!atomic_compare_exchange_strong(&x->progress, &handling, WAITING)) resume(x);
}

static enum MHD_Result handle(struct exchange *x) {
    x->call.req.body = mw_bytes(x->body, x->body_len);
    atomic_store(&x->progress, HANDLING);
    if (!x->route->guard || x->route->guard(x->server->svc, &x->call)) x->route->fn(x->server->svc, &x->call);
    if (atomic_load(&x->progress) == ANSWERED) return send_reply(x);
    wait_for_others(x);
    return MHD_YES;
}

/* ---- streamed bodies ---- */

static bool is_streamed(const struct exchange *x) {
    return x->route && x->route->body_max == BODY_STREAMED;
}

/* Any thread, as on_reply(). */
static void on_go_on(struct call *call) {
    struct exchange *x = (struct exchange *)call;
    if (atomic_exchange(&x->progress, READING) == WAITING) resume(x);
}

/* Answers while the client still sends. The library would close the connection at once; so it closes its own end only,
 * and the rest is read by who has the time. */
static enum MHD_Result cut_short(struct exchange *x) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(x->conn, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (x->server->count) x->server->count(x->server->svc, x->reply.status);
    int fd = info ? fcntl(info->connect_fd, F_DUPFD_CLOEXEC, 0) : -1;
    if (fd < 0) return MHD_NO;
    early_answer_send(fd, &x->reply, MHD_get_reason_phrase_for((unsigned)x->reply.status));
    lingering_add(x->server->lingering, fd, is_streamed(x) ? UINT64_MAX : SWALLOW_MAX);
    return MHD_NO;
}

static enum MHD_Result begin_stream(struct exchange *x) {
    if (!x->refused) x->route->fn(x->server->svc, &x->call);
    return x->refused || atomic_load(&x->progress) == ANSWERED ? cut_short(x) : MHD_YES;
}

/* The client has gone with its body half sent. The library sees that when it comes by itself; when it came together
 * with the last bytes nothing wakes it any more, for it is told of news only, and the call would hold its place until
 * the connection is idle for too long. Asked only when all that was read is taken. */
static bool has_gone(const struct exchange *x) {
    char next;
    if (x->taken >= request_length(&x->call.req)) return false; /* or in chunks: who knows whether more must come */
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(x->conn, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info && recv(info->connect_fd, &next, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static enum MHD_Result take_piece(struct exchange *x, const char *data, size_t *len) {
    int handling = HANDLING;
    if (atomic_load(&x->progress) == ANSWERED) return cut_short(x);
    atomic_store(&x->progress, HANDLING);
    const size_t taken = x->call.sink->take(x->call.sink, data, *len);
    const bool busy = taken < *len;
    *len -= taken;
    x->taken += taken;
    if (busy) {
        wait_for_others(x);
        return MHD_YES;
    }
    if (!atomic_compare_exchange_strong(&x->progress, &handling, READING)) return cut_short(x); /* it was answered */
    return has_gone(x) ? MHD_NO : MHD_YES;
}

static enum MHD_Result end_stream(struct exchange *x) {
    atomic_store(&x->progress, HANDLING);
    x->call.sink->end(x->call.sink);
    if (atomic_load(&x->progress) == ANSWERED) return send_reply(x);
    wait_for_others(x);
    return MHD_YES;
}

/* ---- what the library calls ---- */

static bool append_body(struct exchange *x, const char *data, size_t len) {
    if (x->body_len + len > x->body_cap) {
        size_t cap = x->body_cap ? 2 * x->body_cap : 1024;
        while (cap < x->body_len + len)
            cap *= 2;
        char *grown = realloc(x->body, cap);
        if (!grown) return false;
        x->body = grown;
        x->body_cap = cap;
    }
    memcpy(x->body + x->body_len, data, len);
    x->body_len += len;
    return true;
}

static enum MHD_Result take_body(struct exchange *x, const char *data, size_t *len) {
    if (!x->refused && x->body_len + *len > x->route->body_max) refuse(x, API_BODY_TOO_BIG, NULL);
    if (x->refused) {
        x->swallowed += *len;
        if (x->swallowed > SWALLOW_MAX) return cut_short(x);
    } else if (!append_body(x, data, *len)) {
        return MHD_NO;
    }
    x->taken += *len;
    *len = 0;
    return has_gone(x) ? MHD_NO : MHD_YES;
}

static enum MHD_Result begin(struct http_thread *t, struct MHD_Connection *conn, const char *url, const char *method,
                             void **con_cls) {
    struct exchange *x = calloc(1, sizeof *x);
    if (!x) return MHD_NO;
    *con_cls = x;
    atomic_fetch_add(&t->server->calls, 1);
    x->call.reply = on_reply;
    x->call.go_on = on_go_on;
    x->server = t->server;
    x->thread = t;
    x->conn = conn;
    x->call.req.method = mw_cstr(method);
    x->call.req.path = mw_cstr(url);
    (void)MHD_get_connection_values_n(conn, MHD_HEADER_KIND, on_header, &x->call.req);
    (void)MHD_get_connection_values_n(conn, MHD_GET_ARGUMENT_KIND, on_query, &x->call.req);
    choose_route(x);
    check_fields(x);
    if (is_streamed(x)) return begin_stream(x);
    return check_length(x) ? MHD_YES : cut_short(x);
}

static enum MHD_Result on_access(void *cls, struct MHD_Connection *conn, const char *url, const char *method,
                                 const char *version, const char *upload_data, size_t *upload_len, void **con_cls) {
    struct exchange *x = *con_cls;
    (void)version;
    if (!x) return begin(cls, conn, url, method, con_cls);
    if (*upload_len > 0)
        return is_streamed(x) ? take_piece(x, upload_data, upload_len) : take_body(x, upload_data, upload_len);
    if (x->refused || atomic_load(&x->progress) == ANSWERED) return send_reply(x);
    return is_streamed(x) ? end_stream(x) : handle(x);
}

static void free_file(struct reply_file *file) {
    if (file && file->fd >= 0) (void)close(file->fd);
    free(file);
}

static void on_completed(void *cls, struct MHD_Connection *conn, void **con_cls, enum MHD_RequestTerminationCode why) {
    struct exchange *x = *con_cls;
    (void)cls;
    (void)conn;
    (void)why;
    if (!x) return;
    *con_cls = NULL;
    if (x->call.sink) x->call.sink->close(x->call.sink);
    free_file(x->reply.file);
    if (x->body) mw_wipe(x->body, x->body_len);
    if (x->reply.body) mw_wipe(x->reply.body, x->reply.body_len);
    free(x->body);
    free(x->reply.body);
    atomic_fetch_sub(&x->server->calls, 1);
    free(x);
}

/* ---- connections ---- */

static bool is_full(const struct http_server *s, const struct http_thread *t) {
    return atomic_load(&t->handed) + atomic_load(&t->open) >= s->connections_max;
}

static bool has_room(void *ctx) {
    const struct http_server *s = ctx;
    for (unsigned i = 0; i < s->threads_count; i++)
        if (!is_full(s, &s->threads[i])) return true;
    return false;
}

/* In turn, on the acceptor's thread. */
static void on_connection(void *ctx, int fd, const struct sockaddr *addr, socklen_t addr_len) {
    struct http_server *s = ctx;
    unsigned tries = 0;
    do
        s->turn = (s->turn + 1) % s->threads_count;
    while (is_full(s, &s->threads[s->turn]) && ++tries < s->threads_count);
    struct http_thread *t = &s->threads[s->turn];
    atomic_fetch_add(&t->handed, 1);
    if (event_loop_hand(t->loop, fd, addr, addr_len)) return;
    atomic_fetch_sub(&t->handed, 1);
    (void)close(fd);
}

/* ---- a thread ---- */

static void on_handed(void *ctx, int fd, const struct sockaddr *addr, socklen_t addr_len) {
    struct http_thread *t = ctx;
    (void)MHD_add_connection(t->daemon, fd, addr, addr_len); /* closes it when it can not */
    atomic_fetch_sub(&t->handed, 1);
}

static void on_open_or_closed(void *cls, struct MHD_Connection *conn, void **socket_context,
                              enum MHD_ConnectionNotificationCode what) {
    struct http_thread *t = cls;
    (void)conn;
    (void)socket_context;
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        atomic_fetch_add(&t->open, 1);
    else
        atomic_fetch_sub(&t->open, 1);
}

static int wait_ms(void *ctx) {
    const struct http_thread *t = ctx;
    MHD_UNSIGNED_LONG_LONG ms = 0;
    if (MHD_get_timeout(t->daemon, &ms) != MHD_YES) return -1;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

static void run(void *ctx) {
    (void)MHD_run(((struct http_thread *)ctx)->daemon);
}

static struct MHD_Daemon *start_daemon(struct http_thread *t) {
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL, on_access, t,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_open_or_closed, t,
        MHD_OPTION_CONNECTION_LIMIT, t->server->connections_max, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_TIMEOUT_S, MHD_OPTION_UNESCAPE_CALLBACK,
        on_unescape, NULL, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
}

static enum mw_err start_thread(struct http_server *s, struct http_thread *t) {
    t->server = s;
    t->daemon = start_daemon(t);
    const union MHD_DaemonInfo *info = t->daemon ? MHD_get_daemon_info(t->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
    if (!info) return MW_ENOMEM;
    const struct event_loop_host host = {info->epoll_fd, wait_ms, run, on_handed, t};
    return event_loop_start(&host, "http", &t->loop);
}

static void stop_thread(struct http_thread *t) {
    event_loop_stop(&t->loop);
    if (t->daemon) MHD_stop_daemon(t->daemon);
}

static enum mw_err start_threads(struct http_server *s, const struct http_server_options *options) {
    s->connections_max = (options->connections_max + options->threads - 1) / options->threads;
    s->threads = calloc(options->threads, sizeof *s->threads);
    if (!s->threads) return MW_ENOMEM;
    enum mw_err err = MW_OK;
    while (err == MW_OK && s->threads_count < options->threads)
        err = start_thread(s, &s->threads[s->threads_count++]);
    return err;
}

/* ---- from outside ---- */

enum mw_err http_server_start(const struct http_server_options *options, struct http_server **out,
                              struct listen_error *err) {
    struct http_server *s = calloc(1, sizeof *s);
    if (!s) return MW_ENOMEM;
    s->routes = options->routes;
    s->svc = options->svc;
    s->count = options->count;
    s->listen_fd = -1;
    const struct acceptor_host host = {has_room, on_connection, s};
    enum mw_err rc = listen_socket_open(&options->addr, &s->listen_fd, &s->port, err);
    if (rc == MW_OK) rc = lingering_start(&s->lingering);
    if (rc == MW_OK) rc = start_threads(s, options);
    if (rc == MW_OK) rc = acceptor_start(s->listen_fd, &host, &s->acceptor);
    if (rc == MW_OK)
        *out = s;
    else
        http_server_stop(&s);
    return rc;
}

uint16_t http_server_port(const struct http_server *s) {
    return s->port;
}

void http_server_drain(struct http_server *s) {
    if (atomic_exchange(&s->draining, true)) return;
    acceptor_stop(&s->acceptor);
    /* Who waits in the kernel's queue is turned away now, and can go to another service at this address. */
    if (s->listen_fd >= 0) (void)close(s->listen_fd);
    s->listen_fd = -1;
}

bool http_server_wait_idle(struct http_server *s, int64_t at_most_ms) {
    const int64_t step_ms = 5;
    for (int64_t waited_ms = 0; atomic_load(&s->calls) > 0; waited_ms += step_ms) {
        if (waited_ms >= at_most_ms) return false;
        const struct timespec step = {.tv_nsec = step_ms * 1000000};
        (void)nanosleep(&step, NULL);
    }
    return true;
}

void http_server_stop(struct http_server **s) {
    if (!*s) return;
    http_server_drain(*s);
    for (unsigned i = 0; i < (*s)->threads_count; i++)
        stop_thread(&(*s)->threads[i]);
    free((*s)->threads);
    lingering_stop(&(*s)->lingering);
    free(*s);
    *s = NULL;
}
