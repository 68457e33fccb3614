#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>

#include "mw/secret.h"

#define CONNECTIONS_MAX 8192
#define IDLE_TIMEOUT_S 300 /* longer than any hang */
#define GARBAGE_LEN 512
#define LOOP_WAIT_MAX_MS 1000

enum call_state { CALL_READING = 0, CALL_WAITING, CALL_ANSWERING };

/* One request, from its header to its last byte. */
struct call {
    struct server *server;
    struct MHD_Connection *connection;
    enum call_state state;
    bool counted;
    char *body; /* of the request */
    size_t body_len;
    struct answer answer;
    /* The answer's bytes, while they are sent piece by piece. */
    size_t sent_max; /* SHORT: break off here */
    size_t len;
    bool may_send; /* SLOW: the pause is over */
    int64_t due_ms;
    bool suspended;
    TAILQ_ENTRY(call) wait;
};

struct server {
    struct MHD_Daemon *daemon;
    struct api *api;
    int epoll_fd;
    uint16_t port;
    bool stopping;
    TAILQ_HEAD(wait_list, call) waiting; /* in the order they are due */
};

static int64_t clock_ms(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Most delays are alike, so the place is nearly always the end. */
static void suspend_until(struct call *call, int64_t due_ms) {
    struct server *server = call->server;
    struct call *before = NULL;
    call->due_ms = due_ms;
    call->suspended = true;
    TAILQ_FOREACH_REVERSE(before, &server->waiting, wait_list, wait) {
        if (before->due_ms <= due_ms) break;
    }
    if (before)
        TAILQ_INSERT_AFTER(&server->waiting, before, call, wait);
    else
        TAILQ_INSERT_HEAD(&server->waiting, call, wait);
    MHD_suspend_connection(call->connection);
}

static void resume(struct call *call) {
    TAILQ_REMOVE(&call->server->waiting, call, wait);
    call->suspended = false;
    call->may_send = true;
    MHD_resume_connection(call->connection);
}

/* Those that wait before their answer. Who has begun to answer slowly goes on as slowly. */
static void release_waiting(struct server *server) {
    for (struct call *call = TAILQ_FIRST(&server->waiting), *next; call; call = next) {
        next = TAILQ_NEXT(call, wait);
        if (call->state == CALL_WAITING) resume(call);
    }
}

static struct mw_str query_value(struct MHD_Connection *connection, const char *name) {
    return mw_cstr(MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name));
}

static void make_answer(struct call *call, const char *method, const char *path) {
    struct request request = {.method = mw_cstr(method),
                              .path = mw_cstr(path),
                              .body = {call->body ? call->body : "", call->body_len},
                              .mono_ms = clock_ms(CLOCK_MONOTONIC),
                              .unix_s = clock_ms(CLOCK_REALTIME) / 1000};
    for (size_t i = 0; i < QUERY_COUNT; i++)
        request.query[i] = query_value(call->connection, query_names[i]);
    api_answer(call->server->api, &request, &call->answer);
    if (call->answer.release) release_waiting(call->server);
    if (call->answer.behaviour.mode == MODE_HANG) call->answer.behaviour.delay_ms += HANG_MS;
}

/* A reset, not an orderly end: connecting a TCP socket to nowhere drops what it was connected to. */
static void reset_connection(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    if (info) (void)!connect(info->connect_fd, &nowhere, sizeof nowhere);
}

/* The answer's JSON behind a member that fills it up to HUGE_BODY_LEN. */
static char *huge_body(const char *json) {
    static const char head[] = "{\"padding\":\"", tail[] = "\",";
    const char *members = json + 1; /* behind the brace */
    size_t members_len = strlen(members), fill = HUGE_BODY_LEN - (sizeof head - 1) - (sizeof tail - 1) - members_len;
    char *body = malloc(HUGE_BODY_LEN + 1);
    if (!body) return NULL;
    char *at = body;
    memcpy(at, head, sizeof head - 1);
    at += sizeof head - 1;
    memset(at, 'x', fill);
    at += fill;
    memcpy(at, tail, sizeof tail - 1);
    at += sizeof tail - 1;
    memcpy(at, members, members_len + 1);
    return body;
}

