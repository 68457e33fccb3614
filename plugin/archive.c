#include "archive.h"

#include "queue.h"
#include "worker.h"

#include "mw/history_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RETRY_POLLS 12 /* a store that is away is asked for again after so many polls */
#define BUSY_POLLS 50  /* a store that is locked for so many polls in a row is away */
#define LAST_WORDS_MS 2000
#define BATCH_JOBS 1024
#define TRIM_AT_ONCE 256                /* beside as many as were written */
#define DISK_MIN ((int64_t)1024 * 1024) /* what the file may always use */
#define LINES_MAX 16

enum job_kind { JOB_PUT = 0, JOB_REMOVE };

struct job {
    enum job_kind kind;
    uint32_t room_len, m2_len;
    int64_t id, time_ms;
    char uid[MW_UID_LEN + 1];
    char bytes[]; /* room, m2 */
};

/* For the log, which is the broker's thread's. */
struct line {
    enum mw_log_level level;
    const char *event; /* static */
    char text[sizeof((struct mw_store_error *)0)->text];
};

struct archive {
    struct queue jobs, lines;
    void *job_slots[ARCHIVE_JOBS], *line_slots[LINES_MAX];

    /* The broker's thread's. */
    size_t bytes_put; /* of all jobs ever */
    uint64_t lost;
    bool failing, said_lost;

    _Atomic size_t bytes_done; /* written by the worker */

    /* The worker's. */
    const char *url;
    struct mw_history_store *store; /* NULL: away */
    int64_t disk_max;
    struct job *batch[BATCH_JOBS]; /* taken, and not yet written */
    size_t batch_count;
    unsigned retry_in, busy;
    bool trimming; /* the file may use more than disk_max */
    bool said_away;
};

static size_t size_with(size_t room_len, size_t m2_len) {
    return sizeof(struct job) + room_len + m2_len;
}
static size_t job_size(const struct job *j) {
    return size_with(j->room_len, j->m2_len);
}

static bool has_room(struct archive *a, enum job_kind kind, size_t size) {
    size_t waiting = a->bytes_put - atomic_load_explicit(&a->bytes_done, memory_order_acquire);
    if (kind == JOB_REMOVE) return queue_count(&a->jobs) < ARCHIVE_JOBS;
    return waiting + size <= ARCHIVE_BYTES && queue_count(&a->jobs) < ARCHIVE_PUTS;
}

static struct job *new_job(enum job_kind kind, struct mw_str room, const struct past *message) {
    struct job *j = malloc(size_with(room.len, message->m2.len));
    if (j == NULL) return NULL;
    j->kind = kind;
    j->room_len = (uint32_t)room.len;
    j->m2_len = (uint32_t)message->m2.len;
    j->id = message->id;
    j->time_ms = message->time_ms;
    memcpy(j->uid, message->uid, sizeof j->uid);
    memcpy(j->bytes, room.ptr, room.len);
    memcpy(j->bytes + room.len, message->m2.ptr, message->m2.len);
    return j;
}

static void hand_over(struct archive *a, enum job_kind kind, struct mw_str room, const struct past *message) {
    size_t size = size_with(room.len, message->m2.len); /* once it is put the job is the worker's */
    struct job *j = has_room(a, kind, size) ? new_job(kind, room, message) : NULL;
    a->failing = j == NULL || !queue_put(&a->jobs, j);
    if (a->failing) {
        a->lost++;
        free(j);
    } else {
        a->bytes_put += size;
    }
}

void archive_put(struct archive *a, struct mw_str room, const struct past *message) {
    if (room.ptr == NULL || room.len > MW_ROOM_MAX) return;
    if (message->m2.ptr == NULL || message->m2.len > MW_HISTORY_M2_MAX) return;
    hand_over(a, JOB_PUT, room, message);
}

void archive_remove(struct archive *a, struct mw_str room, int64_t id) {
    const struct past nothing = {.id = id, .m2 = MW_STR("")};
    if (room.ptr && room.len <= MW_ROOM_MAX) hand_over(a, JOB_REMOVE, room, &nothing);
}

