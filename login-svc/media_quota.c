#include "media_quota.h"

#include "mw/parse.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define DAY_S 86400
#define LINE_MAX_BYTES 64
#define BYTES_MAX (UINT64_MAX / 4) /* sums of two never wrap */
#define READ_SIZE 65536

struct user {
    char uid[MW_UID_LEN + 1];
    uint64_t used, held; /* accepted today; set aside for what is under way */
    unsigned uploads;
    UT_hash_handle hh;
};

struct media_quota {
    struct media_quota_limits limits;
    pthread_mutex_t lock; /* over the next four */
    struct user *users;
    int64_t day;
    unsigned uploads;
    pthread_mutex_t log_lock; /* over the next three; never taken by who must not wait */
    int log;
    bool torn; /* the last line was not written to its end */
    int64_t log_day;
    int dir; /* of the logs */
};

static enum mw_err explain(struct media_error *err, int why) {
    (void)snprintf(err->text, sizeof err->text, "quota: %.80s", strerror(why));
    return why == ENOSPC || why == EDQUOT || why == EFBIG ? MW_EFULL : MW_EIO;
}

/* ---- who has used what; under the lock ---- */

static struct user *find(struct media_quota *q, struct mw_str uid) {
    struct user *u = NULL;
    HASH_FIND(hh, q->users, uid.ptr, uid.len, u);
    return u;
}

/* NULL: no memory. */
static struct user *find_or_add(struct media_quota *q, struct mw_str uid) {
    struct user *u = find(q, uid);
    if (u) return u;
    u = calloc(1, sizeof *u);
    if (!u || !mw_str_copy(u->uid, sizeof u->uid, uid)) {
        free(u);
        return NULL;
    }
    HASH_ADD(hh, q->users, uid, MW_UID_LEN, u);
    if (u->hh.tbl) return u;
    free(u); /* uthash had none */
    return NULL;
}

static void drop(struct media_quota *q, struct user *u) {
    HASH_DEL(q->users, u);
    free(u);
}

static void drop_idle(struct media_quota *q, struct user *u) {
    if (u->uploads == 0 && u->used == 0) drop(q, u);
}

static void turn_day(struct media_quota *q, int64_t now_s) {
    struct user *u, *next;
    if (now_s / DAY_S <= q->day) return; /* also a clock that was set back: nobody gets more by that */
    q->day = now_s / DAY_S;
    HASH_ITER(hh, q->users, u, next) {
        u->used = 0;
        drop_idle(q, u);
    }
}

static bool fits(const struct media_quota *q, const struct user *u, uint64_t more) {
    const uint64_t limit = q->limits.bytes_a_day, taken = u->used + u->held;
    return taken <= limit && more <= limit - taken;
}

static void add_used(struct user *u, uint64_t bytes) {
    u->used = bytes > BYTES_MAX - u->used ? BYTES_MAX : u->used + bytes;
}

/* ---- the log ---- */

static void log_name(int64_t day, char out[static 24]) {
    (void)snprintf(out, 24, "%" PRId64, day); /* days since 1970 */
}

/* What is no line of ours is passed over. */
static enum mw_err read_line(struct media_quota *q, struct mw_str line) {
    const struct mw_str uid = mw_bytes(line.ptr, line.len < MW_UID_LEN ? line.len : MW_UID_LEN);
    const struct mw_str number = mw_str_skip(line, MW_UID_LEN + 1);
    uint64_t bytes;
    if (!mw_is_uid(uid) || line.ptr[MW_UID_LEN] != ' ') return MW_OK;
    if (mw_parse_u64(number, BYTES_MAX, &bytes) != MW_OK) return MW_OK;
    struct user *u = find_or_add(q, uid);
    if (!u) return MW_ENOMEM;
    add_used(u, bytes);
    return MW_OK;
}

/* The lines in buf; gives how many bytes they took. A line that is too long is taken as it is. */
static size_t read_lines(struct media_quota *q, char *buf, size_t len, enum mw_err *rc) {
    size_t at = 0;
    for (const char *end; *rc == MW_OK && (end = memchr(buf + at, '\n', len - at));) {
        const size_t line_len = (size_t)(end - (buf + at));
        buf[at + line_len] = '\0'; /* so that a short line ends where a long one has its blank */
        *rc = read_line(q, mw_bytes(buf + at, line_len));
        at += line_len + 1;
    }
    return at;
}

