/* What the clients do: each scenario drives a fleet and fills in the result. */
#ifndef BENCH_SCENARIO_H
#define BENCH_SCENARIO_H

#include "fleet.h"

#define LOAD_TEXT_MAX 255

struct load_options {
    int64_t port, mqtt, qos, rooms, members, publishers, messages, seconds, window, rate, clients, at_once,
        payload_bytes, deadline;
    bool ws;
    char ws_path[LOAD_TEXT_MAX + 1], prefix[LOAD_TEXT_MAX + 1], user[LOAD_TEXT_MAX + 1], password[LOAD_TEXT_MAX + 1],
        skeys[LOAD_TEXT_MAX + 1], keys[LOAD_TEXT_MAX + 1], app_id[LOAD_TEXT_MAX + 1];
};

struct load_result {
    uint32_t clients, failed;
    char why[FLEET_WHY_MAX];
    double login_s, measured_s; /* spans: everybody's login; first publish to last delivery */
    struct latency login, message;
    uint64_t published, delivered, lost, other;
};

struct scenario {
    const char *name, *what;
    enum mw_err (*run)(const struct load_options *options, const struct identities *identities,
                       struct load_result *result);
};

extern const struct scenario scenarios[];
extern const size_t scenarios_count;

#endif
