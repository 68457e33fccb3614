/* plugin_opt_*: what an operator may set in mosquitto.conf. */
#ifndef PLUGIN_OPTIONS_H
#define PLUGIN_OPTIONS_H

#include "mw/conf.h"

#define OPTION_PATH_MAX 511

struct mosquitto_opt;

struct options {
    char keys[OPTION_PATH_MAX + 1];
    char store[OPTION_PATH_MAX + 1];         /* "" when not given */
    char media_url[OPTION_PATH_MAX + 1];     /* "" when not given: no media messages */
    char history_store[OPTION_PATH_MAX + 1]; /* "" when not given */
    int64_t message_rate, message_burst, message_max_bytes;
    int64_t presence_grace;
    int64_t history, history_memory, recall_window;
    int64_t rooms_per_client;
    int64_t node;
};

/* Fills *out from the pairs that Mosquitto hands to the plugin. err->text names the option at fault. */
MW_MUST_CHECK enum mw_err options_read(const struct mosquitto_opt *pairs, int count, struct options *out,
                                       struct mw_conf_error *err);

#endif
