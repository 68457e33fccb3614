#include "writer.h"

#include "store_ops.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

/* A store that counts and fails as it is told. Its calls come from the writer's thread; tests look after writer_stop().
 */
struct fake {
    enum mw_err begin, commit;
    bool begins_until_written; /* whatever `begin` says */
    int begins, commits, rollbacks, sweeps;
    int64_t written, pending, kept; /* rows: ever, in this transaction, committed */
    bool lost;                      /* the transaction, by itself */
    int64_t changes_before_s, pulse;
    int changed;
    atomic_int looked;     /* as the watch was told */
    pthread_mutex_t *gate; /* held by the test: the next transaction waits for it */
    atomic_int at_gate;    /* how often it came there */
    atomic_bool away;      /* its file */
    atomic_int reopen;     /* what asking for it again gives */
    atomic_int asked, answered;
    int closed;
};

static void fake_close(void *ctx) {
    ((struct fake *)ctx)->closed++;
}

static bool fake_in_place(const void *ctx) {
    return !atomic_load(&((const struct fake *)ctx)->away);
}

static const char *fake_why(const void *ctx) {
    (void)ctx;
    return "told to";
}

static enum mw_err fake_begin(void *ctx) {
    struct fake *f = ctx;
    if (f->gate) {
        atomic_fetch_add(&f->at_gate, 1);
        (void)pthread_mutex_lock(f->gate);
        (void)pthread_mutex_unlock(f->gate);
    }
    f->begins++;
    f->pending = 0;
    f->lost = false;
    return f->begins_until_written && f->written == 0 ? MW_OK : f->begin;
}

static enum mw_err fake_commit(void *ctx) {
    struct fake *f = ctx;
    f->commits++;
    if (f->commit == MW_OK) f->kept += f->pending;
    return f->commit;
}

static void fake_rollback(void *ctx) {
    struct fake *f = ctx;
    f->rollbacks++;
}

static int64_t fake_written(const void *ctx) {
    return ((const struct fake *)ctx)->written;
}

static bool fake_untouched(const void *ctx, int64_t written) {
    const struct fake *f = ctx;
    return !f->lost && f->written == written;
}

static enum mw_err fake_sweep(void *ctx, int64_t now_s, uint32_t max, uint32_t *dropped) {
    struct fake *f = ctx;
    (void)now_s;
    (void)max;
    f->sweeps++;
    *dropped = 0;
    return MW_OK;
}

static enum mw_err fake_drop_changes(void *ctx, int64_t now_s, uint32_t max, uint32_t *dropped) {
    struct fake *f = ctx;
    (void)max;
    f->changes_before_s = now_s;
    *dropped = 0;
    return MW_OK;
}

static enum mw_err fake_pulse(void *ctx, int64_t *pulse) {
    *pulse = ((struct fake *)ctx)->pulse;
    return MW_OK;
}

static void on_changed(void *ctx) {
    ((struct fake *)ctx)->changed++;
}

static void on_looked(void *ctx, int64_t mono_ms) {
    (void)mono_ms;
    atomic_fetch_add(&((struct fake *)ctx)->looked, 1);
}

static const struct store_ops fake_ops = {
    .close = fake_close,
    .why = fake_why,
    .begin = fake_begin,
    .commit = fake_commit,
    .rollback = fake_rollback,
    .written = fake_written,
    .untouched = fake_untouched,
    .sweep = fake_sweep,
    .drop_changes = fake_drop_changes,
    .pulse = fake_pulse,
    .in_place = fake_in_place,
};

static enum mw_err on_reopen(void *ctx, struct mw_store **out, struct mw_store_error *err) {
    struct fake *f = ctx;
    enum mw_err rc = (enum mw_err)atomic_load(&f->reopen);
    atomic_fetch_add(&f->asked, 1);
    (void)snprintf(err->text, sizeof err->text, "no store of ours");
    return rc == MW_OK ? store_wrap(&fake_ops, f, out) : rc;
}

/* Far from the next sweep unless a test says else. */
static int64_t clock_ms = 1000;

static int64_t read_clock(void *ctx) {
    (void)ctx;
    return clock_ms;
}

static const struct mw_clock fake_clock = {read_clock, read_clock, NULL};

struct lines {
    int count;
    char last[MW_LOG_LINE_MAX];
};

static void take_line(void *ctx, enum mw_log_level level, const char *line) {
    struct lines *l = ctx;
    (void)level;
    l->count++;
    (void)snprintf(l->last, sizeof l->last, "%s", line);
}

struct job {
    struct write_job base; /* first */
    enum mw_err outcome;   /* what run() gives, after so many rows */
    int64_t rows;
    bool loses;   /* the whole transaction */
    bool removes; /* the file under it */
    int runs, dones;
    enum mw_err told;
    struct fake *fake; /* to see that done comes after the commit */
    int commits_seen, changed_seen;
};

