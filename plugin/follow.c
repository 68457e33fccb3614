#include "follow.h"

#include "queue.h"

#include <stdio.h>
#include <stdlib.h>

#define RETRY_POLLS 12 /* a store that is away is asked for again after so many polls */
#define BUSY_POLLS 50  /* a store that is locked for so many polls in a row is away */
#define BATCH_CHANGES 64
#define REPLAY_CHANGES 512 /* the broker waits for it: fewer and longer reads */
#define BATCHES_MAX 256

/* What the worker hands over: entries, or a line for the log. */
struct batch {
    enum mw_log_level level;
    const char *event; /* static; NULL: no line */
    char text[sizeof((struct mw_store_error *)0)->text];
    size_t count;
    struct mw_change changes[];
};

struct follow {
    struct follow_source source;
    struct mw_store *store; /* NULL: away */
    int64_t seq, pulse;
    bool pulse_known, said_away;
    unsigned retry_in, busy;
    struct mw_change *read; /* BATCH_CHANGES of them; REPLAY_CHANGES until the replay is over */
    struct queue queue;
    void *slots[BATCHES_MAX];
};

/* False, and b is gone, when the queue is full. */
static bool hand_over(struct follow *f, struct batch *b) {
    if (!queue_put(&f->queue, b)) {
        free(b);
        return false;
    }
    if (f->source.wake) f->source.wake();
    return true;
}

/* False: not said, for want of memory or of room. */
static bool say(struct follow *f, enum mw_log_level level, const char *event, const char *text) {
    struct batch *b = calloc(1, sizeof *b);
    if (b == NULL) return false;
    b->level = level;
    b->event = event;
    (void)snprintf(b->text, sizeof b->text, "%s", text);
    return hand_over(f, b);
}

static void say_away(struct follow *f, const char *why) {
    if (!f->said_away) f->said_away = say(f, MW_LOG_WARN, "store.away", why);
}

/* What comes back may be an older copy under the same name, and even with the same inode, whose log counts on from a
 * place that we have passed: it is read from its beginning. Entries tell states, so those that we know do no harm. */
static void lose_store(struct follow *f, const char *why) {
    mw_store_close(&f->store);
    f->seq = 0;
    f->pulse_known = false;
    f->busy = 0;
    f->retry_in = RETRY_POLLS;
    say_away(f, why);
}

static void say_back(struct follow *f) {
    if (f->said_away) f->said_away = !say(f, MW_LOG_INFO, "store.back", "what was written meanwhile is applied now");
}

static bool send_changes(struct follow *f, size_t count) {
    struct batch *b = calloc(1, sizeof *b + count * sizeof b->changes[0]);
    if (b == NULL) return false;
    b->count = count;
    memcpy(b->changes, f->read, count * sizeof b->changes[0]);
    return hand_over(f, b);
}

/* All that is new, unless a pulse says that nothing is. What can not be handed over now is read again at the next
 * poll. */
static enum mw_err read_news(struct follow *f) {
    int64_t pulse = 0;
    size_t count = BATCH_CHANGES;
    enum mw_err err = mw_store_pulse(f->store, &pulse);
    if (err != MW_OK || (f->pulse_known && pulse == f->pulse)) return err;
    while (count == BATCH_CHANGES) {
        err = mw_store_read_changes(f->store, f->seq, f->read, BATCH_CHANGES, &count);
        if (err != MW_OK) return err;
        if (count == 0) break;
        if (!send_changes(f, count)) return MW_OK;
        f->seq = f->read[count - 1].seq;
    }
    f->pulse = pulse;
    f->pulse_known = true;
    return MW_OK;
}

static void look_for_store(struct follow *f) {
    struct mw_store_error why;
    if (f->retry_in > 0) {
        f->retry_in--;
        return;
    }
    if (f->source.open(f->source.ctx, false, &f->store, &why) != MW_OK) lose_store(f, why.text);
}

void follow_work(void *follow) {
    struct follow *f = follow;
    /* The broker takes some at a time, and would sleep over the rest. */
    if (f->source.wake && queue_count(&f->queue) > 0) f->source.wake();
    if (f->store == NULL) look_for_store(f);
    if (f->store == NULL) return;
    if (!mw_store_in_place(f->store)) {
        lose_store(f, "the file was removed or replaced");
        f->retry_in = 0;
        return;
    }
    enum mw_err err = read_news(f);
    if (err == MW_OK) {
        f->busy = 0;
        say_back(f);
    } else if (err != MW_EBUSY) {
        lose_store(f, mw_store_why(f->store));
    } else if (f->busy++ == BUSY_POLLS) {
        say_away(f, mw_store_why(f->store)); /* still the same file, and asked on */
    }
}

static enum mw_err replay(struct follow *f, const struct follow_sink *sink, size_t *total) {
    size_t count = REPLAY_CHANGES;
    *total = 0;
    while (count == REPLAY_CHANGES) {
        enum mw_err err = mw_store_read_changes(f->store, f->seq, f->read, REPLAY_CHANGES, &count);
        if (err != MW_OK) return err;
        for (size_t i = 0; i < count; i++)
            sink->take(sink->ctx, &f->read[i]);
        if (count > 0) f->seq = f->read[count - 1].seq;
        *total += count;
    }
    struct mw_change *smaller = realloc(f->read, BATCH_CHANGES * sizeof *f->read);
    if (smaller) f->read = smaller;
    return MW_OK;
}

enum mw_err follow_open(const struct follow_source *source, const struct follow_sink *sink, struct follow **out,
                        size_t *count, struct mw_store_error *err) {
    struct follow *f = calloc(1, sizeof *f);
    enum mw_err rc = MW_ENOMEM;
    (void)snprintf(err->text, sizeof err->text, "no memory");
    if (f == NULL) return rc;
    f->source = *source;
    f->read = calloc(REPLAY_CHANGES, sizeof *f->read);
    queue_over(&f->queue, f->slots, BATCHES_MAX);
    if (f->read == NULL) goto done;
    rc = f->source.open(f->source.ctx, true, &f->store, err);
    if (rc != MW_OK) goto done;
    rc = replay(f, sink, count);
    if (rc != MW_OK) (void)snprintf(err->text, sizeof err->text, "%s", mw_store_why(f->store));
done:
    if (rc != MW_OK) follow_close(&f);
    if (rc == MW_OK) *out = f;
    return rc;
}

void follow_take(struct follow *f, const struct follow_sink *sink, const struct mw_log *log, size_t max) {
    size_t taken = 0;
    while (taken < max) {
        struct batch *b = queue_get(&f->queue);
        if (b == NULL) return;
        if (b->event) mw_log(log, b->level, b->event, "reason=\"%s\"", b->text);
        for (size_t i = 0; i < b->count; i++)
            sink->take(sink->ctx, &b->changes[i]);
        taken += b->count + 1;
        free(b);
    }
}

void follow_close(struct follow **f) {
    struct follow *old = *f;
    if (old == NULL) return;
    *f = NULL;
    for (struct batch *b = queue_get(&old->queue); b; b = queue_get(&old->queue))
        free(b);
    mw_store_close(&old->store);
    free(old->read);
    free(old);
}

enum mw_err follow_open_url(void *ctx, bool first, struct mw_store **out, struct mw_store_error *err) {
    struct mw_str url = mw_cstr(ctx);
    if (first) { /* made here if the login service has not been there yet */
        struct mw_store *made = NULL;
        enum mw_err rc = mw_store_open(url, MW_STORE_WRITE, &made, err);
        if (rc != MW_OK) return rc;
        mw_store_close(&made);
    }
    return mw_store_open(url, MW_STORE_READ, out, err);
}
