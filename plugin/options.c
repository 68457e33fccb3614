#include "options.h"

#include "host.h"

#include "mw/identity.h"

#include <stdio.h>

#define OPT(field) offsetof(struct options, field)

static const struct mw_opt table[] = {
    {"keys", MW_OPT_PATH, OPT(keys), 1, OPTION_PATH_MAX, NULL, false},
    {"store", MW_OPT_TEXT, OPT(store), 1, OPTION_PATH_MAX, NULL, true},
    {"media_url", MW_OPT_TEXT, OPT(media_url), 8, OPTION_PATH_MAX, NULL, true},
    {"message_rate", MW_OPT_INT, OPT(message_rate), 0, 10000, "5", false},
    {"message_burst", MW_OPT_INT, OPT(message_burst), 1, 100000, "20", false},
    {"message_max_bytes", MW_OPT_SIZE, OPT(message_max_bytes), 256, 65536, "8192", false},
    {"presence_grace", MW_OPT_SECONDS, OPT(presence_grace), 0, 3600, "10", false},
    {"history", MW_OPT_INT, OPT(history), 0, 1000, "50", false},
    {"history_memory", MW_OPT_SIZE, OPT(history_memory), 65536, INT64_C(1) << 40, "64M", false},
    {"history_store", MW_OPT_TEXT, OPT(history_store), 1, OPTION_PATH_MAX, NULL, true},
    {"recall_window", MW_OPT_SECONDS, OPT(recall_window), 0, 86400, "120", false},
    {"rooms_per_client", MW_OPT_INT, OPT(rooms_per_client), 1, 100000, "100", false},
    {"node", MW_OPT_INT, OPT(node), 0, 1023, "0", false},
};

static bool is_media_url(const char *url) {
    struct mw_str s = mw_cstr(url);
    bool web = mw_str_starts(s, MW_STR("https://")) || mw_str_starts(s, MW_STR("http://"));
    return s.len == 0 || (web && s.ptr[s.len - 1] == '/' && mw_is_avatar_url(s));
}

enum mw_err options_read(const struct mosquitto_opt *pairs, int count, struct options *out, struct mw_conf_error *err) {
    struct options read = {0};
    struct mw_conf conf = {0};
    enum mw_err rc = mw_conf_begin(&conf, table, sizeof table / sizeof table[0], &read, err);
    for (int i = 0; rc == MW_OK && i < count; i++)
        rc = mw_conf_set(&conf, mw_cstr(pairs[i].key), mw_cstr(pairs[i].value), err);
    if (rc == MW_OK) rc = mw_conf_end(&conf, err);
    if (rc == MW_OK && !is_media_url(read.media_url)) {
        snprintf(err->text, sizeof err->text, "media_url: must be an http:// or https:// URL that ends with a slash");
        rc = MW_EINVAL;
    }
    if (rc == MW_OK) *out = read;
    return rc;
}
