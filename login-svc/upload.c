#include "upload.h"

#include "api.h"
#include "media.h"
#include "media_intake.h"
#include "session_auth.h"

#include <inttypes.h>
#include <stdlib.h>

/* What is gathered before a thread is woken: more makes fewer wakings, and costs memory for every upload. */
#define WINDOW 49152
_Static_assert(WINDOW >= MW_MULTIPART_WINDOW_MIN, "a full window gets on");
#define PARTS_MAX 32
/* Who sends less than so much a second, after a while, holds a place that others want. */
#define SLOWEST 4096
#define SLOW_GRACE_MS 60000
#define DAY_S 86400
#define ANSWER_MAX (512 + 6 * CONFIG_URL_MAX)

const char upload_too_big[] = "The file is bigger than this server takes.";
const char upload_no_room_for_more[] = "Too many files are coming in. Try again in a moment.";
static const char not_media[] =
    "This is none of the types that are taken: JPEG, PNG, GIF, WebP, MP4, MP3, AAC, M4A, AMR, WAV, PDF.";
static const char broken_image[] = "This picture is damaged: it is cut, or its headers say what it does not hold.";

struct refusal {
    enum api_error error;
    const char *message; /* NULL: the error's own */
};

/* Belongs to the server's thread, and while it is busy to the thread that works on it. */
struct upload {
    struct body_sink sink; /* first: the server holds a pointer to it */
    struct pool_job job;
    struct service *svc;
    struct call *call;
    struct session_owner owner;
    struct media_claim claim;
    struct mw_multipart multipart;
    struct intake intake;
    int64_t began_ms;
    uint64_t received, beside; /* bytes of the body; those that are not the file's */
    unsigned parts;
    bool in_file, file_over;
    bool complete; /* the body has come to its end */
    bool over;     /* answered */
    size_t len;    /* in the window, not done with */
    char window[WINDOW];
};

/* ---- answers ---- */

void upload_refuse(struct service *svc, struct call *call, const struct session_owner *owner, uint64_t received,
                   enum api_error error, const char *message) {
    struct reply r = api_error_reply(error, message);
    if (error == API_QUOTA_EXCEEDED) r.retry_after_s = (int)(DAY_S - service_now_s(svc) % DAY_S);
    if (owner)
        mw_log(svc->log, MW_LOG_INFO, "media.refused", "uid=%s sid=%.8s bytes=%" PRIu64 " why=\"%s\"", owner->uid,
               owner->sid, received, api_error_text(error, message));
    atomic_fetch_add_explicit(&svc->metrics.uploads_refused[error], 1, memory_order_relaxed);
    call->reply(call, &r);
}

/* What others could want is given back before the answer: who has it may come again at once. */
static void refuse(struct upload *u, const struct refusal *why) {
    u->over = true;
    intake_end(&u->intake);
    media_quota_end(u->svc->media->quota, &u->claim);
    upload_refuse(u->svc, u->call, &u->owner, u->received, why->error, why->message);
}

static void put_file(struct mw_buf *b, const struct upload *u, const char *name) {
    const char *url = u->svc->cfg->media_url;
    const size_t url_len = strlen(url);
    char whole[CONFIG_URL_MAX + 2 + MW_MEDIA_NAME_MAX];
    struct mw_buf w = mw_buf_over(whole, sizeof whole);
    mw_buf_put(&w, mw_bytes(url, url_len));
    if (url_len > 0 && url[url_len - 1] != '/') mw_buf_putc(&w, '/');
    mw_buf_put(&w, mw_cstr(name));
    mw_buf_put(b, MW_STR("{\"url\":"));
    mw_buf_put_json(b, mw_buf_str(&w));
    mw_buf_put(b, MW_STR(",\"type\":"));
    mw_buf_put_json(b, mw_cstr(mw_media_mime(u->intake.type)));
    mw_buf_put(b, MW_STR(",\"size\":"));
    mw_buf_puti(b, (int64_t)u->intake.size);
    mw_buf_put(b, MW_STR(",\"sha256\":"));
    mw_buf_put_json(b, mw_bytes(name, MW_MEDIA_HASH_LEN));
}

static void put_image(struct mw_buf *b, const struct mw_image *image) {
    mw_buf_put(b, MW_STR(",\"width\":"));
    mw_buf_puti(b, image->width);
    mw_buf_put(b, MW_STR(",\"height\":"));
    mw_buf_puti(b, image->height);
    if (image->orientation == 1) return;
    mw_buf_put(b, MW_STR(",\"orientation\":"));
    mw_buf_puti(b, image->orientation);
}