static enum mw_err job_run(struct write_job *base, struct mw_store *store) {
    struct job *j = (struct job *)base;
    (void)store;
    j->runs++;
    j->fake->written += j->rows;
    j->fake->pending += j->rows;
    if (j->loses) j->fake->lost = true;
    if (j->removes) atomic_store(&j->fake->away, true);
    return j->outcome;
}

static void job_done(struct write_job *base, enum mw_err err) {
    struct job *j = (struct job *)base;
    j->dones++;
    j->told = err;
    j->commits_seen = j->fake->commits;
    j->changed_seen = j->fake->changed;
    atomic_fetch_add(&j->fake->answered, 1);
}

#define JOBS 5

struct bench {
    struct fake fake;
    struct mw_store *store;
    struct lines lines;
    struct mw_log log;
    struct writer *writer;
    struct job jobs[JOBS];
};

static void begin_looking(struct bench *b, const struct fake *fake, int64_t every_ms) {
    *b = (struct bench){.fake = *fake};
    b->log = (struct mw_log){take_line, &b->lines, MW_LOG_WARN};
    assert_int_equal(store_wrap(&fake_ops, &b->fake, &b->store), MW_OK);
    for (size_t i = 0; i < JOBS; i++) {
        b->jobs[i].base.run = job_run;
        b->jobs[i].base.done = job_done;
        b->jobs[i].fake = &b->fake;
    }
    const struct writer_watch watch = {on_changed, on_looked, on_reopen, every_ms, &b->fake};
    assert_int_equal(writer_start(b->store, &fake_clock, &watch, &b->log, &b->writer), MW_OK);
}

/* Looks once, at its start. */
static void begin(struct bench *b, const struct fake *fake) {
    begin_looking(b, fake, INT64_C(1) << 40);
}

static void submit_all(struct bench *b) {
    for (size_t i = 0; i < JOBS; i++)
        assert_int_equal(writer_submit(b->writer, &b->jobs[i].base), MW_OK);
}

static void end(struct bench *b) {
    writer_stop(b->writer);
    assert_int_equal(writer_submit(b->writer, &b->jobs[0].base), MW_EBUSY);
    writer_free(&b->writer);
}

static void check_told(const struct bench *b, const enum mw_err want[JOBS]) {
    for (size_t i = 0; i < JOBS; i++)
        if (b->jobs[i].dones != 1 || b->jobs[i].told != want[i])
            fail_msg("job %zu: done %d times, told %s", i, b->jobs[i].dones, mw_err_text(b->jobs[i].told));
}

static const enum mw_err all_ok[JOBS] = {MW_OK, MW_OK, MW_OK, MW_OK, MW_OK};
static const enum mw_err all_eio[JOBS] = {MW_EIO, MW_EIO, MW_EIO, MW_EIO, MW_EIO};

static void submit__while_a_transaction_runs__goes_into_the_next_together(void **state) {
    struct bench b;
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    (void)state;
    (void)pthread_mutex_lock(&gate);
    begin(&b, &(struct fake){.gate = &gate});
    submit_all(&b);
    (void)pthread_mutex_unlock(&gate);
    end(&b);
    check_told(&b, all_ok);
    /* The first may have gone alone; the others went in one. The sweep has one of its own. */
    assert_in_range(b.fake.commits - b.fake.sweeps, 1, 2);
    for (size_t i = 0; i < JOBS; i++)
        assert_true(b.jobs[i].commits_seen >= 1); /* nobody is told before it is on the disk */
    assert_int_equal(b.lines.count, 0);
}

/* All jobs in one batch: the writer is held up until they are there. */
static void run_batch_of(struct bench *b, const struct fake *fake, const struct job jobs[JOBS]) {
    static struct job before;
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    struct fake held = *fake;
    held.gate = &gate;
    (void)pthread_mutex_lock(&gate);
    begin(b, &held);
    before = (struct job){.base = {.run = job_run, .done = job_done}, .fake = &b->fake};
    assert_int_equal(writer_submit(b->writer, &before.base), MW_OK);
    while (atomic_load(&b->fake.at_gate) == 0)
        (void)sched_yield();
    for (size_t i = 0; i < JOBS; i++) {
        b->jobs[i].outcome = jobs[i].outcome;
        b->jobs[i].rows = jobs[i].rows;
        b->jobs[i].loses = jobs[i].loses;
        b->jobs[i].base.changes_sessions = jobs[i].base.changes_sessions;
    }
    submit_all(b);
    (void)pthread_mutex_unlock(&gate);
    end(b);
}

