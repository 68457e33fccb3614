/* login-svc.conf: the options of DESIGN section 7, typed and bounded, and the secrets that they point to. */
#ifndef CONFIG_H
#define CONFIG_H

#include "listen_socket.h"
#include "mw/conf.h"
#include "mw/identity.h"

#define CONFIG_PATH_MAX 1024
#define CONFIG_URL_MAX 512
#define CONFIG_LISTEN_MAX 160
#define CONFIG_ERROR_MAX 1536

struct config {
    char listen[CONFIG_LISTEN_MAX + 1];
    char admin_listen[CONFIG_LISTEN_MAX + 1]; /* "": no admin listener */
    char admin_token_file[CONFIG_PATH_MAX + 1];
    char app_id[MW_APPID_MAX + 1];
    char app_secret_file[CONFIG_PATH_MAX + 1];
    char wechat_url[CONFIG_URL_MAX + 1];
    int64_t wechat_timeout_s;
    int64_t wechat_max_inflight;
    char signing_keys[CONFIG_PATH_MAX + 1];
    char secret_key[CONFIG_PATH_MAX + 1];
    char store[CONFIG_PATH_MAX + 1];
    int64_t session_ttl_s;
    bool single_session;
    char mqtt_url[CONFIG_URL_MAX + 1];
    char media_store[CONFIG_PATH_MAX + 1]; /* "": no media */
    char media_url[CONFIG_URL_MAX + 1];
    int64_t media_max_size;
    int64_t media_quota_per_user;
    /* worked out of the above */
    struct listen_addr listen_addr, admin_addr;
};

struct config_error {
    char text[CONFIG_ERROR_MAX]; /* one line: file, line where there is one, option, what is wrong */
};

/* The option table, for what checks that code, example and documentation name the same. */
const struct mw_opt *config_options(size_t *count);

/* Reads and checks the file. The files that it names are not looked at yet. */
MW_MUST_CHECK enum mw_err config_load(const char *path, struct config *out, struct config_error *err);

#endif