static void accept(struct upload *u, const char *name) {
    struct service *svc = u->svc;
    struct mw_buf b = mw_buf_over(malloc(ANSWER_MAX), ANSWER_MAX);
    u->over = true;
    atomic_fetch_add_explicit(&svc->metrics.uploads_ok, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&svc->metrics.upload_bytes, u->intake.size, memory_order_relaxed);
    mw_log(svc->log, MW_LOG_INFO, "media.stored",
           "uid=%s sid=%.8s file=%.16s type=%s bytes=%" PRIu64 " took_ms=%" PRId64, u->owner.uid, u->owner.sid, name,
           mw_media_ext(u->intake.type), u->intake.size, svc->clock.mono_ms(svc->clock.ctx) - u->began_ms);
    if (b.ptr) {
        put_file(&b, u, name);
        if (mw_media_is_image(u->intake.type)) put_image(&b, &u->intake.image);
        mw_buf_put(&b, MW_STR("}\n"));
    }
    intake_end(&u->intake);
    media_quota_end(svc->media->quota, &u->claim);
    if (b.ptr)
        api_answer_text(u->call, &b, NULL);
    else
        api_fail(u->call, API_INTERNAL, NULL);
}

/* ---- a thread that may wait; false: refused as *why says ---- */

static bool judge(const struct upload *u, enum intake_verdict verdict, const struct media_error *err,
                  struct refusal *why) {
    static const struct refusal refusals[] = {
        [INTAKE_NOT_MEDIA] = {API_UNSUPPORTED_MEDIA, not_media},
        [INTAKE_BROKEN_IMAGE] = {API_UNSUPPORTED_MEDIA, broken_image},
        [INTAKE_NO_ROOM] = {API_STORAGE_FULL, NULL},
        [INTAKE_FAILED] = {API_INTERNAL, NULL},
    };
    if (verdict == INTAKE_OK) return true;
    if (verdict == INTAKE_NO_ROOM || verdict == INTAKE_FAILED)
        mw_log(u->svc->log, MW_LOG_ERROR, "media.write_failed", "cause=\"%s\"", err->text);
    *why = refusals[verdict];
    return false;
}

static bool begin_part(struct upload *u, bool is_file, struct refusal *why) {
    struct media_error err;
    const struct media *m = u->svc->media;
    if (u->in_file) u->file_over = true;
    u->in_file = is_file;
    u->parts++;
    if (u->parts > PARTS_MAX || (is_file && u->file_over)) {
        *why = (struct refusal){API_BAD_REQUEST, is_file ? "Send one file in each request."
                                                         : "The body has more parts than this call takes."};
        return false;
    }
    return !is_file || judge(u, intake_begin(&u->intake, m->store, m->sha256, &err), &err, why);
}

static bool take_bytes(struct upload *u, struct mw_str bytes, struct refusal *why) {
    struct media_error err;
    const uint64_t size = u->intake.size + bytes.len;
    if (!u->in_file) return true;
    if (size > (uint64_t)u->svc->cfg->media_max_size) {
        *why = (struct refusal){API_BODY_TOO_BIG, upload_too_big};
        return false;
    }
    if (!media_quota_grow(u->svc->media->quota, &u->claim, size, service_now_s(u->svc))) {
        *why = (struct refusal){API_QUOTA_EXCEEDED, NULL};
        return false;
    }
    return judge(u, intake_add(&u->intake, bytes, &err), &err, why);
}

static bool take_step(struct upload *u, const struct mw_multipart_step *step, struct refusal *why) {
    u->beside += step->event == MW_MULTIPART_DATA && u->in_file ? 0 : step->used;
    if (u->beside > MEDIA_BESIDE_MAX) {
        *why = (struct refusal){API_BODY_TOO_BIG, "What is sent beside the file is bigger than this call takes."};
        return false;
    }
    if (step->event == MW_MULTIPART_PART) return begin_part(u, step->is_file, why);
    if (step->event == MW_MULTIPART_DATA) return take_bytes(u, step->data, why);
    if (step->event != MW_MULTIPART_BAD) return true;
    *why = (struct refusal){API_BAD_REQUEST, step->why};
    return false;
}

/* All that the window tells. *end: the last part is over. */
static bool take_window(struct upload *u, bool *end, struct refusal *why) {
    size_t done = 0;
    bool good = true;
    for (struct mw_multipart_step step = {.event = MW_MULTIPART_PART}; good && step.event != MW_MULTIPART_MORE;) {
        step = mw_multipart_next(&u->multipart, mw_bytes(u->window + done, u->len - done));
        done += step.used;
        good = take_step(u, &step, why);
        *end = step.event == MW_MULTIPART_END;
        if (*end && done == u->len) break;
    }
    u->len -= done;
    memmove(u->window, u->window + done, u->len);
    return good;
}