bool archive_idle(const struct archive *a) {
    return a->bytes_put == atomic_load_explicit(&a->bytes_done, memory_order_acquire);
}

void archive_tick(struct archive *a, const struct mw_log *log) {
    for (struct line *l = queue_get(&a->lines); l; l = queue_get(&a->lines)) {
        mw_log(log, l->level, l->event, "reason=\"%s\"", l->text);
        free(l);
    }
    if (a->lost == 0) return;
    if (!a->said_lost) {
        mw_log(log, MW_LOG_WARN, "history.lost",
               "reason=\"more waits to be written than may; new messages are kept in memory alone\"");
        a->said_lost = true;
    } else if (!a->failing && archive_idle(a)) {
        mw_log(log, MW_LOG_INFO, "history.kept", "messages_lost=%llu", (unsigned long long)a->lost);
        a->lost = 0;
        a->said_lost = false;
    }
}

/* False: not said, for want of memory or of room. */
static bool say(struct archive *a, enum mw_log_level level, const char *event, const char *text) {
    struct line *l = calloc(1, sizeof *l);
    if (l == NULL) return false;
    l->level = level;
    l->event = event;
    (void)snprintf(l->text, sizeof l->text, "%s", text);
    if (queue_put(&a->lines, l)) return true;
    free(l);
    return false;
}

static void lose_store(struct archive *a, const char *why) {
    if (!a->said_away) a->said_away = say(a, MW_LOG_WARN, "history.away", why);
    mw_history_store_close(&a->store);
    a->busy = 0;
    a->retry_in = RETRY_POLLS;
}

static void look_for_store(struct archive *a) {
    struct mw_store_error why;
    if (a->retry_in > 0) {
        a->retry_in--;
        return;
    }
    if (mw_history_store_open(mw_cstr(a->url), &a->store, &why) != MW_OK) lose_store(a, why.text);
}

static void take_jobs(struct archive *a) {
    while (a->batch_count < BATCH_JOBS) {
        struct job *j = queue_get(&a->jobs);
        if (j == NULL) return;
        a->batch[a->batch_count++] = j;
    }
}

static size_t drop_batch(struct archive *a) {
    size_t bytes = 0, count = a->batch_count;
    for (size_t i = 0; i < count; i++) {
        bytes += job_size(a->batch[i]);
        free(a->batch[i]);
    }
    a->batch_count = 0;
    atomic_fetch_add_explicit(&a->bytes_done, bytes, memory_order_release);
    return count;
}

/* About one message in 32, whatever the room: a full room holds a few more than it may, and counting costs little. */
static bool draws_pruning(int64_t id) {
    return ((uint64_t)id * UINT64_C(0x9E3779B97F4A7C15)) >> 59 == 0;
}

static enum mw_err write_job(struct mw_history_store *st, const struct job *j) {
    const struct mw_history_message m = {
        .room = mw_bytes(j->bytes, j->room_len),
        .id = j->id,
        .time_ms = j->time_ms,
        .uid = mw_cstr(j->uid),
        .m2 = mw_bytes(j->bytes + j->room_len, j->m2_len),
    };
    enum mw_err err = j->kind == JOB_PUT ? mw_history_store_put(st, &m) : mw_history_store_remove(st, m.room, m.id);
    if (err == MW_OK && j->kind == JOB_PUT && draws_pruning(j->id))
        err = mw_history_store_prune(st, m.room, HISTORY_PER_ROOM);
    return err == MW_EINVAL || err == MW_ETOOBIG ? MW_OK : err; /* such a message is not kept, others are */
}

static enum mw_err write_batch(struct archive *a) {
    bool over = false;
    enum mw_err err = mw_history_store_begin(a->store);
    if (err != MW_OK) return err;
    for (size_t i = 0; err == MW_OK && i < a->batch_count; i++)
        err = write_job(a->store, a->batch[i]);
    if (err == MW_OK)
        err = mw_history_store_trim(a->store, a->disk_max, (uint32_t)a->batch_count + TRIM_AT_ONCE, &over);
    if (err == MW_OK) err = mw_history_store_commit(a->store);
    if (err == MW_OK)
        a->trimming = over;
    else
        mw_history_store_rollback(a->store);
    return err;
}

