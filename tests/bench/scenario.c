#include "scenario.h"

#include <stdio.h>

#include "payload.h"

#define POLL_MS 20
#define QUIET_NS ((int64_t)3000000000) /* nothing came for so long: what is missing is lost */
#define NS_PER_S 1000000000.0

/* One run. */
struct run {
    const struct load_options *options;
    struct load_result *result;
    struct fleet *fleet;
    int64_t deadline_ns, started_ns, last_progress_ns, stop_ns;
    uint64_t expected; /* deliveries of what was published so far */
    bool stopping;
};

static bool over_deadline(const struct run *run) {
    return monotonic_ns() >= run->deadline_ns;
}

static bool may_publish(const struct run *run, const struct client *c) {
    uint64_t limit = (uint64_t)run->options->messages;
    if (run->stopping || c->state != CLIENT_READY) return false;
    if (limit > 0 && c->published >= limit) return false;
    return run->stop_ns == 0 || run->fleet->now_ns < run->stop_ns;
}

static void publish(struct run *run, struct client *c, struct mw_str topic, uint64_t deliveries) {
    char text[PAYLOAD_MAX];
    struct mw_buf b = mw_buf_over(text, sizeof text);
    payload_put(&b, (size_t)run->options->payload_bytes, (uint64_t)monotonic_ns(), c->number);
    c->published++;
    c->outstanding++;
    run->result->published++;
    run->expected += deliveries;
    client_publish(c, topic, mw_buf_str(&b));
}

/* Counts a delivery; false when it is not one of this run's messages. */
static bool count_delivery(struct run *run, const struct mqtt_message *message, uint32_t *sender) {
    uint64_t sent_ns = 0;
    if (!payload_read(message->payload, &sent_ns, sender) || sent_ns < (uint64_t)run->started_ns) {
        run->result->other++;
        return false;
    }
    run->result->delivered++;
    run->last_progress_ns = run->fleet->now_ns;
    latency_add(&run->result->message, (run->fleet->now_ns - (int64_t)sent_ns) / 1000);
    return true;
}

static enum mw_err begin(struct run *run, const struct identities *identities, uint32_t clients,
                         struct fleet_events events) {
    const struct load_options *o = run->options;
    const struct fleet_options fleet_options = {
        .port = (uint16_t)o->port,
        .websocket = o->ws,
        .ws_path = o->ws_path,
        .version = (int)o->mqtt,
        .qos = (int)o->qos,
        .clients = clients,
        .at_once = (uint32_t)o->at_once,
        .identities = identities,
        .client_suffix = "-load",
    };
    events.ctx = run;
    run->result->clients = clients;
    run->deadline_ns = monotonic_ns() + o->deadline * (int64_t)NS_PER_S;
    return fleet_new(&fleet_options, &events, &run->fleet);
}

/* Everybody logs in. MW_EEXPIRED: not before the deadline. */
static enum mw_err log_everybody_in(struct run *run) {
    int64_t from_ns = monotonic_ns();
    enum mw_err err = MW_OK;
    fleet_start(run->fleet);
    while (err == MW_OK && !fleet_is_settled(run->fleet))
        err = over_deadline(run) ? MW_EEXPIRED : fleet_poll(run->fleet, POLL_MS);
    run->result->login_s = (double)(monotonic_ns() - from_ns) / NS_PER_S;
    return err;
}

static void start_clock(struct run *run) {
    run->started_ns = run->last_progress_ns = run->fleet->now_ns = monotonic_ns();
    if (run->options->seconds > 0) run->stop_ns = run->started_ns + run->options->seconds * (int64_t)NS_PER_S;
}

/* Until every delivery that is due has come, or none has come for a while. `tick` may publish more. */
static enum mw_err wait_for_deliveries(struct run *run, void (*tick)(struct run *)) {
    enum mw_err err = MW_OK;
    for (;;) {
        bool time_is_up = run->stop_ns != 0 && monotonic_ns() >= run->stop_ns;
        bool quiet = monotonic_ns() - run->last_progress_ns > QUIET_NS;
        run->stopping = run->stopping || time_is_up || over_deadline(run);
        if (run->result->delivered >= run->expected && (run->stopping || !tick)) break;
        if (quiet || over_deadline(run)) break;
        err = fleet_poll(run->fleet, tick ? 1 : POLL_MS);
        if (err != MW_OK) break;
        if (tick && !run->stopping) tick(run);
    }
    run->result->measured_s = (double)(run->last_progress_ns - run->started_ns) / NS_PER_S;
    run->result->lost = run->expected > run->result->delivered ? run->expected - run->result->delivered : 0;
    return err;
}