static void run__one_job_fails__spoils_nobody_else(void **state) {
    static const struct {
        struct job jobs[JOBS];
        enum mw_err want[JOBS];
        int64_t kept;
        int lines;
        bool again;
    } rows[] = {
        /* before it has written anything: the batch just goes on */
        {{{.rows = 1}, {.rows = 1}, {.outcome = MW_EEXIST}, {.rows = 1}, {.rows = 2}},
         {MW_OK, MW_OK, MW_EEXIST, MW_OK, MW_OK},
         5,
         0,
         false},
        /* halfway */
        {{{.rows = 1}, {.rows = 1}, {.outcome = MW_EEXIST, .rows = 1}, {.rows = 1}, {.rows = 2}},
         {MW_OK, MW_OK, MW_EEXIST, MW_OK, MW_OK},
         5,
         0,
         true},
        /* and takes the transaction with it */
        {{{.rows = 1}, {.rows = 1}, {.outcome = MW_EIO, .loses = true}, {.rows = 1}, {.rows = 2}},
         {MW_OK, MW_OK, MW_EIO, MW_OK, MW_OK},
         5,
         2, /* trouble, and its end */
         true},
        /* a full disk: none of them can */
        {{{.outcome = MW_EIO, .loses = true},
          {.outcome = MW_EIO, .loses = true},
          {.outcome = MW_EIO, .loses = true},
          {.outcome = MW_EIO, .rows = 1, .loses = true},
          {.outcome = MW_EIO, .loses = true}},
         {MW_EIO, MW_EIO, MW_EIO, MW_EIO, MW_EIO},
         0,
         1,
         true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench b;
        int most_runs = 0;
        run_batch_of(&b, &(struct fake){.begin = MW_OK}, rows[i].jobs);
        check_told(&b, rows[i].want);
        for (size_t j = 0; j < JOBS; j++)
            if (b.jobs[j].runs > most_runs) most_runs = b.jobs[j].runs;
        if (b.fake.kept != rows[i].kept || b.lines.count != rows[i].lines || (most_runs > 1) != rows[i].again)
            fail_msg("row %zu: %lld kept, %d lines, %d runs", i, (long long)b.fake.kept, b.lines.count, most_runs);
    }
}

/* Each would wait for the lock as long as one may. */
static void run__store_is_locked_between_the_two_runs__nobody_else_waits_for_it(void **state) {
    static const struct job jobs[JOBS] = {{.rows = 1}, {.outcome = MW_EEXIST, .rows = 1}};
    struct bench b;
    (void)state;
    run_batch_of(&b, &(struct fake){.begin = MW_EBUSY, .begins_until_written = true}, jobs);
    check_told(&b, all_eio);
    for (size_t i = 0; i < JOBS; i++)
        assert_int_equal(b.jobs[i].runs, i < 2 ? 1 : 0);
    assert_int_equal(b.fake.kept, 0);
    assert_int_equal(b.lines.count, 1);
}

static void commit__fails__everybody_is_told_and_the_log_once(void **state) {
    struct bench b;
    (void)state;
    begin(&b, &(struct fake){.commit = MW_EIO});
    submit_all(&b);
    end(&b);
    check_told(&b, all_eio);
    assert_int_equal(b.fake.rollbacks, b.fake.begins);
    assert_int_equal(b.lines.count, 1);
    assert_non_null(strstr(b.lines.last, "store.write_failed"));
    assert_non_null(strstr(b.lines.last, "told to"));
}

static void begin__fails__no_job_runs(void **state) {
    struct bench b;
    (void)state;
    begin(&b, &(struct fake){.begin = MW_EBUSY});
    submit_all(&b);
    end(&b);
    check_told(&b, all_eio);
    for (size_t i = 0; i < JOBS; i++)
        assert_int_equal(b.jobs[i].runs, 0);
}

/* Whoever is told of the change must find nothing of before in anybody's memory. */
static void run__sessions_change__is_told_before_anybody_is_answered(void **state) {
    static const struct {
        enum mw_err commit;
        struct job first; /* the last changes sessions */
    } rows[] = {
        {MW_OK, {.rows = 1}},
        {MW_EIO, {.rows = 1}},
        {MW_OK, {.outcome = MW_EEXIST, .rows = 1}}, /* so each runs alone */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct job jobs[JOBS] = {rows[i].first, [JOBS - 1] = {.base.changes_sessions = true, .rows = 1}};
        struct bench b;
        run_batch_of(&b, &(struct fake){.commit = rows[i].commit}, jobs);
        for (size_t j = 0; j < JOBS; j++)
            if (b.jobs[j].changed_seen != 1) fail_msg("row %zu, job %zu: answered too early", i, j);
        assert_int_equal(b.fake.changed, 1);
    }
}

static void look__another_process_has_written__is_told(void **state) {
    struct bench b;
    (void)state;
    begin(&b, &(struct fake){.pulse = 7}); /* another than it was */
    while (atomic_load(&b.fake.looked) == 0)
        (void)sched_yield();
    end(&b);
    assert_int_equal(b.fake.changed, 1);
}

/* What a file has taken that no name leads to is lost at the next start. */
static void run__file_removed_or_replaced__nothing_is_acknowledged(void **state) {
    static const struct {
        const char *when;
        bool away;
        struct job first;
        int runs;
    } rows[] = {
        {"before", true, {.rows = 1}, 0},
        {"while it is written", false, {.rows = 1, .removes = true}, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench b;
        print_message("%s\n", rows[i].when);
        begin(&b, &(struct fake){.away = rows[i].away, .reopen = MW_ENOENT});
        b.jobs[0].rows = rows[i].first.rows;
        b.jobs[0].removes = rows[i].first.removes;
        submit_all(&b);
        end(&b);
        check_told(&b, all_eio);
        assert_int_equal(b.jobs[0].runs, rows[i].runs);
        assert_true(b.jobs[0].changed_seen >= 1);
        assert_int_equal(b.fake.closed, 1);
        assert_int_equal(b.lines.count, 1);
        assert_non_null(strstr(b.lines.last, "store.away option=store"));
    }
}

static void look__file_comes_back__is_opened_anew(void **state) {
    static const struct {
        const char *meanwhile;
        enum mw_err reopen;
        int lines;
    } rows[] = {
        {"nothing is there", MW_ENOENT, 2},
        {"something else is there", MW_EINVAL, 3},
    };
    static const enum mw_err want[JOBS] = {MW_EIO, MW_OK, MW_OK, MW_OK, MW_OK};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench b;
        print_message("%s\n", rows[i].meanwhile);
        begin_looking(&b, &(struct fake){.away = true, .reopen = rows[i].reopen}, 0);
        assert_int_equal(writer_submit(b.writer, &b.jobs[0].base), MW_OK);
        while (atomic_load(&b.fake.asked) < 3 || atomic_load(&b.fake.answered) == 0)
            (void)sched_yield();
        assert_false(writer_has_store(b.writer));
        assert_int_equal(atomic_load(&b.fake.looked), 0); /* what is remembered of sessions must not be confirmed */
        atomic_store(&b.fake.away, false);
        atomic_store(&b.fake.reopen, MW_OK);
        while (atomic_load(&b.fake.looked) == 0)
            (void)sched_yield();
        assert_true(writer_has_store(b.writer));
        for (size_t j = 1; j < JOBS; j++)
            assert_int_equal(writer_submit(b.writer, &b.jobs[j].base), MW_OK);
        end(&b);
        check_told(&b, want);
        assert_int_equal(b.jobs[0].runs, 0);
        assert_int_equal(b.fake.changed, 2);
        assert_int_equal(b.fake.closed, 2);
        assert_int_equal(b.lines.count, rows[i].lines);
        assert_non_null(strstr(b.lines.last, "store.back"));
    }
}

static void submit__queue_full__is_busy(void **state) {
    static struct job many[WRITER_QUEUE_MAX + WRITER_BATCH_MAX + 1];
    struct bench b;
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    size_t taken = 0;
    (void)state;
    (void)pthread_mutex_lock(&gate);
    begin(&b, &(struct fake){.gate = &gate});
    for (size_t i = 0; i < sizeof many / sizeof many[0]; i++) {
        many[i] = (struct job){.base = {.run = job_run, .done = job_done}, .fake = &b.fake};
        if (writer_submit(b.writer, &many[i].base) == MW_OK) taken++;
    }
    assert_in_range(taken, WRITER_QUEUE_MAX, WRITER_QUEUE_MAX + WRITER_BATCH_MAX);
    (void)pthread_mutex_unlock(&gate);
    end(&b);
    for (size_t i = 0, done = 0; i < sizeof many / sizeof many[0]; i++) {
        done += (size_t)many[i].dones;
        if (i + 1 == sizeof many / sizeof many[0]) assert_int_equal(done, taken);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(submit__while_a_transaction_runs__goes_into_the_next_together),
        cmocka_unit_test(run__one_job_fails__spoils_nobody_else),
        cmocka_unit_test(run__store_is_locked_between_the_two_runs__nobody_else_waits_for_it),
        cmocka_unit_test(commit__fails__everybody_is_told_and_the_log_once),
        cmocka_unit_test(begin__fails__no_job_runs),
        cmocka_unit_test(run__sessions_change__is_told_before_anybody_is_answered),
        cmocka_unit_test(look__another_process_has_written__is_told),
        cmocka_unit_test(run__file_removed_or_replaced__nothing_is_acknowledged),
        cmocka_unit_test(look__file_comes_back__is_opened_anew),
        cmocka_unit_test(submit__queue_full__is_busy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
