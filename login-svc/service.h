/* The running service: all that a handler needs, and the order in which it starts and stops. */
#ifndef SERVICE_H
#define SERVICE_H

#include "config.h"
#include "http_client.h"
#include "http_server.h"
#include "keyring.h"
#include "metrics.h"
#include "mw/clock.h"
#include "mw/log.h"
#include "readers.h"
#include "refusal_log.h"
#include "session_cache.h"
#include "writer.h"

#define APP_SECRET_MAX 128
#define ADMIN_TOKEN_MAX 512

struct media;

/* Read-only for the handlers once started, save what locks itself. */
struct service {
    const struct config *cfg;
    struct mw_clock clock;
    const struct mw_log *log;
    char app_secret[APP_SECRET_MAX + 1];
    char admin_token[ADMIN_TOKEN_MAX + 1]; /* "": nobody has it */
    uint8_t uid_key[32], at_rest_key[32];
    struct keyring *keys;
    struct readers *readers;
    struct session_cache *cache;
    struct writer *writer;
    struct media *media; /* NULL: no media_store */
    struct http_client *wechat;
    struct http_server *public_server, *admin_server; /* no admin_listen: no second one */
    struct metrics metrics;
    atomic_bool reads_fail; /* of sessions; the log says so */
    struct refusal_log refusals;
};

struct service_error {
    char text[512]; /* one line that names the option at fault */
};

static inline int64_t service_now_s(const struct service *svc) {
    return svc->clock.unix_ms(svc->clock.ctx) / 1000;
}

/* Reads the secrets that the configuration names, and looks whether its store can be had: what --test-config does
 * beside the file itself. Makes nothing. */
MW_MUST_CHECK enum mw_err service_prepare(struct service *svc, const struct config *cfg, struct service_error *err);
/* After the above. cfg, and log in *svc, must outlive the service. On failure what had started is stopped. */
MW_MUST_CHECK enum mw_err service_start(struct service *svc, struct service_error *err);
/* The signing keys anew; bad ones leave the old in force. Says in the log what became of it. */
void service_reload(struct service *svc);
/* Lets what is in flight finish, for some seconds, then stops everything and wipes the secrets. Also after a failed or
 * no start. */
void service_stop(struct service *svc);

#endif
