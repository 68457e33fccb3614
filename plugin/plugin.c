/* The broker's three entry points: make one plugin, register and unregister by walking the table. */
#include "plugin.h"

#include "callbacks.h"
#include "changes.h"
#include "endings.h"
#include "keys.h"

#include "mw/secret.h"

#include <stdlib.h>

#define DAY_MS INT64_C(86400000)
#define EXPORTED __attribute__((visibility("default")))

/* With per_listener_settings the broker calls init once per listener, on one loaded file. All of them share one table
 * of clients: a client id is one name in the whole broker. */
static struct plugin *shared;
static unsigned users;

struct listener {
    struct plugin *plugin;
    mosquitto_plugin_id_t *id;
    bool first;
};

static void plugin_free(struct plugin *pl) {
    if (pl == NULL) return;
    worker_stop(&pl->worker); /* before the signals it wakes us with */
    follow_close(&pl->follow);
    archive_close(&pl->archive, &pl->log);
    host_unwatch_signals();
    clients_free(&pl->clients);
    rooms_free(&pl->rooms);
    history_free(&pl->history);
    ledger_free(&pl->ledger);
    mw_keyset_wipe(&pl->keys);
    free(pl);
}

/* Replays the log before the broker serves. */
static enum mw_err follow_store(struct plugin *pl) {
    const struct follow_source source = {follow_open_url, pl->options.store, host_wake};
    const struct follow_sink sink = {changes_take, pl};
    struct mw_store_error why;
    size_t count = 0;
    if (pl->options.store[0] == '\0') {
        mw_log(&pl->log, MW_LOG_WARN, "store.none",
               "hint=\"without plugin_opt_store renewed and ended sessions are not known here\"");
        return MW_OK;
    }
    int64_t began_ms = host_mono_ms();
    enum mw_err err = follow_open(&source, &sink, &pl->follow, &count, &why);
    if (err != MW_OK)
        mw_log(&pl->log, MW_LOG_ERROR, "store.refused", "option=plugin_opt_store reason=\"%s\"", why.text);
    else
        mw_log(&pl->log, MW_LOG_INFO, "store.replayed", "entries=%zu took_ms=%lld", count,
               (long long)(host_mono_ms() - began_ms));
    return err;
}

/* Brings back what was said before the restart. */
static enum mw_err open_archive(struct plugin *pl) {
    struct mw_store_error why;
    size_t count = 0;
    if (pl->options.history == 0 || pl->options.history_store[0] == '\0') return MW_OK;
    int64_t began_ms = host_mono_ms();
    enum mw_err err = archive_open(pl->options.history_store, &pl->history, &pl->archive, &count, &why);
    if (err != MW_OK)
        mw_log(&pl->log, MW_LOG_ERROR, "history.refused", "option=plugin_opt_history_store reason=\"%s\"", why.text);
    else
        mw_log(&pl->log, MW_LOG_INFO, "history.loaded", "messages=%zu took_ms=%lld", count,
               (long long)(host_mono_ms() - began_ms));
    return err;
}

static enum mw_err start_worker(struct plugin *pl) {
    enum mw_err err = MW_OK;
    if (pl->follow) err = worker_add(&pl->worker, follow_work, pl->follow);
    if (err == MW_OK && pl->follow) err = worker_add(&pl->worker, endings_hurry, pl);
    if (err == MW_OK && pl->archive) err = worker_add(&pl->worker, archive_work, pl->archive);
    if (err == MW_OK) err = worker_start(&pl->worker);
    if (err != MW_OK) mw_log(&pl->log, MW_LOG_ERROR, "start.failed", "reason=\"no thread can be started\"");
    return err;
}

static enum mw_err plugin_new(const struct options *options, struct plugin **out) {
    struct plugin *pl = calloc(1, sizeof *pl);
    enum mw_err err = MW_ENOMEM;
    if (pl == NULL) goto done;
    pl->options = *options;
    pl->log = (struct mw_log){host_log_line, NULL, MW_LOG_INFO};
    pl->rules.max_bytes = (size_t)options->message_max_bytes;
    pl->rules.media_url = mw_cstr(pl->options.media_url);
    pl->history.limit = (size_t)options->history_memory;
    pl->rooms.grace_ms = options->presence_grace * 1000;
    pl->clients.rooms = &pl->rooms;
    pl->clients.message_burst = (uint32_t)options->message_burst;
    pl->clients.entry_burst = 2 * (uint32_t)options->rooms_per_client;
    pl->ids.node = (uint16_t)options->node;
    err = keys_load(pl->options.keys, &pl->log, &pl->keys);
    if (err == MW_OK) err = follow_store(pl);
    if (err == MW_OK) err = open_archive(pl);
    if (err == MW_OK) err = start_worker(pl);
    /* Ids go on rising over a restart, also when the clock was set back meanwhile; but not after one that can not be
     * ours. */
    int64_t newest = history_newest_id(&pl->history);
    if (mw_msgid_unix_ms(newest) < host_unix_ms() + DAY_MS) mw_msgid_after(&pl->ids, newest);
done:
    if (err != MW_OK) plugin_free(pl);
    if (err == MW_OK) *out = pl;
    return err;
}

