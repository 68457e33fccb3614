#include "acceptor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#define CLIENTS 5

/* A listening socket, and what came of it. Every socket that is handed on goes into a pipe, so that a test can wait for
 * it. */
struct bench {
    int listen_fd, taken[2];
    struct sockaddr_in addr;
    atomic_bool full;
    struct acceptor *acceptor;
};

static bool has_room(void *ctx) {
    struct bench *b = ctx;
    return !atomic_load(&b->full);
}

static void take(void *ctx, int fd, const struct sockaddr *addr, socklen_t addr_len) {
    struct bench *b = ctx;
    assert_int_equal(addr->sa_family, AF_INET);
    assert_int_equal(addr_len, sizeof(struct sockaddr_in));
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_int_equal(write(b->taken[1], &fd, sizeof fd), sizeof fd);
}

static int set_up(void **state) {
    static struct bench b;
    socklen_t len = sizeof b.addr;
    b = (struct bench){.addr = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}}};
    b.listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(b.listen_fd, (struct sockaddr *)&b.addr, len), 0);
    assert_int_equal(listen(b.listen_fd, CLIENTS), 0);
    assert_int_equal(getsockname(b.listen_fd, (struct sockaddr *)&b.addr, &len), 0);
    assert_int_equal(pipe(b.taken), 0);
    *state = &b;
    return 0;
}

static int tear_down(void **state) {
    struct bench *b = *state;
    acceptor_stop(&b->acceptor);
    (void)close(b->listen_fd);
    (void)close(b->taken[0]);
    (void)close(b->taken[1]);
    return 0;
}

static void start(struct bench *b) {
    const struct acceptor_host host = {has_room, take, b};
    assert_int_equal(acceptor_start(b->listen_fd, &host, &b->acceptor), MW_OK);
}

static int call(const struct bench *b) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&b->addr, sizeof b->addr), 0);
    return fd;
}

static bool was_taken(const struct bench *b, int wait_ms) {
    struct pollfd p = {.fd = b->taken[0], .events = POLLIN};
    return poll(&p, 1, wait_ms) == 1;
}

/* The other end of the client's connection, which can be spoken through. */
static void expect_taken(const struct bench *b, int client) {
    char c = 0;
    int fd = -1;
    assert_true(was_taken(b, 5000));
    assert_int_equal(read(b->taken[0], &fd, sizeof fd), sizeof fd);
    assert_int_equal(write(fd, "x", 1), 1);
    assert_int_equal(read(client, &c, 1), 1);
    assert_int_equal(c, 'x');
    (void)close(fd);
    (void)close(client);
}

static void connections__room__are_handed_on(void **state) {
    struct bench *b = *state;
    int early = call(b); /* waits already when it starts */
    start(b);
    expect_taken(b, early);
    for (int i = 0; i < CLIENTS; i++)
        expect_taken(b, call(b));
}

static void connections__no_room__wait_until_there_is(void **state) {
    struct bench *b = *state;
    atomic_store(&b->full, true);
    start(b);
    int client = call(b);
    assert_false(was_taken(b, 50));
    atomic_store(&b->full, false);
    expect_taken(b, client);
}

static void connections__after_the_stop__are_nobodys(void **state) {
    struct bench *b = *state;
    start(b);
    expect_taken(b, call(b));
    acceptor_stop(&b->acceptor);
    assert_null(b->acceptor);
    int client = call(b); /* the kernel still takes it */
    assert_false(was_taken(b, 50));
    (void)close(client);
    start(b); /* somebody else may go on with the socket */
    assert_true(was_taken(b, 5000));
}

static void stop__no_room__does_not_wait_for_it(void **state) {
    struct bench *b = *state;
    atomic_store(&b->full, true);
    start(b);
    acceptor_stop(&b->acceptor);
    acceptor_stop(&b->acceptor); /* allows NULL */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(connections__room__are_handed_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(connections__no_room__wait_until_there_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(connections__after_the_stop__are_nobodys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stop__no_room__does_not_wait_for_it, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
