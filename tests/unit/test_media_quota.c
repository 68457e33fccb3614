#include "media_quota.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define ANN "annaaaaaaaaaaaa2"
#define BOB "bobaaaaaaaaaaaa2"
#define DAY INT64_C(86400)
#define NOW (20000 * DAY + 5)

static const struct media_quota_limits limits = {1000, 2, 3, 5};

struct bench {
    char path[32];
    int dir;
    struct media_quota *q;
};

static void open_at(struct bench *b, int64_t now_s) {
    struct media_error err;
    media_quota_close(&b->q);
    if (media_quota_open(b->dir, &limits, now_s, &b->q, &err) != MW_OK) fail_msg("%s", err.text);
}

static int set_up(void **state) {
    struct bench *b = calloc(1, sizeof *b);
    if (!b) return -1;
    memcpy(b->path, "/tmp/mw-quota-XXXXXX", sizeof "/tmp/mw-quota-XXXXXX");
    if (!mkdtemp(b->path)) return -1;
    b->dir = open(b->path, O_RDONLY | O_DIRECTORY);
    *state = b;
    open_at(b, NOW);
    return 0;
}

static int tear_down(void **state) {
    struct bench *b = *state;
    char command[64];
    media_quota_close(&b->q);
    (void)close(b->dir);
    (void)snprintf(command, sizeof command, "rm -r %s", b->path);
    const int rc = system(command); /* NOLINT(cert-env33-c): a name of our own */
    free(b);
    return rc;
}

/* An upload from its beginning to its end. */
static enum media_verdict_quota send_all(struct bench *b, const char *uid, uint64_t bytes, int64_t now_s) {
    struct media_claim claim;
    struct media_error err;
    const enum media_verdict_quota verdict = media_quota_begin(b->q, uid, bytes, now_s, &claim);
    if (verdict != MEDIA_QUOTA_OK) return verdict;
    assert_int_equal(media_quota_charge(b->q, &claim, bytes, now_s, &err), MW_OK);
    media_quota_end(b->q, &claim);
    return verdict;
}

static void quota__up_to_the_last_byte__and_no_more(void **state) {
    struct bench *b = *state;
    assert_int_equal(send_all(b, ANN, 1001, NOW), MEDIA_QUOTA_EXCEEDED);
    assert_int_equal(send_all(b, ANN, 999, NOW), MEDIA_QUOTA_OK);
    assert_int_equal(send_all(b, ANN, 2, NOW), MEDIA_QUOTA_EXCEEDED);
    assert_int_equal(send_all(b, ANN, 1, NOW), MEDIA_QUOTA_OK);
    assert_int_equal(send_all(b, ANN, 0, NOW), MEDIA_QUOTA_EXCEEDED); /* of unknown length, and one byte at least */
    assert_int_equal(send_all(b, BOB, 1000, NOW), MEDIA_QUOTA_OK);
}

static void quota__another_day__begins_anew(void **state) {
    struct bench *b = *state;
    const int64_t midnight = (NOW / DAY + 1) * DAY;
    assert_int_equal(send_all(b, ANN, 1000, NOW), MEDIA_QUOTA_OK);
    assert_int_equal(send_all(b, ANN, 1, midnight - 1), MEDIA_QUOTA_EXCEEDED);
    assert_int_equal(send_all(b, ANN, 1000, midnight), MEDIA_QUOTA_OK);
    assert_int_equal(send_all(b, ANN, 1, midnight), MEDIA_QUOTA_EXCEEDED);
    assert_int_equal(send_all(b, ANN, 1, NOW), MEDIA_QUOTA_EXCEEDED); /* a clock set back gives nothing */
    open_at(b, midnight);
    assert_int_equal(send_all(b, ANN, 1, midnight), MEDIA_QUOTA_EXCEEDED);
    open_at(b, midnight + DAY);
    assert_int_equal(send_all(b, ANN, 1000, midnight + DAY), MEDIA_QUOTA_OK);
}

static void quota__after_a_restart__remembered(void **state) {
    struct bench *b = *state;
    assert_int_equal(send_all(b, ANN, 300, NOW), MEDIA_QUOTA_OK);
    assert_int_equal(send_all(b, BOB, 500, NOW), MEDIA_QUOTA_OK);
    assert_int_equal(send_all(b, ANN, 300, NOW), MEDIA_QUOTA_OK);
    open_at(b, NOW);
    assert_int_equal(send_all(b, ANN, 401, NOW), MEDIA_QUOTA_EXCEEDED);
    assert_int_equal(send_all(b, ANN, 400, NOW), MEDIA_QUOTA_OK);
    assert_int_equal(send_all(b, BOB, 500, NOW), MEDIA_QUOTA_OK);
}

