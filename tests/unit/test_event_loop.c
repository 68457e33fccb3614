#include "event_loop.h"

#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#define MANY 2000 /* more than the pipe holds */

/* What the loop did is written into a pipe, a letter each, so that a test can wait for it. */
struct bench {
    int fd, told[2];
    atomic_int wait_ms, runs, taken, last_fd, last_port;
    struct event_loop *loop;
};

static void tell(struct bench *b, char what) {
    assert_int_equal(write(b->told[1], &what, 1), 1);
}

static int wait_ms(void *ctx) {
    return atomic_load(&((struct bench *)ctx)->wait_ms);
}

static void run(void *ctx) {
    struct bench *b = ctx;
    uint64_t count;
    (void)!read(b->fd, &count, sizeof count);
    atomic_fetch_add(&b->runs, 1);
    tell(b, 'r');
}

static void take(void *ctx, int fd, const struct sockaddr *addr, socklen_t addr_len) {
    struct bench *b = ctx;
    assert_int_equal(addr_len, sizeof(struct sockaddr_in));
    atomic_store(&b->last_fd, fd);
    atomic_store(&b->last_port, ntohs(((const struct sockaddr_in *)addr)->sin_port));
    atomic_fetch_add(&b->taken, 1);
}

static int set_up(void **state) {
    static struct bench b;
    b = (struct bench){.wait_ms = -1, .fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    assert_int_equal(pipe(b.told), 0);
    const struct event_loop_host host = {b.fd, wait_ms, run, take, &b};
    assert_int_equal(event_loop_start(&host, "loop", &b.loop), MW_OK);
    *state = &b;
    return 0;
}

static int tear_down(void **state) {
    struct bench *b = *state;
    event_loop_stop(&b->loop);
    event_loop_stop(&b->loop);
    (void)close(b->fd);
    (void)close(b->told[0]);
    (void)close(b->told[1]);
    return 0;
}

/* Waits for one run. */
static void expect_run(const struct bench *b) {
    char what = 0;
    struct pollfd p = {.fd = b->told[0], .events = POLLIN};
    assert_int_equal(poll(&p, 1, 10000), 1);
    assert_int_equal(read(b->told[0], &what, 1), 1);
    assert_int_equal(what, 'r');
}

static bool hand(struct bench *b, int fd, uint16_t port) {
    const struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons(port)};
    return event_loop_hand(b->loop, fd, (const struct sockaddr *)&addr, sizeof addr);
}

static void nothing_happens__does_not_run(void **state) {
    const struct bench *b = *state;
    struct pollfd p = {.fd = b->told[0], .events = POLLIN};
    assert_int_equal(poll(&p, 1, 50), 0);
}

static void fd_readable__runs(void **state) {
    struct bench *b = *state;
    const uint64_t one = 1;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(write(b->fd, &one, sizeof one), sizeof one);
        expect_run(b);
    }
}

static void wake__runs_after_it(void **state) {
    struct bench *b = *state;
    for (int i = 0; i < 1000; i++) {
        event_loop_wake(b->loop);
        expect_run(b);
    }
}

static void wait_is_over__runs(void **state) {
    struct bench *b = *state;
    atomic_store(&b->wait_ms, 1);
    event_loop_wake(b->loop); /* looks at the wait anew */
    for (int i = 0; i < 5; i++)
        expect_run(b);
}

static void hand__connection__is_taken_with_its_address(void **state) {
    struct bench *b = *state;
    assert_true(hand(b, 77, 4711));
    expect_run(b);
    assert_int_equal(atomic_load(&b->last_fd), 77);
    assert_int_equal(atomic_load(&b->last_port), 4711);
}

static void hand__address_too_long__is_refused(void **state) {
    struct bench *b = *state;
    const struct sockaddr_storage addr = {0};
    assert_false(event_loop_hand(b->loop, 77, (const struct sockaddr *)&addr, sizeof addr + 1));
}

static void stop__after_many__all_are_taken(void **state) {
    struct bench *b = *state;
    for (int i = 0; i < MANY; i++)
        assert_true(hand(b, i, 1));
    event_loop_stop(&b->loop);
    assert_int_equal(atomic_load(&b->taken), MANY);
    assert_int_equal(atomic_load(&b->last_fd), MANY - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_happens__does_not_run, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fd_readable__runs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wake__runs_after_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wait_is_over__runs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hand__connection__is_taken_with_its_address, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hand__address_too_long__is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stop__after_many__all_are_taken, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
