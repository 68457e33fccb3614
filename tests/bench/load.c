/* mw-load: many MQTT clients against a broker on this machine. Prints one line of JSON. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "mw/conf.h"
#include "payload.h"
#include "scenario.h"

#define INT(name, min, max, def)                                                                                       \
    { #name, MW_OPT_INT, offsetof(struct load_options, name), min, max, def, false }
#define TEXT(name, def)                                                                                                \
    { #name, MW_OPT_TEXT, offsetof(struct load_options, name), 0, LOAD_TEXT_MAX, def, true }

static const struct mw_opt option_table[] = {
    INT(port, 1, 65535, NULL),
    {"ws", MW_OPT_BOOL, offsetof(struct load_options, ws), 0, 0, "no", false},
    TEXT(ws_path, "/mqtt"),
    INT(mqtt, MQTT_V311, MQTT_V5, "4"),
    INT(qos, 0, 1, "0"),
    INT(rooms, 1, 10000, "1"),
    INT(members, 1, 19000, "100"),
    INT(publishers, 1, 19000, "1"),
    INT(messages, 0, 100000000, "0"),
    INT(seconds, 0, 300, "0"),
    INT(window, 1, 1000, "1"),
    INT(rate, 0, 100000, "0"),
    INT(clients, 1, 200000, "100"),
    INT(at_once, 1, 19000, "100"),
    INT(payload_bytes, PAYLOAD_MIN, PAYLOAD_MAX, "60"),
    INT(deadline, 1, 900, "120"),
    TEXT(prefix, "room/load"),
    TEXT(user, NULL),
    TEXT(password, NULL),
    TEXT(skeys, NULL),
    TEXT(keys, NULL),
    TEXT(app_id, "wx0123456789abcdef"),
};
#define OPTION_COUNT (sizeof option_table / sizeof option_table[0])

static void usage(FILE *out) {
    fputs("usage: mw-load SCENARIO --port N [--OPTION VALUE ...]\nscenarios:\n", out);
    for (size_t i = 0; i < scenarios_count; i++)
        fprintf(out, "  %-8s %s\n", scenarios[i].name, scenarios[i].what);
    fputs("options, each with its default:\n", out);
    for (size_t i = 0; i < OPTION_COUNT; i++)
        fprintf(out, "  --%s %s\n", option_table[i].name, option_table[i].def ? option_table[i].def : "-");
    fputs("--messages (of each publisher) or --seconds bounds a run; --rate 0 speaks again when the own message is "
          "heard,\n"
          "--window messages ahead. --user has %d for the number; --skeys is a file of lines: uid sid skey; --keys is "
          "the\n"
          "signing.jwks to mint with.\n",
          out);
}

/* --key-name value pairs. */
static bool read_options(int argc, char **argv, struct load_options *out) {
    struct mw_conf conf;
    struct mw_conf_error error = {""};
    enum mw_err err = mw_conf_begin(&conf, option_table, OPTION_COUNT, out, &error);
    for (int i = 2; err == MW_OK && i < argc; i += 2) {
        char name[64];
        if (strncmp(argv[i], "--", 2) != 0 || i + 1 >= argc || !mw_str_copy(name, sizeof name, mw_cstr(argv[i] + 2))) {
            fprintf(stderr, "mw-load: %s: not an option with a value\n", argv[i]);
            return false;
        }
        for (char *c = name; *c; c++)
            if (*c == '-') *c = '_';
        err = mw_conf_set(&conf, mw_cstr(name), mw_cstr(argv[i + 1]), &error);
    }
    if (err == MW_OK) err = mw_conf_end(&conf, &error);
    if (err != MW_OK) fprintf(stderr, "mw-load: %s\n", error.text);
    return err == MW_OK;
}

static const struct scenario *find_scenario(const char *name) {
    for (size_t i = 0; i < scenarios_count; i++)
        if (strcmp(scenarios[i].name, name) == 0) return &scenarios[i];
    return NULL;
}

static void raise_file_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static void print_latency(const char *name, const struct latency *l) {
    printf("\"%s\":{\"count\":%" PRIu64 ",\"p50\":%" PRIu64 ",\"p95\":%" PRIu64 ",\"p99\":%" PRIu64 ",\"max\":%" PRIu64
           "}",
           name, l->count, latency_percentile(l, 50), latency_percentile(l, 95), latency_percentile(l, 99), l->max_us);
}

static double per_s(uint64_t count, double seconds) {
    return seconds > 0 ? (double)count / seconds : 0;
}

static void print_result(const char *scenario, const struct load_result *r) {
    printf("{\"scenario\":\"%s\",\"clients\":%" PRIu32 ",\"failed\":%" PRIu32 ",\"why\":\"%s\",", scenario, r->clients,
           r->failed, r->why);
    printf("\"login_s\":%.3f,\"logins_per_s\":%.0f,", r->login_s, per_s(r->login.count, r->login_s));
    print_latency("login_us", &r->login);
    printf(",\"measured_s\":%.3f,\"published\":%" PRIu64 ",\"delivered\":%" PRIu64 ",\"lost\":%" PRIu64
           ",\"other\":%" PRIu64 ",\"deliveries_per_s\":%.0f,",
           r->measured_s, r->published, r->delivered, r->lost, r->other, per_s(r->delivered, r->measured_s));
    print_latency("message_us", &r->message);
    printf("}\n");
}

int main(int argc, char **argv) {
    struct load_options options;
    struct identities *identities = NULL;
    const char *why = "bad identity";
    static struct load_result result;
    const struct scenario *scenario = argc > 1 ? find_scenario(argv[1]) : NULL;
    if (!scenario) {
        usage(stderr);
        return 2;
    }
    if (!read_options(argc, argv, &options)) return 2;
    raise_file_limit();
    const struct identity_options who = {options.user, options.password, options.skeys, options.keys, options.app_id};
    if (identities_open(&who, &identities, &why) != MW_OK) {
        fprintf(stderr, "mw-load: %s\n", why);
        return 2;
    }
    enum mw_err err = scenario->run(&options, identities, &result);
    identities_free(&identities);
    if (err != MW_OK) {
        fprintf(stderr, "mw-load: %s: %s\n", scenario->name,
                err == MW_EINVAL ? "these options do not fit together" : mw_err_text(err));
        return 1;
    }
    print_result(scenario->name, &result);
    return result.failed > 0 || result.lost > 0 ? 1 : 0;
}
