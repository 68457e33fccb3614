#include "callbacks.h"

#include "access.h"
#include "auth.h"
#include "changes.h"
#include "endings.h"
#include "keys.h"
#include "presence.h"
#include "stamp.h"

/* Every other code closes a client, sometimes the wrong one: MOSQUITTO-PLUGIN facts, checked by the integration tests
 * on each broker. */
static int rc_of_auth(enum verdict v) {
    if (v == VERDICT_ALLOW) return MOSQ_ERR_SUCCESS;
    return v == VERDICT_NOT_OURS ? MOSQ_ERR_PLUGIN_DEFER : MOSQ_ERR_AUTH;
}

static int rc_of_access(enum verdict v) {
    if (v == VERDICT_ALLOW) return MOSQ_ERR_SUCCESS;
    return v == VERDICT_NOT_OURS ? MOSQ_ERR_PLUGIN_DEFER : MOSQ_ERR_ACL_DENIED;
}

/* Every event but a delivery: the deliveries of the message before are over. */
static void next_message(struct plugin *pl) {
    pl->serial++;
    if (!pl->swallowing) return;
    pl->swallowing = false;
    pl->tick_s = host_unix_s();
}

static int on_basic_auth(int event, void *event_data, void *userdata) {
    const struct mosquitto_evt_basic_auth *ev = event_data;
    (void)event;
    next_message(userdata);
    return rc_of_auth(auth_password(userdata, ev->client, mw_cstr(ev->password)));
}

static int on_ext_auth_start(int event, void *event_data, void *userdata) {
    const struct mosquitto_evt_extended_auth *ev = event_data;
    (void)event;
    next_message(userdata);
    if (!mw_str_eq(mw_cstr(ev->auth_method), MW_STR(AUTH_METHOD))) return rc_of_auth(auth_other(userdata, ev->client));
    return rc_of_auth(auth_extended(userdata, ev->client, mw_bytes(ev->data_in, ev->data_in_len)));
}

/* Kept out of on_acl_check(), which would otherwise save registers for it at every delivery. */
__attribute__((noinline)) static int check_access(struct plugin *pl, const struct mosquitto_evt_acl_check *ev) {
    if (ev->access != MOSQ_ACL_READ) next_message(pl);
    switch (ev->access) {
    case MOSQ_ACL_READ:
        return rc_of_access(
            access_deliver(pl, &(struct delivery_check){ev->client, ev->topic, mw_bytes(ev->payload, ev->payloadlen),
                                                        ev->qos, ev->retain}));
    case MOSQ_ACL_WRITE: {
        const struct publish p = {ev->client, mw_cstr(ev->topic), mw_bytes(ev->payload, ev->payloadlen), ev->qos};
        return rc_of_access(publish_check(pl, &p));
    }
    case MOSQ_ACL_SUBSCRIBE:
        return rc_of_access(access_subscribe(pl, ev->client, mw_cstr(ev->topic), ev->qos));
    case MOSQ_ACL_UNSUBSCRIBE:
        return rc_of_access(access_unsubscribe(pl, ev->client, mw_cstr(ev->topic)));
    default:
        return MOSQ_ERR_ACL_DENIED;
    }
}

/* Once per delivery: the common case first, with nothing to save or to call. */
static int on_acl_check(int event, void *event_data, void *userdata) {
    const struct mosquitto_evt_acl_check *ev = event_data;
    (void)event;
    if (ev->access == MOSQ_ACL_READ && access_deliver_at_once(userdata, ev->client, ev->topic, ev->retain))
        return MOSQ_ERR_SUCCESS;
    return check_access(userdata, ev);
}

static int on_message(int event, void *event_data, void *userdata) {
    (void)event;
    next_message(userdata);
    return stamp_message(userdata, event_data) == VERDICT_DENY ? MOSQ_ERR_ACL_DENIED : MOSQ_ERR_SUCCESS;
}

static int on_tick(int event, void *event_data, void *userdata) {
    struct plugin *pl = userdata;
    (void)event;
    (void)event_data;
    if (!pl->ticking) host_watch_signals();
    pl->ticking = true;
    pl->turn++;
    next_message(pl);
    pl->tick_s = host_unix_s();
    pl->asking_again = false;
    changes_tick(pl);
    if (pl->archive) archive_tick(pl->archive, &pl->log);
    endings_tick(pl);
    presence_tick(pl);
    return MOSQ_ERR_SUCCESS;
}

/* DISCONNECT, and CLIENT_OFFLINE where the session outlives the connection. The id may be gone already, and a newer
 * connection may have it: the pointer alone counts. */
static int on_gone(int event, void *event_data, void *userdata) {
    const struct mosquitto_evt_disconnect *ev = event_data; /* CLIENT_OFFLINE's data has the same head */
    struct plugin *pl = userdata;
    struct client *c = clients_find(&pl->clients, ev->client);
    if (c) {
        bool ends = event == MOSQ_EVT_DISCONNECT && host_ends_with_connection(ev->client);
        /* 2.1 tells how it ended; 2.0 always says -1, so a good-bye looks like a lost connection there. */
        if (c->connected) presence_gone(pl, c, ev->reason == MOSQ_ERR_SUCCESS);
        clients_left(&pl->clients, c, ends, host_unix_ms());
    }
    return MOSQ_ERR_SUCCESS;
}

/* Anything but success makes 2.1 exit and 2.0 crash at shutdown. The broker asks for every client again right after. */
static int on_reload(int event, void *event_data, void *userdata) {
    struct plugin *pl = userdata;
    (void)event;
    (void)event_data;
    pl->asking_again = true;
    if (keys_load(pl->options.keys, &pl->log, &pl->keys) == MW_OK)
        mw_log(&pl->log, MW_LOG_INFO, "keys.loaded", "count=%zu", pl->keys.count);
    else
        mw_log(&pl->log, MW_LOG_ERROR, "keys.kept", "count=%zu hint=\"the former keys stay in force\"", pl->keys.count);
    return MOSQ_ERR_SUCCESS;
}

const struct callback callbacks[] = {
    {MOSQ_EVT_RELOAD, on_reload, false, true},
    {MOSQ_EVT_BASIC_AUTH, on_basic_auth, false, false},
    {MOSQ_EVT_EXT_AUTH_START, on_ext_auth_start, false, false},
    {MOSQ_EVT_ACL_CHECK, on_acl_check, false, false},
    {MOSQ_EVT_MESSAGE, on_message, false, false},
    {MOSQ_EVT_DISCONNECT, on_gone, false, false},
    {HOST_EVT_CLIENT_OFFLINE, on_gone, true, false},
    /* With per_listener_settings it would come once per listener in one turn of the broker, and a kick needs a turn
       after its notice. */
    {MOSQ_EVT_TICK, on_tick, false, true},
};
const size_t callbacks_count = sizeof callbacks / sizeof callbacks[0];