static const char page[] = "<!DOCTYPE html>\n<html><head><title>Bad Gateway</title></head>"
                           "<body><h1>The page cannot be shown</h1></body></html>\n";

/* Puts what the mode wants in place of the answer. False when memory or randomness is out. */
static bool spoil_answer(struct call *call) {
    struct answer *answer = &call->answer;
    char *body = NULL;
    call->len = strlen(answer->body);
    call->sent_max = call->len;
    switch (answer->behaviour.mode) {
    case MODE_HTTP500:
        answer->status = 500;
        __attribute__((fallthrough));
    case MODE_HTML:
        answer->content_type = "text/html";
        body = strdup(page);
        call->len = sizeof page - 1;
        break;
    case MODE_GARBAGE:
        body = malloc(GARBAGE_LEN);
        call->len = GARBAGE_LEN;
        if (body && mw_random((uint8_t *)body, GARBAGE_LEN) != MW_OK) {
            free(body);
            return false;
        }
        break;
    case MODE_HUGE:
        body = huge_body(answer->body);
        call->len = HUGE_BODY_LEN;
        break;
    case MODE_CUT:
        call->len /= 2;
        return true;
    case MODE_EMPTY:
        call->len = 0;
        return true;
    case MODE_SHORT:
        call->sent_max = call->len / 2;
        return true;
    case MODE_NORMAL:
    case MODE_HANG:
    case MODE_SLOW:
    case MODE_CLOSE:
    case MODE_RESET:
    case MODE_COUNT:
        return true;
    }
    if (!body) return false;
    free(answer->body);
    answer->body = body;
    return true;
}

static ssize_t read_piece(void *cls, uint64_t pos, char *buf, size_t max) {
    struct call *call = cls;
    bool slow = call->answer.behaviour.mode == MODE_SLOW;
    if (call->server->stopping || pos >= call->sent_max) return MHD_CONTENT_READER_END_WITH_ERROR;
    if (slow && !call->may_send) {
        suspend_until(call, clock_ms(CLOCK_MONOTONIC) + SLOW_STEP_MS);
        return 0;
    }
    call->may_send = false;
    size_t n = slow ? 1 : call->sent_max - pos;
    if (n > max) n = max;
    memcpy(buf, call->answer.body + pos, n);
    return (ssize_t)n;
}

/* The body belongs to the call, which outlives the response. */
static enum MHD_Result send_answer(struct call *call) {
    enum mode mode = call->answer.behaviour.mode;
    bool pieces = mode == MODE_SLOW || mode == MODE_SHORT;
    call->state = CALL_ANSWERING;
    if (mode == MODE_RESET) reset_connection(call->connection);
    if (mode == MODE_RESET || mode == MODE_CLOSE || mode == MODE_HANG || call->server->stopping) return MHD_NO;
    if (!call->answer.body || !spoil_answer(call)) return MHD_NO;
    struct MHD_Response *response =
        pieces ? MHD_create_response_from_callback(call->len, 256, read_piece, call, NULL)
               : MHD_create_response_from_buffer(call->len, call->answer.body, MHD_RESPMEM_PERSISTENT);
    if (!response) return MHD_NO;
    enum MHD_Result result = MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, call->answer.content_type);
    if (result == MHD_YES) result = MHD_queue_response(call->connection, call->answer.status, response);
    MHD_destroy_response(response);
    return result;
}

static struct call *call_new(struct server *server, struct MHD_Connection *connection, const char *path) {
    struct call *call = calloc(1, sizeof *call);
    if (!call) return NULL;
    call->server = server;
    call->connection = connection;
    if (api_is_wechat(mw_cstr(path))) {
        struct stats *stats = api_stats(server->api);
        call->counted = true;
        if (++stats->inflight > stats->inflight_max) stats->inflight_max = stats->inflight;
    }
    return call;
}