static void unregister_all(const struct listener *l) {
    for (size_t i = 0; i < callbacks_count; i++)
        mosquitto_callback_unregister(l->id, callbacks[i].event, callbacks[i].fn, NULL);
}

static bool register_all(const struct listener *l) {
    for (size_t i = 0; i < callbacks_count; i++) {
        if (callbacks[i].once && !l->first) continue;
        int rc = mosquitto_callback_register(l->id, callbacks[i].event, callbacks[i].fn, NULL, l->plugin);
        if (rc == MOSQ_ERR_SUCCESS || callbacks[i].optional) continue;
        mw_log(&l->plugin->log, MW_LOG_ERROR, "start.failed", "event=%d code=%d reason=\"%s\"", callbacks[i].event, rc,
               rc == MOSQ_ERR_ALREADY_EXISTS ? "the plugin stands twice in mosquitto.conf: remove one plugin line"
                                             : "the broker refused a callback");
        return false;
    }
    return true;
}

EXPORTED int mosquitto_plugin_version(int supported_version_count, const int *supported_versions);
EXPORTED int mosquitto_plugin_init(mosquitto_plugin_id_t *identifier, void **userdata, struct mosquitto_opt *options,
                                   int option_count);
EXPORTED int mosquitto_plugin_cleanup(void *userdata, struct mosquitto_opt *options, int option_count);

int mosquitto_plugin_version(int supported_version_count, const int *supported_versions) {
    for (int i = 0; i < supported_version_count; i++)
        if (supported_versions[i] == 5) return 5;
    return -1;
}

int mosquitto_plugin_init(mosquitto_plugin_id_t *identifier, void **userdata, struct mosquitto_opt *options,
                          int option_count) {
    const struct mw_log log = {host_log_line, NULL, MW_LOG_INFO};
    struct options read = {0};
    struct mw_conf_error error = {{0}};
    struct listener *l = NULL;
    if (options_read(options, option_count, &read, &error) != MW_OK) {
        mw_log(&log, MW_LOG_ERROR, "config.error", "%s%s",
               strncmp(error.text, "unknown option", 14) == 0 ? "" : "plugin_opt_", error.text);
        return MOSQ_ERR_INVAL;
    }
    if (shared && memcmp(&shared->options, &read, sizeof read) != 0) {
        mw_log(&log, MW_LOG_ERROR, "config.error", "the plugin_opt_* of all listeners must be the same");
        return MOSQ_ERR_INVAL;
    }
    l = calloc(1, sizeof *l);
    if (l == NULL) return MOSQ_ERR_NOMEM;
    l->id = identifier;
    l->first = shared == NULL;
    if (l->first && plugin_new(&read, &shared) != MW_OK) goto fail;
    l->plugin = shared;
    users++;
    *userdata = l;
    if (register_all(l)) {
        mw_log(&log, MW_LOG_INFO, "start", "version=%s keys=%zu node=%d", MW_VERSION, shared->keys.count,
               (int)shared->ids.node);
        return MOSQ_ERR_SUCCESS;
    }
    mosquitto_plugin_cleanup(l, NULL, 0);
    *userdata = NULL;
    return MOSQ_ERR_UNKNOWN;
fail:
    free(l);
    return MOSQ_ERR_UNKNOWN;
}

int mosquitto_plugin_cleanup(void *userdata, struct mosquitto_opt *options, int option_count) {
    struct listener *l = userdata;
    (void)options;
    (void)option_count;
    if (l == NULL) return MOSQ_ERR_SUCCESS;
    unregister_all(l);
    if (--users == 0) {
        plugin_free(shared);
        shared = NULL;
    }
    free(l);
    return MOSQ_ERR_SUCCESS;
}