static enum mw_err read_log(struct media_quota *q, struct media_error *err) {
    static const char line_end = '\n';
    enum mw_err rc = MW_OK;
    size_t have = 0;
    char *buf = malloc(READ_SIZE);
    if (!buf) return explain(err, ENOMEM);
    for (ssize_t n = 1; n != 0 && rc == MW_OK;) {
        n = read(q->log, buf + have, READ_SIZE - have);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            rc = explain(err, errno);
            break;
        }
        have += (size_t)n;
        const size_t done = read_lines(q, buf, have, &rc);
        have -= done;
        memmove(buf, buf + done, have);
        if (have > LINE_MAX_BYTES) have = LINE_MAX_BYTES; /* no line of ours is so long */
    }
    free(buf);
    if (rc == MW_ENOMEM) return explain(err, ENOMEM);
    /* The end of a torn line must not become the beginning of the next. */
    if (rc == MW_OK && have > 0 && write(q->log, &line_end, 1) != 1) rc = explain(err, errno);
    return rc;
}

static enum mw_err open_log(struct media_quota *q, int64_t day, struct media_error *err) {
    char name[24];
    log_name(day, name);
    int fd = openat(q->dir, name, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (fd < 0) return explain(err, errno);
    if (q->log >= 0) (void)close(q->log);
    q->log = fd;
    q->log_day = day;
    return MW_OK;
}

/* The day before stays: a service beside this one may be some seconds late. */
static void remove_old_logs(struct media_quota *q, int64_t day) {
    uint64_t of_day;
    int fd = openat(q->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
    if (!list) {
        if (fd >= 0) (void)close(fd);
        return;
    }
    for (const struct dirent *entry; (entry = readdir(list));)
        if (mw_parse_u64(mw_cstr(entry->d_name), INT64_MAX, &of_day) == MW_OK && (int64_t)of_day < day - 1)
            (void)unlinkat(q->dir, entry->d_name, 0);
    (void)closedir(list);
}

/* One write(), so that lines of several processes never mix. */
static enum mw_err append(struct media_quota *q, const char *uid, uint64_t bytes, int64_t day,
                          struct media_error *err) {
    char line[LINE_MAX_BYTES];
    enum mw_err rc = MW_OK;
    (void)pthread_mutex_lock(&q->log_lock);
    if (day > q->log_day) {
        rc = open_log(q, day, err);
        if (rc == MW_OK) remove_old_logs(q, day);
    }
    if (rc == MW_OK) {
        const int len = snprintf(line, sizeof line, "%s%s %" PRIu64 "\n", q->torn ? "\n" : "", uid, bytes);
        const ssize_t n = write(q->log, line, (size_t)len);
        if (n != len) rc = explain(err, n < 0 ? errno : ENOSPC);
        if (n > 0) q->torn = n != len;
    }
    (void)pthread_mutex_unlock(&q->log_lock);
    return rc;
}

/* ---- from outside ---- */

enum mw_err media_quota_open(int dir, const struct media_quota_limits *limits, int64_t now_s, struct media_quota **out,
                             struct media_error *err) {
    struct media_quota *q = calloc(1, sizeof *q);
    enum mw_err rc = MW_OK;
    if (!q) return explain(err, ENOMEM);
    q->limits = *limits;
    if (q->limits.bytes_a_day > BYTES_MAX) q->limits.bytes_a_day = BYTES_MAX;
    q->log = -1;
    q->day = now_s / DAY_S;
    (void)pthread_mutex_init(&q->lock, NULL);
    (void)pthread_mutex_init(&q->log_lock, NULL);
    if (mkdirat(dir, "quota", 0750) != 0 && errno != EEXIST) rc = explain(err, errno);
    q->dir = rc == MW_OK ? openat(dir, "quota", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
    if (rc == MW_OK && q->dir < 0) rc = explain(err, errno);
    if (rc == MW_OK) rc = open_log(q, q->day, err);
    if (rc == MW_OK) rc = read_log(q, err);
    if (rc != MW_OK) {
        media_quota_close(&q);
        return rc;
    }
    remove_old_logs(q, q->day);
    *out = q;
    return MW_OK;
}

void media_quota_close(struct media_quota **q) {
    struct user *u, *next;
    if (!*q) return;
    HASH_ITER(hh, (*q)->users, u, next)
    drop(*q, u);
    if ((*q)->log >= 0) (void)close((*q)->log);
    if ((*q)->dir >= 0) (void)close((*q)->dir);
    (void)pthread_mutex_destroy(&(*q)->lock);
    (void)pthread_mutex_destroy(&(*q)->log_lock);
    free(*q);
    *q = NULL;
}

static enum media_verdict_quota begin(struct media_quota *q, const char *uid, uint64_t bytes,
                                      struct media_claim *claim) {
    if (q->uploads >= q->limits.uploads_of_all) return MEDIA_QUOTA_ALL_BUSY;
    struct user *u = find_or_add(q, mw_cstr(uid));
    if (!u) return MEDIA_QUOTA_NO_MEMORY;
    if (u->uploads >= q->limits.uploads_of_user && q->uploads >= q->limits.uploads_at_leisure)
        return MEDIA_QUOTA_USER_BUSY;
    if (!fits(q, u, bytes > 0 ? bytes : 1)) { /* no file is empty */
        drop_idle(q, u);
        return MEDIA_QUOTA_EXCEEDED;
    }
    u->uploads++;
    u->held += bytes;
    q->uploads++;
    memcpy(claim->uid, u->uid, sizeof claim->uid);
    claim->held = bytes;
    return MEDIA_QUOTA_OK;
}

enum media_verdict_quota media_quota_begin(struct media_quota *q, const char uid[static MW_UID_LEN + 1], uint64_t bytes,
                                           int64_t now_s, struct media_claim *claim) {
    (void)pthread_mutex_lock(&q->lock);
    turn_day(q, now_s);
    const enum media_verdict_quota verdict = begin(q, uid, bytes, claim);
    (void)pthread_mutex_unlock(&q->lock);
    return verdict;
}

bool media_quota_grow(struct media_quota *q, struct media_claim *claim, uint64_t bytes, int64_t now_s) {
    bool ok = true;
    if (bytes <= claim->held) return true;
    (void)pthread_mutex_lock(&q->lock);
    turn_day(q, now_s);
    struct user *u = find(q, mw_cstr(claim->uid));
    ok = u && fits(q, u, bytes - claim->held);
    if (ok) {
        u->held += bytes - claim->held;
        claim->held = bytes;
    }
    (void)pthread_mutex_unlock(&q->lock);
    return ok;
}

enum mw_err media_quota_charge(struct media_quota *q, struct media_claim *claim, uint64_t bytes, int64_t now_s,
                               struct media_error *err) {
    (void)pthread_mutex_lock(&q->lock);
    turn_day(q, now_s);
    const int64_t day = q->day;
    (void)pthread_mutex_unlock(&q->lock);
    enum mw_err rc = append(q, claim->uid, bytes, day, err);
    if (rc != MW_OK) return rc;
    (void)pthread_mutex_lock(&q->lock);
    struct user *u = find(q, mw_cstr(claim->uid));
    if (u) {
        if (q->day == day) add_used(u, bytes);
        u->held -= claim->held; /* not counted twice */
        claim->held = 0;
    }
    (void)pthread_mutex_unlock(&q->lock);
    return MW_OK;
}

void media_quota_end(struct media_quota *q, struct media_claim *claim) {
    if (!claim->uid[0]) return;
    (void)pthread_mutex_lock(&q->lock);
    struct user *u = find(q, mw_cstr(claim->uid));
    if (u) {
        u->held -= claim->held;
        u->uploads--;
        drop_idle(q, u);
    }
    q->uploads--;
    (void)pthread_mutex_unlock(&q->lock);
    *claim = (struct media_claim){"", 0};
}

unsigned media_quota_under_way(struct media_quota *q) {
    (void)pthread_mutex_lock(&q->lock);
    const unsigned uploads = q->uploads;
    (void)pthread_mutex_unlock(&q->lock);
    return uploads;
}
