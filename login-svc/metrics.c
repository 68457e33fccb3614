#include "metrics.h"

static const char *const listener_names[] = {"public", "admin"};
_Static_assert(sizeof listener_names / sizeof listener_names[0] == LISTENER_COUNT, "one name for each listener");

/* How a log-in may end; NULL: no log-in ends so. */
static const char *const outcomes[API_ERROR_COUNT] = {
    [API_BAD_REQUEST] = "bad_request",
    [API_INVALID_CODE] = "invalid_code",
    [API_BAD_SIGNATURE] = "bad_signature",
    [API_BAD_ENCRYPTED_DATA] = "bad_encrypted_data",
    [API_USER_BLOCKED] = "blocked_by_wechat",
    [API_BANNED] = "banned",
    [API_RATE_LIMITED] = "rate_limited",
    [API_CONFIG] = "misconfigured",
    [API_INTERNAL] = "internal",
    [API_WECHAT_UNAVAILABLE] = "wechat_unavailable",
    [API_BUSY] = "busy",
    [API_STORE_UNAVAILABLE] = "store_unavailable",
};

void metrics_count_answer(struct metrics *m, enum listener listener, int status) {
    if (status >= 0 && status < METRICS_STATUS_MAX)
        atomic_fetch_add_explicit(&m->answers[listener][status], 1, memory_order_relaxed);
}

void metrics_count_refusal(struct metrics *m, enum api_error error) {
    atomic_fetch_add_explicit(&m->logins_refused[error], 1, memory_order_relaxed);
}

static void put_head(struct mw_buf *b, const char *name, const char *type, const char *help) {
    mw_buf_put(b, MW_STR("# HELP mosquitto_wechat_"));
    mw_buf_put(b, mw_cstr(name));
    mw_buf_putc(b, ' ');
    mw_buf_put(b, mw_cstr(help));
    mw_buf_put(b, MW_STR("\n# TYPE mosquitto_wechat_"));
    mw_buf_put(b, mw_cstr(name));
    mw_buf_putc(b, ' ');
    mw_buf_put(b, mw_cstr(type));
    mw_buf_putc(b, '\n');
}

/* labels: as they stand between the braces, "" for none. */
static void put_row(struct mw_buf *b, const char *name, const char *labels, uint64_t value) {
    mw_buf_put(b, MW_STR("mosquitto_wechat_"));
    mw_buf_put(b, mw_cstr(name));
    if (labels[0]) {
        mw_buf_putc(b, '{');
        mw_buf_put(b, mw_cstr(labels));
        mw_buf_putc(b, '}');
    }
    mw_buf_putc(b, ' ');
    mw_buf_puti(b, (int64_t)value);
    mw_buf_putc(b, '\n');
}

static uint64_t read_counter(const atomic_ullong *counter) {
    return atomic_load_explicit(counter, memory_order_relaxed);
}

/* How an upload may end but well; NULL: none ends so. */
static const char *const upload_outcomes[API_ERROR_COUNT] = {
    [API_BAD_REQUEST] = "bad_request",
    [API_INVALID_SESSION] = "invalid_session",
    [API_BANNED] = "banned",
    [API_BODY_TOO_BIG] = "too_big",
    [API_INTERNAL] = "internal",
    [API_BUSY] = "busy",
    [API_STORE_UNAVAILABLE] = "store_unavailable",
    [API_UNSUPPORTED_MEDIA] = "unsupported_media",
    [API_QUOTA_EXCEEDED] = "quota_exceeded",
    [API_TOO_MANY_UPLOADS] = "too_many",
    [API_TOO_SLOW] = "too_slow",
    [API_STORAGE_FULL] = "storage_full",
};

static void put_outcome(struct mw_buf *b, const char *name, const char *outcome, const atomic_ullong *counter) {
    char labels[64];
    struct mw_buf l = mw_buf_over(labels, sizeof labels);
    mw_buf_put(&l, MW_STR("outcome=\""));
    mw_buf_put(&l, mw_cstr(outcome));
    mw_buf_putc(&l, '"');
    put_row(b, name, mw_buf_cstr(&l), read_counter(counter));
}

static void put_logins(struct mw_buf *b, const struct metrics *m) {
    put_head(b, "logins_total", "counter", "Log-ins by outcome.");
    put_outcome(b, "logins_total", "ok", &m->logins_ok);
    for (size_t i = 0; i < API_ERROR_COUNT; i++)
        if (outcomes[i]) put_outcome(b, "logins_total", outcomes[i], &m->logins_refused[i]);
}

static void put_media(struct mw_buf *b, const struct metrics *m, const struct metrics_gauges *now) {
    put_head(b, "media_uploads_total", "counter", "Uploads by outcome.");
    put_outcome(b, "media_uploads_total", "ok", &m->uploads_ok);
    put_outcome(b, "media_uploads_total", "left", &m->uploads_left);
    for (size_t i = 0; i < API_ERROR_COUNT; i++)
        if (upload_outcomes[i]) put_outcome(b, "media_uploads_total", upload_outcomes[i], &m->uploads_refused[i]);
    put_head(b, "media_upload_bytes_total", "counter", "Bytes of the files that were accepted.");
    put_row(b, "media_upload_bytes_total", "", read_counter(&m->upload_bytes));
    put_head(b, "media_uploads_inflight", "gauge", "Uploads under way.");
    put_row(b, "media_uploads_inflight", "", now->uploads);
    put_head(b, "media_files_served_total", "counter", "Requests for files that were answered well.");
    put_row(b, "media_files_served_total", "", read_counter(&m->files_served));
}

static void put_answers(struct mw_buf *b, const struct metrics *m) {
    char labels[64];
    put_head(b, "http_requests_total", "counter", "HTTP requests by listener and status of the answer.");
    for (size_t listener = 0; listener < LISTENER_COUNT; listener++) {
        for (size_t status = 0; status < METRICS_STATUS_MAX; status++) {
            uint64_t count = read_counter(&m->answers[listener][status]);
            if (count == 0) continue;
            struct mw_buf l = mw_buf_over(labels, sizeof labels);
            mw_buf_put(&l, MW_STR("listener=\""));
            mw_buf_put(&l, mw_cstr(listener_names[listener]));
            mw_buf_put(&l, MW_STR("\",status=\""));
            mw_buf_puti(&l, (int64_t)status);
            mw_buf_putc(&l, '"');
            put_row(b, "http_requests_total", mw_buf_cstr(&l), count);
        }
    }
}

void metrics_put(struct mw_buf *b, const struct metrics *m, const struct metrics_gauges *now) {
    put_logins(b, m);
    put_answers(b, m);
    if (now->sessions >= 0) {
        put_head(b, "sessions", "gauge", "Sessions that are alive.");
        put_row(b, "sessions", "", (uint64_t)now->sessions);
    }
    put_head(b, "store_queue", "gauge", "Writes that wait for the store.");
    put_row(b, "store_queue", "", now->writes_waiting);
    put_head(b, "store_errors_total", "counter", "Reads and transactions of the store that failed.");
    put_row(b, "store_errors_total", "op=\"read\"", read_counter(&m->read_errors));
    put_row(b, "store_errors_total", "op=\"write\"", now->write_errors);
    put_head(b, "wechat_inflight", "gauge", "Calls to WeChat under way.");
    put_row(b, "wechat_inflight", "", now->wechat_inflight);
    put_media(b, m, now);
}
