/* What the service counts. Any thread may count; nobody waits. */
#ifndef METRICS_H
#define METRICS_H

#include "api.h"

#include <stdatomic.h>

enum listener { LISTENER_PUBLIC = 0, LISTENER_ADMIN, LISTENER_COUNT };

#define METRICS_STATUS_MAX 600

struct metrics {
    atomic_ullong answers[LISTENER_COUNT][METRICS_STATUS_MAX]; /* by HTTP status */
    atomic_ullong logins_ok;
    atomic_ullong logins_refused[API_ERROR_COUNT];
    atomic_ullong read_errors;
    atomic_ullong uploads_ok, upload_bytes;
    atomic_ullong uploads_refused[API_ERROR_COUNT];
    atomic_ullong uploads_left; /* by their client, before the end */
    atomic_ullong files_served;
};

void metrics_count_answer(struct metrics *m, enum listener listener, int status);
void metrics_count_refusal(struct metrics *m, enum api_error error);

/* What is not counted but asked for. -1: not known. */
struct metrics_gauges {
    int64_t sessions;
    size_t writes_waiting, wechat_inflight;
    uint64_t write_errors;
    unsigned uploads; /* under way */
};
#define METRICS_TEXT_MAX 65536
/* Prometheus' text format. */
void metrics_put(struct mw_buf *b, const struct metrics *m, const struct metrics_gauges *now);

#endif
