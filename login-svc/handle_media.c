#include "api.h"
#include "handlers.h"
#include "media.h"
#include "media_range.h"
#include "service.h"

#include <stdlib.h>
#include <unistd.h>

static const char no_file[] = "There is no such file.";

/* A request for a file, on its way to a thread that may wait for the disk. */
struct opening {
    struct pool_job job;
    struct service *svc;
    struct call *call;
    char name[MW_MEDIA_NAME_MAX + 1];
};

/* A value that is too long is left out; none of ours is. */
static void add(struct reply_file *f, const char *name, const char *value) {
    if (f->headers_count == REPLY_HEADERS_MAX) return;
    if (!mw_str_copy(f->headers[f->headers_count].value, REPLY_HEADER_MAX, mw_cstr(value))) return;
    f->headers[f->headers_count++].name = name;
}

/* What a browser may do with it, wherever it comes from: show it, and nothing else. */
static void add_safety(struct reply_file *f) {
    add(f, "X-Content-Type-Options", "nosniff");
    add(f, "Content-Security-Policy", "default-src 'none'; sandbox");
    add(f, "Cross-Origin-Resource-Policy", "cross-origin");
    add(f, "Access-Control-Allow-Origin", "*");
}

static void add_range(struct reply_file *f, const struct media_span *span, uint64_t size) {
    char text[REPLY_HEADER_MAX];
    struct mw_buf b = mw_buf_over(text, sizeof text);
    mw_buf_put(&b, MW_STR("bytes "));
    if (span) {
        mw_buf_puti(&b, (int64_t)span->first);
        mw_buf_putc(&b, '-');
        mw_buf_puti(&b, (int64_t)(span->first + span->len - 1));
    } else {
        mw_buf_putc(&b, '*');
    }
    mw_buf_putc(&b, '/');
    mw_buf_puti(&b, (int64_t)size);
    add(f, "Content-Range", mw_buf_cstr(&b));
}

/* The content never changes under its name, so a copy is good for ever. */
static void add_identity(struct reply_file *f, const struct media_file *file) {
    add(f, "Cache-Control", "public, max-age=31536000, immutable");
    add(f, "ETag", file->etag.ptr);
    add(f, "Last-Modified", file->last_modified.ptr);
}

static struct media_ask ask_of(const struct request *req) {
    const bool get = mw_str_eq(req->method, MW_STR("GET")); /* a range of a HEAD means nothing */
    return (struct media_ask){
        .if_none_match = req->fields[FIELD_IF_NONE_MATCH],
        .if_modified_since = req->fields[FIELD_IF_MODIFIED_SINCE],
        .if_range = req->fields[FIELD_IF_RANGE],
        .range = get ? req->fields[FIELD_RANGE] : (struct mw_str){NULL, 0},
    };
}

static struct reply reply_for(struct opening *o, struct media_found *found, struct reply_file *f) {
    char etag[MW_MEDIA_HASH_LEN + 3], date[HTTP_DATE_MAX + 1];
    struct mw_buf b = mw_buf_over(etag, sizeof etag);
    struct media_span span = {0, 0};
    struct reply r = {.status = 200};
    mw_buf_putc(&b, '"');
    mw_buf_put(&b, mw_bytes(o->name, MW_MEDIA_HASH_LEN));
    mw_buf_putc(&b, '"');
    http_date(found->modified_s, date);
    const struct media_file file = {mw_cstr(mw_buf_cstr(&b)), found->modified_s, mw_cstr(date), found->size};
    const struct media_ask ask = ask_of(&o->call->req);
    const enum media_verdict verdict = media_judge(&ask, &file, &span);
    if (verdict == MEDIA_UNSATISFIABLE) {
        r = api_error_reply(API_BAD_RANGE, NULL);
        add(f, "Cache-Control", "no-store");
        add_range(f, NULL, found->size);
    } else {
        add_identity(f, &file);
    }
    add_safety(f);
    if (verdict == MEDIA_UNCHANGED) {
        /* RFC 9110 section 8.6: the length, if any, is that of the answer with the file. The server sends no body. */
        r.status = 304;
        span = (struct media_span){0, found->size};
    }
    if (verdict == MEDIA_PART) {
        r.status = 206;
        add_range(f, &span, found->size);
    }
    if (verdict == MEDIA_PART || verdict == MEDIA_WHOLE) {
        add(f, "Content-Type", mw_media_mime(mw_media_name_type(mw_cstr(o->name))));
        add(f, "Accept-Ranges", "bytes");
    }
    if (verdict != MEDIA_UNSATISFIABLE) {
        f->fd = found->fd;
        f->offset = span.first;
        f->len = span.len;
        found->fd = -1;
    }
    r.file = f;
    return r;
}

static void send_file(struct opening *o, struct media_found *found) {
    struct service *svc = o->svc;
    struct call *call = o->call;
    struct reply_file *f = calloc(1, sizeof *f);
    if (!f) {
        (void)close(found->fd);
        api_fail(call, API_INTERNAL, NULL);
        return;
    }
    f->fd = -1;
    const struct reply r = reply_for(o, found, f);
    if (found->fd >= 0) (void)close(found->fd);
    atomic_fetch_add_explicit(&svc->metrics.files_served, r.status < 400, memory_order_relaxed);
    call->reply(call, &r);
}

static void open_file(struct pool_job *job) {
    struct opening *o = (struct opening *)job;
    struct media_found found;
    struct media_error err;
    const enum mw_err rc = media_store_find(o->svc->media->store, o->name, &found, &err);
    if (rc == MW_OK) {
        send_file(o, &found);
    } else if (rc == MW_ENOENT) {
        api_fail(o->call, API_NOT_FOUND, no_file);
    } else {
        mw_log(o->svc->log, MW_LOG_ERROR, "media.read_failed", "cause=\"%s\"", err.text);
        api_fail(o->call, API_INTERNAL, NULL);
    }
    free(o);
}

/* Only a name of the right form gets as far as the disk: 64 hexadecimal digits and one of our endings. */
void handle_media(struct service *svc, struct call *call) {
    const struct mw_str name = mw_str_skip(call->req.path, sizeof "/media/" - 1);
    if (!svc->media || mw_media_name_type(name) == MW_MEDIA_NONE) {
        api_fail(call, API_NOT_FOUND, no_file);
        return;
    }
    struct opening *o = calloc(1, sizeof *o);
    if (!o || !mw_str_copy(o->name, sizeof o->name, name)) {
        free(o);
        api_fail(call, API_INTERNAL, NULL);
        return;
    }
    o->job.run = open_file;
    o->svc = svc;
    o->call = call;
    if (worker_pool_submit(svc->media->openers, &o->job) == MW_OK) return;
    free(o);
    api_fail(call, API_BUSY, "The service is about to stop. Try again in a moment.");
}
