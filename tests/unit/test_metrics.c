#include "metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static char text[METRICS_TEXT_MAX];

static const char *put(const struct metrics *m, int64_t sessions) {
    const struct metrics_gauges now = {sessions, 3, 4, 5, 6};
    struct mw_buf b = mw_buf_over(text, sizeof text);
    metrics_put(&b, m, &now);
    const char *out = mw_buf_cstr(&b);
    assert_non_null(out);
    return out;
}

static void put__what_was_counted__is_there(void **state) {
    static struct metrics m;
    static const char *const lines[] = {
        "\nmosquitto_wechat_logins_total{outcome=\"ok\"} 0\n",
        "\nmosquitto_wechat_logins_total{outcome=\"invalid_code\"} 2\n",
        "\nmosquitto_wechat_logins_total{outcome=\"banned\"} 0\n",
        "\nmosquitto_wechat_http_requests_total{listener=\"public\",status=\"200\"} 1\n",
        "\nmosquitto_wechat_http_requests_total{listener=\"admin\",status=\"401\"} 1\n",
        "\nmosquitto_wechat_sessions 7\n",
        "\nmosquitto_wechat_store_queue 3\n",
        "\nmosquitto_wechat_wechat_inflight 4\n",
        "\nmosquitto_wechat_media_uploads_inflight 6\n",
        "\nmosquitto_wechat_media_uploads_total{outcome=\"ok\"} 0\n",
        "\nmosquitto_wechat_media_uploads_total{outcome=\"too_big\"} 0\n",
        "\nmosquitto_wechat_media_files_served_total 0\n",
        "\nmosquitto_wechat_store_errors_total{op=\"write\"} 5\n",
        "\n# TYPE mosquitto_wechat_sessions gauge\n",
    };
    (void)state;
    metrics_count_refusal(&m, API_INVALID_CODE);
    metrics_count_refusal(&m, API_INVALID_CODE);
    metrics_count_answer(&m, LISTENER_PUBLIC, 200);
    metrics_count_answer(&m, LISTENER_ADMIN, 401);
    metrics_count_answer(&m, LISTENER_ADMIN, 600); /* no status: nowhere to count it */
    metrics_count_answer(&m, LISTENER_ADMIN, -1);
    const char *out = put(&m, 7);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (!strstr(out, lines[i])) fail_msg("missing: %s in\n%s", lines[i], out);
}

/* Prometheus refuses a page that names a series twice. */
static void put__every_series__once_and_in_shape(void **state) {
    static struct metrics m;
    static char copy[METRICS_TEXT_MAX];
    const char *names[512];
    size_t count = 0;
    char *rest = NULL;
    (void)state;
    for (int status = 0; status < 100; status++)
        metrics_count_answer(&m, LISTENER_PUBLIC, status * 5);
    memcpy(copy, put(&m, 7), sizeof copy);
    for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        if (line[0] == '#') continue;
        char *blank = strrchr(line, ' ');
        assert_non_null(blank);
        *blank = '\0';
        for (size_t i = 0; i < count; i++)
            if (strcmp(names[i], line) == 0) fail_msg("twice: %s", line);
        assert_true(count < sizeof names / sizeof names[0]);
        names[count++] = line;
    }
    assert_true(count > 100);
}

static void put__sessions_unknown__are_left_out(void **state) {
    static struct metrics m;
    (void)state;
    const char *out = put(&m, -1);
    assert_null(strstr(out, "wechat_sessions"));
    assert_non_null(strstr(out, "store_queue 3"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put__what_was_counted__is_there),
        cmocka_unit_test(put__every_series__once_and_in_shape),
        cmocka_unit_test(put__sessions_unknown__are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
