#include "fake_host.h"

#include <stdio.h>
#include <stdlib.h>

struct fake_host fake;

struct mw_str host_client_id(const struct mosquitto *client) {
    return mw_cstr(client->id);
}
struct mw_str host_username(const struct mosquitto *client) {
    return mw_cstr(client->username);
}
bool host_has_address(const struct mosquitto *client) {
    return client->address;
}
bool host_ends_with_connection(const struct mosquitto *client) {
    return client->clean_v3;
}

bool host_is_websocket(const struct mosquitto *client) {
    return client->websocket;
}
bool host_resumes(const struct mosquitto *client) {
    return client->resumes;
}
int host_subscriptions(const struct mosquitto *client) {
    return client->subscriptions;
}

bool host_set_username(struct mosquitto *client, const char *name) {
    snprintf(client->name, sizeof client->name, "%s", name);
    client->username = client->name;
    return true;
}

bool host_publish(const char *client_id, const char *topic, struct mw_str payload, int qos, bool retain) {
    fake.published++;
    snprintf(fake.last.client_id, sizeof fake.last.client_id, "%s", client_id ? client_id : "");
    snprintf(fake.last.topic, sizeof fake.last.topic, "%s", topic);
    snprintf(fake.last.payload, sizeof fake.last.payload, "%.*s", (int)payload.len, payload.ptr);
    fake.last.qos = qos;
    fake.last.retain = retain;
    return true;
}

void host_kick(const char *client_id, bool with_will) {
    fake.kicks++;
    snprintf(fake.kicked, sizeof fake.kicked, "%s", client_id);
    fake.kicked_with_will = with_will;
    if (fake.in_kick) fake.in_kick(fake.in_kick_ctx);
}

void *host_malloc(size_t size) {
    return malloc(size);
}
void host_free(void *p) {
    free(p);
}
int64_t host_unix_s(void) {
    return fake.unix_ms / 1000;
}
int64_t host_unix_ms(void) {
    return fake.unix_ms;
}
int64_t host_mono_ms(void) {
    return fake.mono_ms;
}
bool host_stopping(void) {
    return fake.stopping;
}
void host_watch_signals(void) {}
void host_unwatch_signals(void) {}
void host_wake(void) {
    fake.wakes++;
}
void host_log_line(void *ctx, enum mw_log_level level, const char *line) {
    (void)ctx;
    (void)level;
    (void)line;
}

struct plugin *fake_plugin_new(void) {
    memset(&fake, 0, sizeof fake);
    fake.unix_ms = INT64_C(1800000000000);
    fake.mono_ms = 5000000;
    struct plugin *pl = calloc(1, sizeof *pl);
    if (pl == NULL) abort();
    pl->keys.count = 1;
    memcpy(pl->keys.keys[0].kid, "k1", sizeof "k1");
    memset(pl->keys.keys[0].k, 7, MW_HMAC_KEY_MIN);
    pl->keys.keys[0].k_len = MW_HMAC_KEY_MIN;
    pl->rules.max_bytes = 8192;
    pl->rules.media_url = MW_STR("https://chat.example.com/media/");
    pl->clients.rooms = &pl->rooms;
    pl->clients.message_burst = 20;
    pl->clients.entry_burst = 200;
    pl->options.message_burst = 20;
    pl->options.rooms_per_client = 100;
    pl->options.history = 50;
    pl->options.recall_window = 120;
    pl->history.limit = 1 << 20;
    pl->rooms.grace_ms = 10000;
    pl->ticking = true;
    pl->log = (struct mw_log){host_log_line, NULL, MW_LOG_INFO};
    return pl;
}

void fake_plugin_free(struct plugin *pl) {
    follow_close(&pl->follow);
    clients_free(&pl->clients);
    rooms_free(&pl->rooms);
    history_free(&pl->history);
    ledger_free(&pl->ledger);
    free(pl);
}

struct mw_claims fake_claims(const char *uid, const char *sid, int64_t ttl_s) {
    struct mw_claims c = {.iat_s = fake.unix_ms / 1000 - 10, .exp_s = fake.unix_ms / 1000 + ttl_s};
    snprintf(c.iss, sizeof c.iss, "wx0123456789abcdef");
    snprintf(c.uid, sizeof c.uid, "%s", uid);
    snprintf(c.sid, sizeof c.sid, "%s", sid);
    snprintf(c.name, sizeof c.name, "Ann");
    if (c.exp_s < c.iat_s) c.iat_s = c.exp_s;
    return c;
}

const char *fake_skey(const struct plugin *pl, const struct mw_claims *claims) {
    static char text[MW_SKEY_MAX + 1];
    if (mw_skey_mint(&pl->keys.keys[0], claims, text, sizeof text) != MW_OK) abort();
    return text;
}

struct mosquitto fake_client(const char *id) {
    return (struct mosquitto){.id = id, .username = id, .address = true, .clean_v3 = true};
}

static int call(struct plugin *pl, int event, void *data) {
    for (size_t i = 0; i < callbacks_count; i++)
        if (callbacks[i].event == event) return callbacks[i].fn(event, data, pl);
    abort();
}

int fake_basic_auth(struct plugin *pl, struct mosquitto *m, const char *password) {
    char copy[MW_SKEY_MAX * 2];
    struct mosquitto_evt_basic_auth ev = {.client = m};
    if (password) {
        snprintf(copy, sizeof copy, "%s", password);
        ev.password = copy;
    }
    return call(pl, MOSQ_EVT_BASIC_AUTH, &ev);
}

int fake_ext_auth(struct plugin *pl, struct mosquitto *m, const char *method, const char *data) {
    struct mosquitto_evt_extended_auth ev = {
        .client = m, .auth_method = method, .data_in = data, .data_in_len = (uint16_t)(data ? strlen(data) : 0)};
    return call(pl, MOSQ_EVT_EXT_AUTH_START, &ev);
}

int fake_acl(struct plugin *pl, struct mosquitto *m, int access, const char *topic, const char *payload) {
    struct mosquitto_evt_acl_check ev = {.client = m,
                                         .access = access,
                                         .topic = topic,
                                         .payload = payload,
                                         .payloadlen = (uint32_t)(payload ? strlen(payload) : 0)};
    return call(pl, MOSQ_EVT_ACL_CHECK, &ev);
}

int fake_message(struct plugin *pl, struct mosquitto *m, const char *topic, const char *payload, char **out,
                 bool *retain) {
    char name[128];
    char *bytes = NULL;
    snprintf(name, sizeof name, "%s", topic);
    memcpy(&bytes, &payload, sizeof bytes); /* the broker's is writable; the plugin must not write to it */
    struct mosquitto_evt_message ev = {
        .client = m, .topic = name, .payload = bytes, .payloadlen = (uint32_t)strlen(payload), .retain = *retain};
    int rc = call(pl, MOSQ_EVT_MESSAGE, &ev);
    *out = NULL;
    *retain = ev.retain;
    if (ev.payload != bytes) {
        *out = realloc(ev.payload, ev.payloadlen + 1);
        if (*out == NULL) abort();
        (*out)[ev.payloadlen] = '\0';
    }
    return rc;
}

int fake_event(struct plugin *pl, int event, struct mosquitto *m) {
    struct mosquitto_evt_disconnect ev = {.client = m};
    return call(pl, event, &ev);
}
