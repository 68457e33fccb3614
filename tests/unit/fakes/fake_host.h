/* A broker made of variables: what the plugin asks of its host, under the test's control. */
#ifndef FAKE_HOST_H
#define FAKE_HOST_H

#include "callbacks.h"

struct mosquitto {
    const char *id, *username;
    bool address;  /* it has a connection */
    bool clean_v3; /* MQTT 3.1.1 with a clean session */
    bool resumes;  /* it did not ask for a clean start */
    int subscriptions;
    bool websocket;
    char name[MW_UID_LEN + 1];
};

struct fake_publish {
    char client_id[64]; /* "" for everybody */
    char topic[160];
    char payload[4096];
    int qos;
    bool retain;
};

struct fake_host {
    int64_t unix_ms, mono_ms;
    bool stopping;
    size_t published;
    struct fake_publish last;
    size_t wakes;
    size_t kicks;
    char kicked[64];
    bool kicked_with_will;
    /* Called from inside a kick, as the broker re-enters its callbacks. */
    void (*in_kick)(void *ctx);
    void *in_kick_ctx;
};
extern struct fake_host fake;

/* A plugin with one key, ticking, at fake.unix_ms; the caller frees it with fake_plugin_free(). */
struct plugin *fake_plugin_new(void);
void fake_plugin_free(struct plugin *pl);

#define UID_A "aaaaaaaaaaaaaaaa"
#define UID_B "bbbbbbbbbbbbbbbb"
#define SID_A "aaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SID_B "bbbbbbbbbbbbbbbbbbbbbbbbbb"

/* Claims of a user whose session ends ttl_s from now. */
struct mw_claims fake_claims(const char *uid, const char *sid, int64_t ttl_s);
/* The skey for them; static memory, valid until the next call. */
const char *fake_skey(const struct plugin *pl, const struct mw_claims *claims);
/* Connects: client id and user name are the uid. */
struct mosquitto fake_client(const char *id);

/* The callbacks by event, as the broker would call them. */
int fake_basic_auth(struct plugin *pl, struct mosquitto *m, const char *password);
int fake_ext_auth(struct plugin *pl, struct mosquitto *m, const char *method, const char *data);
int fake_acl(struct plugin *pl, struct mosquitto *m, int access, const char *topic, const char *payload);
/* MESSAGE for the same bytes as the last fake_acl(); *out is the payload then in force, to be freed by the caller, or
 * NULL when unchanged. */
int fake_message(struct plugin *pl, struct mosquitto *m, const char *topic, const char *payload, char **out,
                 bool *retain);
int fake_event(struct plugin *pl, int event, struct mosquitto *m);

#endif