/* The session was good when the upload began: that may be long ago. */
static bool may_still(const struct upload *u, struct refusal *why) {
    struct refusal now = {API_INTERNAL, NULL};
    if (session_check_again(u->svc, u->svc->media->readers, &u->owner, &now.error, &now.message)) return true;
    *why = now;
    return false;
}

static bool store_file(struct upload *u, char name[static MW_MEDIA_NAME_MAX + 1], struct refusal *why) {
    struct media_error err;
    if (!judge(u, intake_finish(&u->intake, name, &err), &err, why) || !may_still(u, why)) return false;
    /* Charged first: a file that is there and not charged would be had for nothing after a crash. */
    const enum mw_err rc =
        media_quota_charge(u->svc->media->quota, &u->claim, u->intake.size, service_now_s(u->svc), &err);
    const enum intake_verdict charged = rc == MW_EFULL ? INTAKE_NO_ROOM : rc == MW_OK ? INTAKE_OK : INTAKE_FAILED;
    return judge(u, charged, &err, why) && judge(u, intake_publish(&u->intake, name, &err), &err, why);
}

static void work(struct pool_job *job) {
    struct upload *u = (struct upload *)((char *)job - offsetof(struct upload, job));
    struct refusal why = {API_BAD_REQUEST, NULL};
    char name[MW_MEDIA_NAME_MAX + 1];
    bool end = false, good = take_window(u, &end, &why);
    if (good && !u->complete) {
        u->call->go_on(u->call);
        return;
    }
    if (good && !end) {
        why.message = "The body is cut: it ends before its last boundary.";
        good = false;
    } else if (good && !u->in_file && !u->file_over) {
        why.message = "There is no file in the body. Send it as wx.uploadFile does.";
        good = false;
    }
    if (good && store_file(u, name, &why))
        accept(u, name);
    else
        refuse(u, &why);
}

static void discard(struct pool_job *job) {
    struct upload *u = (struct upload *)((char *)job - offsetof(struct upload, job));
    intake_end(&u->intake);
    media_quota_end(u->svc->media->quota, &u->claim);
    free(u);
}

/* ---- the server's thread, which does not wait ---- */

/* The draft stays until the call is closed: to remove it may take time. */
static void refuse_here(struct upload *u, enum api_error error, const char *message) {
    u->over = true;
    upload_refuse(u->svc, u->call, &u->owner, u->received, error, message);
}

static void hand_over(struct upload *u) {
    u->job.run = work;
    if (worker_pool_submit(u->svc->media->writers, &u->job) != MW_OK) refuse_here(u, API_BUSY, upload_no_room_for_more);
}

bool upload_is_too_slow(int64_t took_ms, uint64_t received) {
    const int64_t over_ms = took_ms - SLOW_GRACE_MS;
    return over_ms > 0 && received / SLOWEST < (uint64_t)over_ms / 1000;
}

static size_t take(struct body_sink *sink, const char *data, size_t len) {
    struct upload *u = (struct upload *)sink;
    const size_t room = WINDOW - u->len, taken = len < room ? len : room;
    memcpy(u->window + u->len, data, taken);
    u->len += taken;
    u->received += taken;
    if (upload_is_too_slow(u->svc->clock.mono_ms(u->svc->clock.ctx) - u->began_ms, u->received)) {
        refuse_here(u, API_TOO_SLOW, NULL);
        return len;
    }
    if (taken == len) return len;
    hand_over(u); /* which takes it away from us */
    return taken;
}

static void end(struct body_sink *sink) {
    struct upload *u = (struct upload *)sink;
    u->complete = true;
    hand_over(u);
}

static void close_upload(struct body_sink *sink) {
    struct upload *u = (struct upload *)sink;
    if (!u->over) atomic_fetch_add_explicit(&u->svc->metrics.uploads_left, 1, memory_order_relaxed);
    u->job.run = discard;
    if (u->intake.store && worker_pool_submit(u->svc->media->writers, &u->job) == MW_OK) return;
    discard(&u->job);
}

enum mw_err upload_begin(struct service *svc, struct call *call, const struct mw_multipart *multipart,
                         const struct session_owner *owner, const struct media_claim *claim) {
    struct upload *u = malloc(sizeof *u);
    if (!u) return MW_ENOMEM;
    memset(u, 0, offsetof(struct upload, window)); /* not the window: memory that is not used yet is not there yet */
    u->sink = (struct body_sink){take, end, close_upload};
    u->svc = svc;
    u->call = call;
    u->owner = *owner;
    u->claim = *claim;
    u->multipart = *multipart;
    u->began_ms = svc->clock.mono_ms(svc->clock.ctx);
    call->sink = &u->sink;
    return MW_OK;
}