static void finish(struct run *run) {
    if (!run->fleet) return;
    run->result->failed = run->fleet->failed;
    run->result->login = run->fleet->login;
    snprintf(run->result->why, sizeof run->result->why, "%s", run->fleet->why);
    fleet_free(&run->fleet);
}

/* rooms: the first `publishers` of each room's `members` speak; every member hears. */

static struct client *member(const struct run *run, int64_t room, int64_t number) {
    return &run->fleet->clients[room * run->options->members + number];
}

static void speak(struct run *run, struct client *c) {
    publish(run, c, mw_cstr(c->filter), (uint64_t)run->options->members);
}

static void rooms_message(void *ctx, struct client *c, const struct mqtt_message *message) {
    struct run *run = ctx;
    uint32_t sender = 0;
    if (!count_delivery(run, message, &sender) || sender != c->number) return;
    c->outstanding--;
    if (run->options->rate == 0 && may_publish(run, c)) speak(run, c);
}

/* With a rate, each publisher is as far as the clock says. */
static void rooms_tick(struct run *run) {
    double elapsed_s = (double)(run->fleet->now_ns - run->started_ns) / NS_PER_S;
    uint64_t due = (uint64_t)(elapsed_s * (double)run->options->rate);
    for (int64_t room = 0; room < run->options->rooms; room++)
        for (int64_t i = 0; i < run->options->publishers; i++)
            while (member(run, room, i)->published < due && may_publish(run, member(run, room, i)))
                speak(run, member(run, room, i));
}

static enum mw_err run_rooms(const struct load_options *o, const struct identities *ids, struct load_result *result) {
    struct run run = {.options = o, .result = result};
    if (o->publishers > o->members || (o->messages == 0 && o->seconds == 0)) return MW_EINVAL;
    if (o->rate > 0 && o->seconds == 0) return MW_EINVAL;
    enum mw_err err =
        begin(&run, ids, (uint32_t)(o->rooms * o->members), (struct fleet_events){.message = rooms_message});
    if (err != MW_OK) return err;
    for (uint32_t i = 0; i < result->clients; i++)
        snprintf(run.fleet->clients[i].filter, sizeof run.fleet->clients[i].filter, "%.100s%u", o->prefix,
                 i / (uint32_t)o->members);
    err = log_everybody_in(&run);
    if (err == MW_OK && run.fleet->failed == 0) {
        start_clock(&run);
        for (int64_t w = 0; o->rate == 0 && w < o->window; w++)
            for (int64_t room = 0; room < o->rooms; room++)
                for (int64_t i = 0; i < o->publishers; i++)
                    if (may_publish(&run, member(&run, room, i))) speak(&run, member(&run, room, i));
        err = wait_for_deliveries(&run, o->rate > 0 ? rooms_tick : NULL);
    }
    finish(&run);
    return err;
}

/* pairs: each client talks with its neighbour on user/<name>; an answer follows each message. */

static void write_to_partner(struct run *run, struct client *c) {
    publish(run, c, mw_cstr(run->fleet->clients[c->number ^ 1U].filter), 1);
}

static void pairs_message(void *ctx, struct client *c, const struct mqtt_message *message) {
    struct run *run = ctx;
    uint32_t sender = 0;
    if (count_delivery(run, message, &sender) && may_publish(run, c)) write_to_partner(run, c);
}

