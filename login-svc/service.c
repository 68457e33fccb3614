#include "service.h"

#include "media.h"
#include "mw/secret.h"

#include <stdio.h>
#include <unistd.h>

#define DRAIN_MS 2000          /* for calls in flight to finish by themselves */
#define SEND_MS 1000           /* for their answers to leave */
#define CONNECTIONS_SPARE 2048 /* beside the log-ins that wait for WeChat */
#define THREADS_MAX 8
#define ADMIN_THREADS 1U /* its own: what takes long there holds up no mini-program */
#define ADMIN_CONNECTIONS_MAX 256U

static enum mw_err blame(struct service_error *err, const char *option, const char *what, enum mw_err rc) {
    (void)snprintf(err->text, sizeof err->text, "%s: %.480s", option, what);
    return rc;
}

static enum mw_err load_secret_key(struct service *svc, const char *path, struct service_error *err) {
    uint8_t secret[MW_SECRET_KEY_LEN];
    size_t len = 0;
    struct secret_file_error why;
    enum mw_err rc = secret_file_read(path, secret, sizeof secret, &len, &why);
    if (rc != MW_OK) {
        rc = blame(err, "secret_key", why.text, rc);
        goto done;
    }
    if (len != sizeof secret) {
        rc = blame(err, "secret_key", "must be 32 bytes; wechat-skey keygen makes it", MW_EINVAL);
        goto done;
    }
    rc = mw_derive_key(secret, MW_KEY_UID, svc->uid_key);
    if (rc == MW_OK) rc = mw_derive_key(secret, MW_KEY_AT_REST, svc->at_rest_key);
    if (rc != MW_OK) rc = blame(err, "secret_key", mw_err_text(rc), rc);
done:
    mw_wipe(secret, sizeof secret);
    return rc;
}

/* Guessing a short one is a matter of time. */
#define ADMIN_TOKEN_MIN 16

static enum mw_err load_admin_token(struct service *svc, const char *path, struct service_error *err) {
    struct secret_file_error why;
    enum mw_err rc = secret_file_read_line(path, svc->admin_token, sizeof svc->admin_token, &why);
    if (rc != MW_OK) return blame(err, "admin_token_file", why.text, rc);
    if (mw_cstr(svc->admin_token).len >= ADMIN_TOKEN_MIN) return MW_OK;
    return blame(err, "admin_token_file", "the token must have 16 characters or more", MW_EINVAL);
}

static enum mw_err load_secrets(struct service *svc, const struct config *cfg, struct service_error *err) {
    struct secret_file_error why;
    enum mw_err rc = secret_file_read_line(cfg->app_secret_file, svc->app_secret, sizeof svc->app_secret, &why);
    if (rc != MW_OK) return blame(err, "app_secret_file", why.text, rc);
    rc = load_secret_key(svc, cfg->secret_key, err);
    if (rc != MW_OK) return rc;
    rc = keyring_open(cfg->signing_keys, &svc->keys, &why);
    if (rc != MW_OK) return blame(err, "signing_keys", why.text, rc);
    return cfg->admin_token_file[0] ? load_admin_token(svc, cfg->admin_token_file, err) : MW_OK;
}

enum mw_err service_prepare(struct service *svc, const struct config *cfg, struct service_error *err) {
    struct mw_store_error why;
    svc->cfg = cfg;
    enum mw_err rc = load_secrets(svc, cfg, err);
    if (rc != MW_OK) return rc;
    rc = mw_store_probe(mw_cstr(cfg->store), &why);
    if (rc != MW_OK) return blame(err, "store", why.text, rc);
    struct media_error bad_media;
    if (cfg->media_store[0]) rc = media_store_probe(cfg->media_store, &bad_media);
    return rc == MW_OK ? rc : blame(err, "media_store", bad_media.text, rc);
}

/* Two at least: one that is busy must not hold up the health check. */
static unsigned thread_count(void) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (cores < 2) return 2;
    return cores > THREADS_MAX ? THREADS_MAX : (unsigned)cores;
}

static void on_changed(void *ctx) {
    session_cache_forget(((struct service *)ctx)->cache);
}

static void on_looked(void *ctx, int64_t mono_ms) {
    session_cache_confirm(((struct service *)ctx)->cache, mono_ms);
}

static enum mw_err reopen(void *ctx, struct mw_store **out, struct mw_store_error *err) {
    return mw_store_open(mw_cstr(((struct service *)ctx)->cfg->store), MW_STORE_WRITE_AGAIN, out, err);
}

