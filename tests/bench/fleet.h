/* Many MQTT clients in one thread, over TCP or WebSocket: they connect with so many at once, log in, subscribe, and
 * tell what arrives. */
#ifndef BENCH_FLEET_H
#define BENCH_FLEET_H

#include "identities.h"
#include "latency.h"
#include "mqtt_wire.h"
#include "ws_wire.h"

enum client_state {
    CLIENT_IDLE = 0,
    CLIENT_CONNECTING,
    CLIENT_UPGRADING,
    CLIENT_LOGGING_IN,
    CLIENT_SUBSCRIBING,
    CLIENT_READY,
    CLIENT_DONE,
};

#define CLIENT_FILTER_MAX 127

struct client {
    struct fleet *fleet;
    uint32_t number;
    enum client_state state;
    int fd;
    bool wants_write;
    char filter[CLIENT_FILTER_MAX + 1]; /* subscribed to before it counts as ready; "": nothing */
    struct ws_in ws;
    uint8_t *rest; /* an incomplete packet */
    size_t rest_len;
    uint8_t *out; /* what the socket did not take yet */
    size_t out_len;
    int64_t opened_ns;
    uint16_t last_id;
    /* The scenario's own. */
    uint32_t outstanding;
    uint64_t published;
};

struct fleet_options {
    uint16_t port; /* on 127.0.0.1 */
    bool websocket;
    const char *ws_path;
    int version, qos;
    uint32_t clients, at_once;
    const struct identities *identities;
    const char *client_suffix; /* behind the name in each client id */
};

struct fleet_events {
    void (*ready)(void *ctx, struct client *client);
    void (*message)(void *ctx, struct client *client, const struct mqtt_message *message);
    void (*acked)(void *ctx, struct client *client); /* a QoS 1 publish of this client */
    void *ctx;
};

#define FLEET_WHY_MAX 128

struct fleet {
    struct fleet_options options;
    struct fleet_events events;
    int epoll_fd;
    struct client *clients;
    uint32_t opened;
    uint32_t settled;        /* got through the login, or failed at it */
    uint32_t failed;         /* at the login or later */
    char why[FLEET_WHY_MAX]; /* of the first that failed */
    int64_t now_ns;          /* as of the last look at sockets */
    struct latency login;    /* connect() to CONNACK and, with a filter, SUBACK */
};

/* MW_EIO with errno set, or MW_ENOMEM. */
MW_MUST_CHECK enum mw_err fleet_new(const struct fleet_options *options, const struct fleet_events *events,
                                    struct fleet **out);
void fleet_free(struct fleet **fleet);

/* Begins to connect; the rest follows from fleet_poll(), at_once at a time. */
void fleet_start(struct fleet *fleet);
/* Waits at most timeout_ms for sockets and handles them. MW_EIO: waiting failed. */
MW_MUST_CHECK enum mw_err fleet_poll(struct fleet *fleet, int timeout_ms);
bool fleet_is_settled(const struct fleet *fleet); /* nobody is on the way any more */

void client_publish(struct client *client, struct mw_str topic, struct mw_str payload);
/* DISCONNECT and close. */
void client_finish(struct client *client);

int64_t monotonic_ns(void);

#endif