static enum mw_err run_pairs(const struct load_options *o, const struct identities *ids, struct load_result *result) {
    struct run run = {.options = o, .result = result};
    struct identity who;
    if (o->clients % 2 != 0 || (o->messages == 0 && o->seconds == 0)) return MW_EINVAL;
    enum mw_err err = begin(&run, ids, (uint32_t)o->clients, (struct fleet_events){.message = pairs_message});
    for (uint32_t i = 0; err == MW_OK && i < result->clients; i++) {
        err = identities_get(ids, i, &who);
        if (err != MW_OK) break;
        snprintf(run.fleet->clients[i].filter, sizeof run.fleet->clients[i].filter, "user/%.100s", who.name);
    }
    if (err == MW_OK) err = log_everybody_in(&run);
    if (err == MW_OK && run.fleet->failed == 0) {
        start_clock(&run);
        for (int64_t w = 0; w < o->window; w++)
            for (uint32_t i = 0; i < result->clients; i += 2)
                if (may_publish(&run, &run.fleet->clients[i])) write_to_partner(&run, &run.fleet->clients[i]);
        err = wait_for_deliveries(&run, NULL);
    }
    finish(&run);
    return err;
}

/* publish: each client publishes to a room where nobody listens, and waits for PUBACKs. */

static void publish_acked(void *ctx, struct client *c) {
    struct run *run = ctx;
    char topic[CLIENT_FILTER_MAX + 1];
    run->result->delivered++; /* here: acknowledged */
    run->last_progress_ns = run->fleet->now_ns;
    c->outstanding--;
    if (!may_publish(run, c)) return;
    snprintf(topic, sizeof topic, "%.100s%u", run->options->prefix, c->number);
    publish(run, c, mw_cstr(topic), 1);
}

static enum mw_err run_publish(const struct load_options *o, const struct identities *ids, struct load_result *result) {
    struct run run = {.options = o, .result = result};
    char topic[CLIENT_FILTER_MAX + 1];
    if (o->qos != 1 || (o->messages == 0 && o->seconds == 0)) return MW_EINVAL;
    enum mw_err err = begin(&run, ids, (uint32_t)o->clients, (struct fleet_events){.acked = publish_acked});
    if (err == MW_OK) err = log_everybody_in(&run);
    if (err == MW_OK && run.fleet->failed == 0) {
        start_clock(&run);
        for (uint32_t i = 0; i < result->clients; i++) {
            snprintf(topic, sizeof topic, "%.100s%u", o->prefix, i);
            for (int64_t w = 0; w < o->window; w++)
                if (may_publish(&run, &run.fleet->clients[i])) publish(&run, &run.fleet->clients[i], mw_cstr(topic), 1);
        }
        err = wait_for_deliveries(&run, NULL);
    }
    finish(&run);
    return err;
}

/* connect: log in and leave, `at_once` at a time. idle: log in and stay, all at the same time. */

static void leave(void *ctx, struct client *c) {
    (void)ctx;
    client_finish(c);
}

static enum mw_err run_connect(const struct load_options *o, const struct identities *ids, struct load_result *result) {
    struct run run = {.options = o, .result = result};
    enum mw_err err = begin(&run, ids, (uint32_t)o->clients, (struct fleet_events){.ready = leave});
    if (err == MW_OK) err = log_everybody_in(&run);
    finish(&run);
    return err;
}

static enum mw_err run_idle(const struct load_options *o, const struct identities *ids, struct load_result *result) {
    struct run run = {.options = o, .result = result};
    enum mw_err err = begin(&run, ids, (uint32_t)o->clients, (struct fleet_events){0});
    if (err == MW_OK) err = log_everybody_in(&run);
    int64_t until_ns = monotonic_ns() + o->seconds * (int64_t)NS_PER_S;
    while (err == MW_OK && monotonic_ns() < until_ns && !over_deadline(&run))
        err = fleet_poll(run.fleet, POLL_MS);
    finish(&run);
    return err;
}

const struct scenario scenarios[] = {
    {"rooms", "--rooms rooms of --members, of whom --publishers speak", run_rooms},
    {"pairs", "--clients in pairs that write to each other on user/<name>", run_pairs},
    {"publish", "--clients publish with QoS 1 where nobody listens", run_publish},
    {"connect", "--clients log in and leave", run_connect},
    {"idle", "--clients log in and stay for --seconds", run_idle},
};
const size_t scenarios_count = sizeof scenarios / sizeof scenarios[0];
