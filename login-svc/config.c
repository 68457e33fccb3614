#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FILE_MAX 65536
#define DAY INT64_C(86400)
#define GIB (INT64_C(1) << 30)

#define AT(field) offsetof(struct config, field)

/* name, type, where, min, max, default, may be left out */
static const struct mw_opt options[] = {
    {"listen", MW_OPT_TEXT, AT(listen), 3, CONFIG_LISTEN_MAX, "127.0.0.1:8081", false},
    {"admin_listen", MW_OPT_TEXT, AT(admin_listen), 3, CONFIG_LISTEN_MAX, NULL, true},
    {"admin_token_file", MW_OPT_PATH, AT(admin_token_file), 1, CONFIG_PATH_MAX, NULL, true},
    {"app_id", MW_OPT_TEXT, AT(app_id), 3, MW_APPID_MAX, NULL, false},
    {"app_secret_file", MW_OPT_PATH, AT(app_secret_file), 1, CONFIG_PATH_MAX, NULL, false},
    {"wechat_url", MW_OPT_TEXT, AT(wechat_url), 8, CONFIG_URL_MAX, "https://api.weixin.qq.com", false},
    {"wechat_timeout", MW_OPT_SECONDS, AT(wechat_timeout_s), 1, 60, "5s", false},
    {"wechat_max_inflight", MW_OPT_INT, AT(wechat_max_inflight), 1, 8000, "1000", false},
    {"signing_keys", MW_OPT_PATH, AT(signing_keys), 1, CONFIG_PATH_MAX, NULL, false},
    {"secret_key", MW_OPT_PATH, AT(secret_key), 1, CONFIG_PATH_MAX, NULL, false},
    {"store", MW_OPT_TEXT, AT(store), 8, CONFIG_PATH_MAX, NULL, false},
    {"session_ttl", MW_OPT_SECONDS, AT(session_ttl_s), 1, 366 * DAY, "24h", false},
    {"single_session", MW_OPT_BOOL, AT(single_session), 0, 1, "no", false},
    {"mqtt_url", MW_OPT_TEXT, AT(mqtt_url), 6, CONFIG_URL_MAX, NULL, false},
    {"media_store", MW_OPT_PATH, AT(media_store), 1, CONFIG_PATH_MAX, NULL, true},
    {"media_url", MW_OPT_TEXT, AT(media_url), 8, CONFIG_URL_MAX, NULL, true},
    {"media_max_size", MW_OPT_SIZE, AT(media_max_size), 1, GIB, "10M", false},
    {"media_quota_per_user", MW_OPT_SIZE, AT(media_quota_per_user), 0, 1024 * GIB, "100M", false},
};
#define OPTIONS_COUNT (sizeof options / sizeof options[0])
_Static_assert(OPTIONS_COUNT <= MW_CONF_OPTIONS_MAX, "the reader counts that far");

const struct mw_opt *config_options(size_t *count) {
    *count = OPTIONS_COUNT;
    return options;
}

static enum mw_err explain(struct config_error *err, const char *path, const char *what) {
    (void)snprintf(err->text, sizeof err->text, "%s: %s", path, what);
    return MW_EINVAL;
}

static bool starts(const char *s, struct mw_str prefix) {
    return mw_str_starts(mw_cstr(s), prefix);
}

static bool is_http(const char *url) {
    return (starts(url, MW_STR("https://")) || starts(url, MW_STR("http://"))) && !strpbrk(url, " ?#\"\\");
}

static bool is_mqtt(const char *url) {
    return (starts(url, MW_STR("wss://")) || starts(url, MW_STR("ws://"))) && !strpbrk(url, " \"\\");
}

/* What the table's types can not say. NULL: all is well. */
static const char *check(struct config *c) {
    if (listen_addr_parse(mw_cstr(c->listen), &c->listen_addr) != MW_OK)
        return "listen: write host:port, such as 127.0.0.1:8081 or [::1]:8081";
    if (c->admin_listen[0] && listen_addr_parse(mw_cstr(c->admin_listen), &c->admin_addr) != MW_OK)
        return "admin_listen: write host:port, such as 127.0.0.1:8082 or [::1]:8082";
    if (c->admin_listen[0] && !c->admin_token_file[0]) return "admin_token_file: is needed with admin_listen";
    if (!mw_is_appid(mw_cstr(c->app_id)))
        return "app_id: an app id is wx and up to 30 of a-z0-9; WeChat's console shows it";
    if (!is_http(c->wechat_url)) return "wechat_url: write https://host without a query";
    if (!starts(c->store, MW_STR("sqlite:"))) return "store: write sqlite:/path/to/file";
    if (!is_mqtt(c->mqtt_url)) return "mqtt_url: write wss://host/path, as the mini-program reaches the broker";
    if (c->media_url[0] && !is_http(c->media_url)) return "media_url: write https://host/path/";
    if (c->media_store[0] && !c->media_url[0]) return "media_url: is needed with media_store";
    return NULL;
}

/* The caller frees *text. */
static enum mw_err read_file(const char *path, char **text, size_t *len, struct config_error *err) {
    enum mw_err rc = MW_OK;
    size_t have = 0;
    char *buf = malloc(FILE_MAX + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (!buf || fd < 0) {
        rc = explain(err, path, buf ? strerror(errno) : "no memory");
        goto done;
    }
    for (ssize_t n = 1; n != 0 && have <= FILE_MAX;) {
        n = read(fd, buf + have, FILE_MAX + 1 - have);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            rc = explain(err, path, strerror(errno));
            goto done;
        }
        have += (size_t)n;
    }
    if (have > FILE_MAX) {
        rc = explain(err, path, "is too big for a configuration");
        goto done;
    }
    *text = buf;
    *len = have;
    buf = NULL;
done:
    if (fd >= 0) (void)close(fd);
    free(buf);
    return rc;
}

enum mw_err config_load(const char *path, struct config *out, struct config_error *err) {
    struct config c = {0};
    struct mw_conf reader;
    struct mw_conf_error why;
    char *text = NULL;
    size_t len = 0;
    enum mw_err rc = read_file(path, &text, &len, err);
    if (rc != MW_OK) return rc;
    rc = mw_conf_begin(&reader, options, OPTIONS_COUNT, &c, &why);
    if (rc == MW_OK) rc = mw_conf_text(&reader, mw_bytes(text, len), &why);
    if (rc == MW_OK) rc = mw_conf_end(&reader, &why);
    free(text);
    if (rc != MW_OK) return explain(err, path, why.text);
    const char *wrong = check(&c);
    if (wrong) return explain(err, path, wrong);
    *out = c;
    return MW_OK;
}