static enum mw_err start_store(struct service *svc, unsigned readers, struct service_error *err) {
    struct mw_str url = mw_cstr(svc->cfg->store);
    const struct writer_watch watch = {on_changed, on_looked, reopen, SESSION_CACHE_LOOK_MS, svc};
    struct mw_store *store = NULL;
    struct mw_store_error why = {"no memory or thread for it"};
    enum mw_err rc = session_cache_new(&svc->cache);
    if (rc == MW_OK) rc = mw_store_open(url, MW_STORE_WRITE, &store, &why);
    if (rc == MW_OK) rc = readers_open(url, readers, &svc->readers, &why);
    if (rc == MW_OK) rc = writer_start(store, &svc->clock, &watch, svc->log, &svc->writer);
    if (rc != MW_OK) mw_store_close(&store); /* else it is the writer's now */
    return rc == MW_OK ? rc : blame(err, "store", why.text, rc);
}

static enum mw_err start_media(struct service *svc, struct service_error *err) {
    struct media_error why;
    if (!svc->cfg->media_store[0]) return MW_OK;
    const enum mw_err rc = media_start(svc->cfg, service_now_s(svc), &svc->media, &why);
    return rc == MW_OK ? rc : blame(err, "media_store", why.text, rc);
}

static void count_public(struct service *svc, int status) {
    metrics_count_answer(&svc->metrics, LISTENER_PUBLIC, status);
}

static void count_admin(struct service *svc, int status) {
    metrics_count_answer(&svc->metrics, LISTENER_ADMIN, status);
}

static enum mw_err start_servers(struct service *svc, unsigned threads, struct service_error *err) {
    const struct http_server_options public_options = {
        .addr = svc->cfg->listen_addr,
        .routes = &public_routes,
        .svc = svc,
        .count = count_public,
        .threads = threads,
        .connections_max = (unsigned)svc->cfg->wechat_max_inflight + CONNECTIONS_SPARE,
    };
    const struct http_server_options admin_options = {
        .addr = svc->cfg->admin_addr,
        .routes = &admin_routes,
        .svc = svc,
        .count = count_admin,
        .threads = ADMIN_THREADS,
        .connections_max = ADMIN_CONNECTIONS_MAX,
    };
    struct listen_error why = {"no memory"};
    enum mw_err rc = http_server_start(&public_options, &svc->public_server, &why);
    if (rc != MW_OK) return blame(err, "listen", why.text, rc);
    if (svc->cfg->admin_listen[0]) rc = http_server_start(&admin_options, &svc->admin_server, &why);
    return rc == MW_OK ? rc : blame(err, "admin_listen", why.text, rc);
}

enum mw_err service_start(struct service *svc, struct service_error *err) {
    unsigned threads = thread_count();
    enum mw_err rc = start_store(svc, threads + ADMIN_THREADS, err);
    if (rc != MW_OK) goto failed;
    rc = http_client_start(svc->cfg->wechat_url, (size_t)svc->cfg->wechat_max_inflight, &svc->wechat);
    if (rc != MW_OK) {
        rc = blame(err, "wechat_max_inflight", "no memory or thread for the calls to WeChat", rc);
        goto failed;
    }
    rc = start_media(svc, err);
    if (rc != MW_OK) goto failed;
    rc = start_servers(svc, threads, err);
    if (rc == MW_OK) return rc;
failed:
    service_stop(svc);
    return rc;
}

void service_reload(struct service *svc) {
    struct secret_file_error why;
    if (keyring_reload(svc->keys, &why) == MW_OK)
        mw_log(svc->log, MW_LOG_INFO, "keys.reloaded", "keys=%zu", keyring_count(svc->keys));
    else
        mw_log(svc->log, MW_LOG_ERROR, "keys.reload_failed",
               "option=signing_keys why=\"%s\" note=\"the old keys stay\"", why.text);
}

void service_stop(struct service *svc) {
    struct http_server **const servers[] = {&svc->public_server, &svc->admin_server};
    const size_t count = sizeof servers / sizeof servers[0];
    for (size_t i = 0; i < count; i++)
        if (*servers[i]) http_server_drain(*servers[i]);
    for (size_t i = 0; i < count; i++)
        if (*servers[i]) (void)http_server_wait_idle(*servers[i], DRAIN_MS);
    /* Ends the calls to WeChat, then does the writes that are due: after these three every call has its answer. */
    http_client_stop(svc->wechat);
    writer_stop(svc->writer);
    media_stop(svc->media);
    for (size_t i = 0; i < count; i++)
        if (*servers[i]) (void)http_server_wait_idle(*servers[i], SEND_MS);
    for (size_t i = 0; i < count; i++)
        http_server_stop(servers[i]);
    http_client_free(&svc->wechat); /* only now is there no thread left that could ask */
    media_free(&svc->media);
    readers_close(&svc->readers);
    writer_free(&svc->writer); /* its store is the last to be closed: that folds in the write-ahead log */
    session_cache_free(&svc->cache);
    keyring_close(&svc->keys);
    mw_wipe(svc->app_secret, sizeof svc->app_secret);
    mw_wipe(svc->admin_token, sizeof svc->admin_token);
    mw_wipe(svc->uid_key, sizeof svc->uid_key);
    mw_wipe(svc->at_rest_key, sizeof svc->at_rest_key);
}