/* What a crash or a stranger left in the log costs nobody anything, and hides nothing. */
static void quota__damaged_log__good_lines_count(void **state) {
    struct bench *b = *state;
    char path[64];
    assert_int_equal(send_all(b, ANN, 600, NOW), MEDIA_QUOTA_OK);
    media_quota_close(&b->q);
    (void)snprintf(path, sizeof path, "%s/quota/20000", b->path);
    FILE *log = fopen(path, "a");
    assert_non_null(log);
    fprintf(log, "\n%s\n%s \n%s 1x\n%s -5\n%s 99999999999999999999999\nANN 5\n%.*s\n", ANN, ANN, ANN, ANN, ANN, 16,
            ANN);
    for (int i = 0; i < 200000; i++)
        (void)fputc('x', log);
    fprintf(log, "\n%s 40", ANN); /* torn */
    (void)fclose(log);
    open_at(b, NOW);
    assert_int_equal(send_all(b, BOB, 700, NOW), MEDIA_QUOTA_OK);
    open_at(b, NOW);
    assert_int_equal(send_all(b, BOB, 301, NOW), MEDIA_QUOTA_EXCEEDED);
    assert_int_equal(send_all(b, ANN, 401, NOW), MEDIA_QUOTA_EXCEEDED);
    assert_int_equal(send_all(b, ANN, 360, NOW), MEDIA_QUOTA_OK); /* the torn one is whole, or not there: 600 or 640 */
}

/* Several at once can not go over together. */
static void claims__side_by_side__share_what_is_left(void **state) {
    struct bench *b = *state;
    struct media_claim one, two;
    assert_int_equal(media_quota_begin(b->q, ANN, 0, NOW, &one), MEDIA_QUOTA_OK);
    assert_int_equal(media_quota_begin(b->q, ANN, 600, NOW, &two), MEDIA_QUOTA_OK);
    assert_true(media_quota_grow(b->q, &one, 400, NOW));
    assert_false(media_quota_grow(b->q, &one, 401, NOW));
    assert_false(media_quota_grow(b->q, &two, 601, NOW));
    assert_true(media_quota_grow(b->q, &one, 10, NOW)); /* it has more already */
    media_quota_end(b->q, &two);
    assert_true(media_quota_grow(b->q, &one, 1000, NOW));
    assert_false(media_quota_grow(b->q, &one, UINT64_MAX, NOW));
    media_quota_end(b->q, &one);
    assert_int_equal(send_all(b, ANN, 1000, NOW), MEDIA_QUOTA_OK); /* nothing was accepted before */
}

static void claims__too_many_at_once__refused(void **state) {
    static const struct {
        const char *uid;
        enum media_verdict_quota want;
    } rows[] = {
        {ANN, MEDIA_QUOTA_OK},        {ANN, MEDIA_QUOTA_OK},       {ANN, MEDIA_QUOTA_OK}, /* nobody else is there */
        {ANN, MEDIA_QUOTA_USER_BUSY}, {BOB, MEDIA_QUOTA_OK},       {BOB, MEDIA_QUOTA_OK},
        {BOB, MEDIA_QUOTA_ALL_BUSY},  {ANN, MEDIA_QUOTA_ALL_BUSY},
    };
    struct bench *b = *state;
    struct media_claim claims[8] = {{"", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (media_quota_begin(b->q, rows[i].uid, 1, NOW, &claims[i]) != rows[i].want) fail_msg("row %zu", i);
    assert_int_equal(media_quota_under_way(b->q), 5);
    media_quota_end(b->q, &claims[4]);
    assert_int_equal(media_quota_begin(b->q, ANN, 1, NOW, &claims[6]), MEDIA_QUOTA_USER_BUSY);
    assert_int_equal(media_quota_begin(b->q, BOB, 1, NOW, &claims[4]), MEDIA_QUOTA_OK);
    for (size_t i = 0; i < 6; i++)
        media_quota_end(b->q, &claims[i]);
    media_quota_end(b->q, &claims[0]); /* no claim any more */
    assert_int_equal(media_quota_under_way(b->q), 0);
}

/* An upload that lasts over midnight counts for the day on which it ends. */
static void claim__over_midnight__counts_for_the_new_day(void **state) {
    struct bench *b = *state;
    const int64_t midnight = (NOW / DAY + 1) * DAY;
    struct media_claim claim;
    struct media_error err;
    assert_int_equal(media_quota_begin(b->q, ANN, 900, NOW, &claim), MEDIA_QUOTA_OK);
    assert_int_equal(media_quota_charge(b->q, &claim, 900, midnight, &err), MW_OK);
    media_quota_end(b->q, &claim);
    open_at(b, midnight);
    assert_int_equal(send_all(b, ANN, 101, midnight), MEDIA_QUOTA_EXCEEDED);
    assert_int_equal(send_all(b, ANN, 100, midnight), MEDIA_QUOTA_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(quota__up_to_the_last_byte__and_no_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(quota__another_day__begins_anew, set_up, tear_down),
        cmocka_unit_test_setup_teardown(quota__after_a_restart__remembered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(quota__damaged_log__good_lines_count, set_up, tear_down),
        cmocka_unit_test_setup_teardown(claims__side_by_side__share_what_is_left, set_up, tear_down),
        cmocka_unit_test_setup_teardown(claims__too_many_at_once__refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(claim__over_midnight__counts_for_the_new_day, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