static bool take_body(struct call *call, const char *data, size_t len) {
    if (len > BODY_MAX - call->body_len) return false;
    char *body = realloc(call->body, call->body_len + len);
    if (!body) return false;
    memcpy(body + call->body_len, data, len);
    call->body = body;
    call->body_len += len;
    return true;
}

/* Called with the header, with each piece of the body, at its end, and once more when a suspended call goes on. */
static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *path, const char *method,
                                  const char *version, const char *data, size_t *data_len, void **state) {
    (void)version;
    struct server *server = cls;
    struct call *call = *state;
    if (!call) {
        *state = call_new(server, connection, path);
        return *state ? MHD_YES : MHD_NO;
    }
    if (*data_len > 0) {
        bool taken = take_body(call, data, *data_len);
        *data_len = 0;
        return taken ? MHD_YES : MHD_NO;
    }
    if (call->state == CALL_READING) {
        make_answer(call, method, path);
        if (call->answer.behaviour.delay_ms > 0) {
            call->state = CALL_WAITING;
            suspend_until(call, clock_ms(CLOCK_MONOTONIC) + call->answer.behaviour.delay_ms);
            return MHD_YES;
        }
    }
    return send_answer(call);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code) {
    (void)connection;
    (void)code;
    struct server *server = cls;
    struct call *call = *state;
    if (!call) return;
    if (call->suspended) TAILQ_REMOVE(&server->waiting, call, wait);
    if (call->counted) api_stats(server->api)->inflight--;
    free(call->answer.body);
    free(call->body);
    free(call);
    *state = NULL;
}

struct server *server_start(struct api *api, uint32_t ip, uint16_t port) {
    const struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(ip)};
    struct server *server = calloc(1, sizeof *server);
    if (!server) return NULL;
    server->api = api;
    TAILQ_INIT(&server->waiting);
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, server, MHD_OPTION_SOCK_ADDR, &address,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_TIMEOUT_S, MHD_OPTION_LISTEN_BACKLOG_SIZE, 4096U,
        MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U, MHD_OPTION_END);
    if (!server->daemon) {
        free(server);
        return NULL;
    }
    const union MHD_DaemonInfo *epoll_info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    const union MHD_DaemonInfo *port_info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
    if (!epoll_info || !port_info) {
        server_stop(&server);
        return NULL;
    }
    server->epoll_fd = epoll_info->epoll_fd;
    server->port = port_info->port;
    return server;
}

uint16_t server_port(const struct server *server) {
    return server->port;
}

static int next_wait_ms(struct server *server) {
    int64_t wait_ms = LOOP_WAIT_MAX_MS;
    MHD_UNSIGNED_LONG_LONG library_ms = 0;
    if (MHD_get_timeout(server->daemon, &library_ms) == MHD_YES && library_ms < (uint64_t)wait_ms)
        wait_ms = (int64_t)library_ms;
    const struct call *first = TAILQ_FIRST(&server->waiting);
    if (first) {
        int64_t left_ms = first->due_ms - clock_ms(CLOCK_MONOTONIC);
        if (left_ms < wait_ms) wait_ms = left_ms < 0 ? 0 : left_ms;
    }
    return (int)wait_ms;
}

bool server_run(struct server *server, int stop_fd) {
    for (;;) {
        struct pollfd fds[] = {{.fd = server->epoll_fd, .events = POLLIN}, {.fd = stop_fd, .events = POLLIN}};
        if (poll(fds, 2, next_wait_ms(server)) < 0 && errno != EINTR) return false;
        if (fds[1].revents) return true;
        int64_t now_ms = clock_ms(CLOCK_MONOTONIC);
        for (struct call *first; (first = TAILQ_FIRST(&server->waiting)) && first->due_ms <= now_ms;)
            resume(first);
        MHD_run(server->daemon);
    }
}

void server_stop(struct server **server) {
    if (!*server) return;
    (*server)->stopping = true;
    /* The library wants no connection suspended when it stops. */
    for (struct call *first; (first = TAILQ_FIRST(&(*server)->waiting));)
        resume(first);
    MHD_run((*server)->daemon);
    MHD_stop_daemon((*server)->daemon);
    free(*server);
    *server = NULL;
}
