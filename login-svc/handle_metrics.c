#include "handlers.h"
#include "media.h"
#include "service.h"

#include <stdlib.h>

void handle_metrics(struct service *svc, struct call *call) {
    struct metrics_gauges now = {
        .sessions = -1,
        .writes_waiting = writer_waiting(svc->writer),
        .wechat_inflight = http_client_inflight(svc->wechat),
        .write_errors = writer_failures(svc->writer),
        .uploads = svc->media ? media_quota_under_way(svc->media->quota) : 0,
    };
    struct mw_buf b = mw_buf_over(malloc(METRICS_TEXT_MAX), METRICS_TEXT_MAX);
    if (!b.ptr) {
        api_fail(call, API_INTERNAL, NULL);
        return;
    }
    /* Without an answer from the store the rest is worth all the more. */
    if (readers_count_sessions(svc->readers, service_now_s(svc), &now.sessions) != MW_OK)
        atomic_fetch_add_explicit(&svc->metrics.read_errors, 1, memory_order_relaxed);
    metrics_put(&b, &svc->metrics, &now);
    api_answer_text(call, &b, "text/plain; version=0.0.4; charset=utf-8");
}
