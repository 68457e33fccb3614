/* The broker, as far as the plugin calls it. Everything here is for the broker's one thread. Tests link a fake in place
 * of host.c. Facts behind the choices: Mosquitto 2.0.11 to 2.1.x differ in what they export; nothing else of the plugin
 * knows. */
#ifndef PLUGIN_HOST_H
#define PLUGIN_HOST_H

#include "mw/log.h"

#include <mosquitto.h>

#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>

/* Events that the headers of 2.0 do not name. Registering them there is refused harmlessly. */
enum { HOST_EVT_CONNECT = 11, HOST_EVT_CLIENT_OFFLINE = 28 };

/* Borrowed from the broker until the callback ends; absent when the client has none. */
struct mw_str host_client_id(const struct mosquitto *client);
struct mw_str host_username(const struct mosquitto *client);
/* False for a session restored from disk, for bridges of this broker and for the fake client of check_retain_source. */
bool host_has_address(const struct mosquitto *client);
/* A connection over WebSocket. On 2.0 false for one that is gone. */
bool host_is_websocket(const struct mosquitto *client);
/* The session ends with the connection for sure: MQTT 3.1.1 with a clean session. (MQTT 5 does not tell.) */
bool host_ends_with_connection(const struct mosquitto *client);
/* It asked for what the broker has kept under its client id, if anything. */
bool host_resumes(const struct mosquitto *client);
/* Filters that it has subscribed to. */
int host_subscriptions(const struct mosquitto *client);
bool host_set_username(struct mosquitto *client, const char *name);

/* Queued by the broker, delivered at the top of its next turn. client_id NULL: to all who subscribed (READ is asked for
 * each); else to that client alone, without a subscription and without READ. False: not queued. */
bool host_publish(const char *client_id, const char *topic, struct mw_str payload, int qos, bool retain);
/* Only from TICK. Re-enters DISCONNECT and ACL_CHECK. */
void host_kick(const char *client_id, bool with_will);

/* Memory that the broker may free. */
void *host_malloc(size_t size);
void host_free(void *p);

int64_t host_unix_s(void); /* cheap, for deliveries; lags by up to a clock tick of the kernel */
int64_t host_unix_ms(void);
int64_t host_mono_ms(void);

/* True once the broker was told to stop (SIGTERM, SIGINT): it then hands out every client's will without a DISCONNECT
 * event before, and only so can a will be told from a publish. watch wraps the broker's own handlers, so call it when
 * those are in place: at the first TICK. */
bool host_stopping(void);
void host_watch_signals(void);
void host_unwatch_signals(void);

/* Any thread: has the broker turn at once instead of when its poll of up to 100 ms is over, so that TICK comes soon. By
 * a signal that interrupts the poll and is otherwise without effect; where somebody else uses that signal, nothing
 * happens. */
void host_wake(void);

/* Sink for mw_log: mosquitto_log_printf. */
void host_log_line(void *ctx, enum mw_log_level level, const char *line);

#endif