void archive_work(void *archive) {
    struct archive *a = archive;
    take_jobs(a);
    if (a->batch_count == 0 && !a->trimming) return;
    if (a->store == NULL) look_for_store(a);
    if (a->store == NULL) return;
    if (!mw_history_store_in_place(a->store)) {
        lose_store(a, "the file was removed or replaced");
        a->retry_in = 0;
        return;
    }
    enum mw_err err = write_batch(a);
    if (err == MW_OK) {
        (void)drop_batch(a);
        a->busy = 0;
        /* Not before: a full disk can be opened all the time. */
        if (a->said_away) a->said_away = !say(a, MW_LOG_INFO, "history.back", "what waited is written");
    } else if (err != MW_EBUSY || ++a->busy > BUSY_POLLS) {
        lose_store(a, err == MW_ENOMEM ? mw_err_text(err) : mw_history_store_why(a->store));
    }
}

struct loading {
    struct history *history;
    bool no_memory;
};

static void load_one(void *ctx, const struct mw_history_message *m) {
    struct loading *l = ctx;
    struct past p = {.id = m->id, .time_ms = m->time_ms, .m2 = m->m2};
    if (!mw_str_copy(p.uid, sizeof p.uid, m->uid)) return;
    if (history_add(l->history, m->room, &p) == MW_ENOMEM) l->no_memory = true;
}

enum mw_err archive_open(const char *url, struct history *h, struct archive **out, size_t *count,
                         struct mw_store_error *err) {
    struct loading loading = {.history = h};
    struct archive *a = calloc(1, sizeof *a);
    enum mw_err rc = MW_ENOMEM;
    (void)snprintf(err->text, sizeof err->text, "no memory");
    if (a == NULL) return rc;
    queue_over(&a->jobs, a->job_slots, ARCHIVE_JOBS);
    queue_over(&a->lines, a->line_slots, LINES_MAX);
    a->url = url;
    a->disk_max = h->limit > INT64_MAX / 2 ? INT64_MAX : (int64_t)(2 * h->limit);
    if (a->disk_max < DISK_MIN) a->disk_max = DISK_MIN;
    a->trimming = true;
    rc = mw_history_store_open(mw_cstr(url), &a->store, err);
    if (rc != MW_OK) goto done;
    rc = mw_history_store_load(a->store, h->limit, load_one, &loading);
    if (rc == MW_OK && loading.no_memory)
        rc = MW_ENOMEM;
    else if (rc != MW_OK)
        (void)snprintf(err->text, sizeof err->text, "%s", mw_history_store_why(a->store));
done:
    if (rc != MW_OK) archive_close(&a, NULL);
    if (rc != MW_OK) return rc;
    *out = a;
    *count = h->count;
    return MW_OK;
}

static int64_t mono_ms(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One that is away is asked for once more, one that is locked until the time is over. */
static void write_the_rest(struct archive *a) {
    const struct timespec pause = {.tv_nsec = WORKER_POLL_MS * 1000000L};
    int64_t end_ms = mono_ms() + LAST_WORDS_MS;
    a->retry_in = 0;
    while (!archive_idle(a) && mono_ms() < end_ms) {
        archive_work(a);
        if (a->store == NULL && a->retry_in > 0) return;
        if (a->busy > 0) (void)nanosleep(&pause, NULL);
    }
}

void archive_close(struct archive **a, const struct mw_log *log) {
    struct archive *old = *a;
    if (old == NULL) return;
    *a = NULL;
    write_the_rest(old);
    archive_tick(old, log);
    size_t left = 0;
    for (size_t n = 1; n > 0; left += n) {
        take_jobs(old);
        n = drop_batch(old);
    }
    if (left > 0) mw_log(log, MW_LOG_WARN, "history.lost", "messages=%zu reason=\"the store is away\"", left);
    mw_history_store_close(&old->store);
    free(old);
}
