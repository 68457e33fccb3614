/* mw-media-load: big files over kept-alive connections to a server on this machine, the same request again and again.
 * Prints one line of JSON.
 *
 *   mw-media-load PORT CONNECTIONS SECONDS REQUEST...
 *
 * Each REQUEST is a file with a whole request, head and body; the connections take them in turn. Where the first 4 KB
 * of one hold sixteen '@', a running number takes their place, so that every upload is another file. */
#include "mw/parse.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1000
#define REQUESTS_MAX 100
#define FRONT 4096 /* what of a request each connection has a copy of, for the number */
#define MARK "@@@@@@@@@@@@@@@@"
#define MARK_LEN (sizeof MARK - 1)
#define HEAD_MAX 4096
#define EVENTS_MAX 256
#define SCRAP 262144

struct request {
    struct mw_str bytes;
    size_t mark; /* where in the front the number goes; FRONT: nowhere */
};

struct connection {
    int fd;
    const struct request *request;
    size_t front_len, sent, have; /* have: of the answer's head */
    uint64_t left;                /* of the answer's body */
    bool in_body, done;
    char front[FRONT], head[HEAD_MAX + 1];
};

struct load {
    int64_t ends_us;
    uint64_t number, answered, body_bytes, refused;
    size_t busy;
};

static int64_t now_us(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void die(const char *what) {
    fprintf(stderr, "mw-media-load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static struct request read_request(const char *path) {
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0) die(path);
    const size_t len = (size_t)info.st_size;
    const char *bytes = mmap(NULL, len, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (bytes == MAP_FAILED) die(path);
    (void)close(fd);
    const size_t front = len < FRONT ? len : FRONT;
    const char *mark = memmem(bytes, front, MARK, MARK_LEN);
    return (struct request){mw_bytes(bytes, len), mark ? (size_t)(mark - bytes) : FRONT};
}

static void open_connection(struct connection *c, uint16_t port) {
    const int yes = 1;
    const struct sockaddr_in addr = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (const struct sockaddr *)&addr, sizeof addr) != 0) die("connect");
    (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    (void)fcntl(c->fd, F_SETFL, O_NONBLOCK);
}

static void begin_request(struct load *l, struct connection *c) {
    c->done = now_us() >= l->ends_us;
    if (c->done) {
        l->busy--;
        return;
    }
    const struct mw_str bytes = c->request->bytes;
    c->front_len = bytes.len < FRONT ? bytes.len : FRONT;
    memcpy(c->front, bytes.ptr, c->front_len);
    if (c->request->mark < FRONT) {
        char digits[MARK_LEN + 1];
        (void)snprintf(digits, sizeof digits, "%016" PRIx64, l->number++);
        memcpy(c->front + c->request->mark, digits, MARK_LEN);
    }
    c->sent = c->have = 0;
    c->in_body = false;
}

/* Until the socket takes no more. */
static void send_on(struct connection *c) {
    const struct mw_str bytes = c->request->bytes;
    while (!c->done && c->sent < bytes.len) {
        const bool in_front = c->sent < c->front_len;
        struct iovec parts[2] = {{c->front + c->sent, in_front ? c->front_len - c->sent : 0},
                                 {(void *)(uintptr_t)(bytes.ptr + (in_front ? c->front_len : c->sent)),
                                  bytes.len - (in_front ? c->front_len : c->sent)}};
        const ssize_t n = writev(c->fd, in_front ? parts : parts + 1, in_front ? 2 : 1);
        if (n < 0 && errno == EAGAIN) return;
        if (n < 0) die("send");
        c->sent += (size_t)n;
    }
}

static uint64_t content_length(const char *head) {
    const char *at = strcasestr(head, "\r\nContent-Length:");
    uint64_t length = 0;
    if (!at) die("an answer without Content-Length");
    at += sizeof "\r\nContent-Length:" - 1;
    at += strspn(at, " ");
    if (mw_parse_u64(mw_bytes(at, strspn(at, "0123456789")), INT64_MAX, &length) != MW_OK) die("Content-Length");
    return length;
}

static void end_answer(struct load *l, struct connection *c) {
    if (strncmp(c->head, "HTTP/1.1 200", 12) != 0) {
        if (l->refused++ == 0) fprintf(stderr, "%.200s\n", c->head);
        exit(1);
    }
    l->answered++;
    begin_request(l, c);
    send_on(c);
}

static bool take_head(struct load *l, struct connection *c) {
    const ssize_t n = recv(c->fd, c->head + c->have, HEAD_MAX - c->have, 0);
    if (n < 0 && errno == EAGAIN) return false;
    if (n <= 0) die("recv");
    c->have += (size_t)n;
    c->head[c->have] = '\0';
    const char *end = strstr(c->head, "\r\n\r\n");
    if (!end) return true;
    const uint64_t came = c->have - (size_t)(end + 4 - c->head), length = content_length(c->head);
    c->in_body = true;
    c->left = length - came;
    l->body_bytes += came;
    return true;
}

static bool take_body(struct load *l, struct connection *c) {
    static char scrap[SCRAP];
    const ssize_t n = recv(c->fd, scrap, c->left < SCRAP ? c->left : SCRAP, 0);
    if (n < 0 && errno == EAGAIN) return false;
    if (n <= 0) die("recv");
    c->left -= (uint64_t)n;
    l->body_bytes += (uint64_t)n;
    return true;
}

static void handle(struct load *l, struct connection *c, uint32_t events) {
    if (events & EPOLLOUT) send_on(c);
    while (!c->done) {
        if (c->in_body && c->left == 0)
            end_answer(l, c);
        else if (!(c->in_body ? take_body(l, c) : take_head(l, c)))
            return;
    }
}

static void run(struct load *l, struct connection *connections, size_t count) {
    struct epoll_event events[EVENTS_MAX];
    int poll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (poll_fd < 0) die("epoll");
    for (size_t i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = &connections[i]};
        begin_request(l, &connections[i]);
        if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, connections[i].fd, &event) != 0) die("epoll");
    }
    while (l->busy > 0) {
        const int n = epoll_wait(poll_fd, events, EVENTS_MAX, 60000);
        if (n <= 0) die("no answer");
        for (int i = 0; i < n; i++)
            handle(l, events[i].data.ptr, events[i].events);
    }
    (void)close(poll_fd);
}

