/* mw-http-load: many HTTP requests over kept-alive connections to a server on this machine. Prints one line of JSON.
 *
 *   mw-http-load PORT CONNECTIONS SECONDS REQUESTS [BODIES]
 *
 * REQUESTS is a file of lines "METHOD PATH<tab>Header: value<tab>…". With SECONDS 0 each is sent once; else they are
 * sent round and round for so long. BODIES takes the answers' bodies, a line each, in the order in which they came. */
#include "../latency.h"
#include "mw/parse.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MAX 65536
#define CONNECTIONS_MAX 10000
#define STATUS_MAX 600
#define EVENTS_MAX 256

struct connection {
    int fd;
    int64_t sent_us;
    size_t have;
    char answer[ANSWER_MAX];
};

struct load {
    struct sockaddr_in addr;
    int64_t ends_us; /* 0: when every request is sent */
    struct mw_str *requests;
    size_t count, next, answered;
    FILE *bodies;
    struct latency latency;
    uint64_t statuses[STATUS_MAX];
};

static int64_t now_us(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void die(const char *what) {
    fprintf(stderr, "mw-http-load: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* ---- requests ---- */

static struct mw_str make_request(char *line) {
    char *rest = NULL, *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out) die("no memory");
    const char *first = strtok_r(line, "\t\n", &rest);
    fprintf(out, "%s HTTP/1.1\r\nHost: bench\r\n", first ? first : "GET /");
    for (const char *header; (header = strtok_r(NULL, "\t\n", &rest));)
        fprintf(out, "%s\r\n", header);
    fputs("\r\n", out);
    if (fclose(out) != 0) die("no memory");
    return mw_bytes(text, len);
}

static void read_requests(struct load *l, const char *path) {
    char *line = NULL;
    size_t cap = 0, room = 0;
    FILE *in = fopen(path, "r");
    if (!in) die(path);
    while (getline(&line, &cap, in) > 0) {
        if (l->count == room) {
            room = room ? 2 * room : 1024;
            l->requests = realloc(l->requests, room * sizeof *l->requests);
            if (!l->requests) die("no memory");
        }
        l->requests[l->count++] = make_request(line);
    }
    free(line);
    (void)fclose(in);
    if (l->count == 0) {
        errno = ENODATA;
        die(path);
    }
}

/* ---- a connection ---- */

static int open_connection(const struct load *l) {
    const int yes = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&l->addr, sizeof l->addr) != 0) die("connect");
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return fd;
}

/* False when there is nothing left to send. */
static bool send_next(struct load *l, struct connection *c) {
    int64_t now = now_us();
    if (l->ends_us == 0 ? l->next == l->count : now >= l->ends_us) return false;
    struct mw_str request = l->requests[l->next++ % l->count];
    c->have = 0;
    c->sent_us = now;
    /* Requests are small and nothing else is under way: the socket's buffer takes them whole. */
    if (send(c->fd, request.ptr, request.len, MSG_NOSIGNAL) != (ssize_t)request.len) die("send");
    return true;
}

/* The length that a header names, 0 when it is not there. */
static size_t content_length(const char *head) {
    const char *at = strcasestr(head, "\r\nContent-Length:");
    uint64_t length = 0;
    if (!at) return 0;
    at += sizeof "\r\nContent-Length:" - 1;
    at += strspn(at, " ");
    if (mw_parse_u64(mw_bytes(at, strspn(at, "0123456789")), ANSWER_MAX, &length) != MW_OK) die("Content-Length");
    return (size_t)length;
}

/* True when the whole answer is there and counted. */
static bool take_answer(struct load *l, struct connection *c) {
    ssize_t n = recv(c->fd, c->answer + c->have, ANSWER_MAX - 1 - c->have, 0);
    if (n <= 0) die("recv");
    c->have += (size_t)n;
    c->answer[c->have] = '\0';
    char *body = strstr(c->answer, "\r\n\r\n");
    if (!body) return false;
    body += 4;
    size_t length = content_length(c->answer);
    if (c->have < (size_t)(body - c->answer) + length) return false;
    uint64_t status = 0;
    if (mw_parse_u64(mw_bytes(c->answer + sizeof "HTTP/1.1", 3), STATUS_MAX - 1, &status) != MW_OK) die("not HTTP");
    l->statuses[status]++;
    l->answered++;
    latency_add(&l->latency, now_us() - c->sent_us);
    if (l->bodies) {
        while (length > 0 && body[length - 1] == '\n')
            length--;
        (void)fwrite(body, 1, length, l->bodies);
        (void)fputc('\n', l->bodies);
    }
    return true;
}

static void run(struct load *l, size_t connections) {
    struct epoll_event events[EVENTS_MAX];
    size_t busy = 0;
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    struct connection *all = calloc(connections, sizeof *all);
    if (epoll_fd < 0 || !all) die("no memory");
    for (size_t i = 0; i < connections; i++)
        all[i].fd = open_connection(l);
    for (size_t i = 0; i < connections; i++) {
        struct epoll_event ev = {.events = EPOLLIN, .data.ptr = &all[i]};
        if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, all[i].fd, &ev) != 0) die("epoll");
        if (send_next(l, &all[i])) busy++;
    }
    while (busy > 0) {
        int n = epoll_wait(epoll_fd, events, EVENTS_MAX, 60000);
        if (n == 0) errno = ETIMEDOUT;
        if (n <= 0) die("no answer");
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            if (take_answer(l, c) && !send_next(l, c)) busy--;
        }
    }
    for (size_t i = 0; i < connections; i++)
        (void)close(all[i].fd);
    (void)close(epoll_fd);
    free(all);
}

static void report(const struct load *l, int64_t took_us) {
    printf("{\"requests\":%zu,\"seconds\":%.6f,\"per_s\":%.1f,\"p50_us\":%" PRIu64 ",\"p99_us\":%" PRIu64
           ",\"statuses\":{",
           l->answered, (double)took_us / 1e6, (double)l->answered * 1e6 / (double)took_us,
           latency_percentile(&l->latency, 50), latency_percentile(&l->latency, 99));
    const char *comma = "";
    for (size_t status = 0; status < STATUS_MAX; status++) {
        if (l->statuses[status] == 0) continue;
        printf("%s\"%zu\":%" PRIu64, comma, status, l->statuses[status]);
        comma = ",";
    }
    puts("}}");
}

static bool read_number(const char *text, uint64_t max, uint64_t *out) {
    return mw_parse_u64(mw_cstr(text), max, out) == MW_OK;
}

int main(int argc, char **argv) {
    static struct load l;
    uint64_t port = 0, connections = 0, seconds = 0;
    if (argc < 5 || argc > 6 || !read_number(argv[1], 65535, &port) ||
        !read_number(argv[2], CONNECTIONS_MAX, &connections) || !read_number(argv[3], 3600, &seconds)) {
        fputs("usage: mw-http-load PORT CONNECTIONS SECONDS REQUESTS [BODIES]\n", stderr);
        return 2;
    }
    read_requests(&l, argv[4]);
    if (argc == 6 && !(l.bodies = fopen(argv[5], "w"))) die(argv[5]);
    l.addr = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    l.addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int64_t began_us = now_us();
    if (seconds > 0) l.ends_us = began_us + (int64_t)seconds * 1000000;
    run(&l, (size_t)connections);
    report(&l, now_us() - began_us);
    if (l.bodies && fclose(l.bodies) != 0) die(argv[5]);
    for (size_t i = 0; i < l.count; i++)
        free((void *)(uintptr_t)l.requests[i].ptr);
    free(l.requests);
    return 0;
}