int main(int argc, char **argv) {
    static struct request requests[REQUESTS_MAX];
    static struct connection connections[CONNECTIONS_MAX];
    uint64_t port = 0, count = 0, seconds = 0;
    if (argc < 5 || argc > 4 + REQUESTS_MAX || mw_parse_u64(mw_cstr(argv[1]), 65535, &port) != MW_OK ||
        mw_parse_u64(mw_cstr(argv[2]), CONNECTIONS_MAX, &count) != MW_OK ||
        mw_parse_u64(mw_cstr(argv[3]), 3600, &seconds) != MW_OK) {
        fputs("usage: mw-media-load PORT CONNECTIONS SECONDS REQUEST...\n", stderr);
        return 2;
    }
    const size_t requests_count = (size_t)argc - 4;
    for (size_t i = 0; i < requests_count; i++)
        requests[i] = read_request(argv[4 + i]);
    for (size_t i = 0; i < count; i++) {
        connections[i].request = &requests[i % requests_count];
        open_connection(&connections[i], (uint16_t)port);
    }
    const int64_t began_us = now_us();
    struct load l = {.ends_us = began_us + (int64_t)seconds * 1000000,
                     .busy = (size_t)count,
                     .number = (uint64_t)began_us << 20}; /* other numbers in the next run */
    run(&l, connections, (size_t)count);
    const double took_s = (double)(now_us() - began_us) / 1e6;
    printf("{\"answered\":%" PRIu64 ",\"seconds\":%.3f,\"body_bytes\":%" PRIu64 "}\n", l.answered, took_s,
           l.body_bytes);
    for (size_t i = 0; i < count; i++)
        (void)close(connections[i].fd);
    return 0;
}
