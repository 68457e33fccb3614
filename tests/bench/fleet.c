#include "fleet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX 512
#define READ_MAX ((size_t)256 << 10)
#define PACKET_MAX ((size_t)64 << 10)
#define SOURCE_ADDRESSES 200 /* 127.0.1.1 and on: each has its own ephemeral ports */

int64_t monotonic_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void close_socket(struct client *c) {
    if (c->fd >= 0) close(c->fd);
    c->fd = -1;
    free(c->rest);
    free(c->out);
    c->rest = c->out = NULL;
    c->rest_len = c->out_len = 0;
}

static void fail(struct client *c, const char *why, int detail) {
    struct fleet *fleet = c->fleet;
    if (fleet->failed++ == 0) snprintf(fleet->why, sizeof fleet->why, "client %u: %s (%d)", c->number, why, detail);
    if (c->state < CLIENT_READY) fleet->settled++;
    c->state = CLIENT_DONE;
    close_socket(c);
}

static bool watch(struct client *c, int op, bool write) {
    struct epoll_event event = {.events = EPOLLIN | (write ? (uint32_t)EPOLLOUT : 0U), .data.ptr = c};
    c->wants_write = write;
    return epoll_ctl(c->fleet->epoll_fd, op, c->fd, &event) == 0;
}

static bool keep_for_later(struct client *c, struct mw_str bytes) {
    if (!bytes.ptr) return true;
    uint8_t *out = realloc(c->out, c->out_len + bytes.len);
    if (!out) return false;
    memcpy(out + c->out_len, bytes.ptr, bytes.len);
    c->out = out;
    c->out_len += bytes.len;
    return c->wants_write || watch(c, EPOLL_CTL_MOD, true);
}

static void send_raw(struct client *c, struct mw_str bytes) {
    if (c->fd < 0) return;
    ssize_t n = c->out_len > 0 ? 0 : send(c->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN) {
        fail(c, "send", errno);
        return;
    }
    struct mw_str left = mw_str_skip(bytes, n > 0 ? (size_t)n : 0);
    if (left.len > 0 && !keep_for_later(c, left)) fail(c, "memory", 0);
}

/* One MQTT packet, in a WebSocket frame if need be. */
static void send_packet(struct client *c, const struct mw_buf *packet) {
    if (packet->overflow) {
        fail(c, "packet too long", 0);
        return;
    }
    if (!c->fleet->options.websocket) {
        send_raw(c, mw_buf_str(packet));
        return;
    }
    char frame[PACKET_MAX];
    struct mw_buf b = mw_buf_over(frame, sizeof frame);
    ws_put_frame(&b, mw_buf_str(packet), c->number * 2654435761U);
    send_raw(c, mw_buf_str(&b));
}

static void flush(struct client *c) {
    ssize_t n = send(c->fd, c->out, c->out_len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) {
        fail(c, "send", errno);
        return;
    }
    c->out_len -= (size_t)n;
    memmove(c->out, c->out + n, c->out_len);
    if (c->out_len == 0 && !watch(c, EPOLL_CTL_MOD, false)) fail(c, "epoll", errno);
}

static void log_in(struct client *c) {
    struct identity who;
    char id[2 * IDENTITY_TEXT_MAX], packet[PACKET_MAX / 2];
    if (identities_get(c->fleet->options.identities, c->number, &who) != MW_OK) {
        fail(c, "no such identity", (int)c->number);
        return;
    }
    snprintf(id, sizeof id, "%s%s", who.name, c->fleet->options.client_suffix);
    const struct mqtt_login login = {
        .client_id = mw_cstr(id),
        .username = who.anonymous ? mw_cstr(NULL) : mw_cstr(who.username),
        .password = who.anonymous ? mw_cstr(NULL) : mw_cstr(who.password),
    };
    struct mw_buf b = mw_buf_over(packet, sizeof packet);
    mqtt_put_connect(&b, c->fleet->options.version, &login);
    c->state = CLIENT_LOGGING_IN;
    send_packet(c, &b);
}

static void on_connected(struct client *c) {
    int err = 0;
    socklen_t len = sizeof err;
    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &len) != 0 || err != 0) {
        fail(c, "connect", err);
        return;
    }
    if (!watch(c, EPOLL_CTL_MOD, false)) {
        fail(c, "epoll", errno);
        return;
    }
    if (!c->fleet->options.websocket) {
        log_in(c);
        return;
    }
    char request[1024];
    struct mw_buf b = mw_buf_over(request, sizeof request);
    ws_put_upgrade(&b, mw_cstr(c->fleet->options.ws_path));
    c->state = CLIENT_UPGRADING;
    send_raw(c, mw_buf_str(&b));
}

static void become_ready(struct client *c) {
    struct fleet *fleet = c->fleet;
    c->state = CLIENT_READY;
    fleet->settled++;
    latency_add(&fleet->login, (fleet->now_ns - c->opened_ns) / 1000);
    if (fleet->events.ready) fleet->events.ready(fleet->events.ctx, c);
}

static void on_connack(struct client *c, const struct mqtt_packet *packet) {
    int reason = mqtt_reason(packet, c->fleet->options.version);
    if (c->state != CLIENT_LOGGING_IN || reason != 0) {
        fail(c, "login refused", reason);
        return;
    }
    if (!c->filter[0]) {
        become_ready(c);
        return;
    }
    char bytes[CLIENT_FILTER_MAX + 16];
    struct mw_buf b = mw_buf_over(bytes, sizeof bytes);
    mqtt_put_subscribe(&b, c->fleet->options.version, 1, mw_cstr(c->filter), c->fleet->options.qos);
    c->state = CLIENT_SUBSCRIBING;
    send_packet(c, &b);
}

static void on_suback(struct client *c, const struct mqtt_packet *packet) {
    int reason = mqtt_reason(packet, c->fleet->options.version);
    if (c->state != CLIENT_SUBSCRIBING || reason < 0 || reason >= 128)
        fail(c, "subscription refused", reason);
    else
        become_ready(c);
}

static void on_publish(struct client *c, const struct mqtt_packet *packet) {
    struct fleet *fleet = c->fleet;
    struct mqtt_message message;
    if (mqtt_read_publish(packet, fleet->options.version, &message) != MW_OK) {
        fail(c, "malformed PUBLISH", 0);
        return;
    }
    if (message.qos > 0) {
        char bytes[8];
        struct mw_buf b = mw_buf_over(bytes, sizeof bytes);
        mqtt_put_puback(&b, message.id);
        send_packet(c, &b);
    }
    if (fleet->events.message) fleet->events.message(fleet->events.ctx, c, &message);
}

static void on_packet(struct client *c, const struct mqtt_packet *packet) {
    switch ((int)packet->type) {
    case MQTT_CONNACK:
        on_connack(c, packet);
        break;
    case MQTT_SUBACK:
        on_suback(c, packet);
        break;
    case MQTT_PUBLISH:
        on_publish(c, packet);
        break;
    case MQTT_PUBACK:
        if (c->fleet->events.acked) c->fleet->events.acked(c->fleet->events.ctx, c);
        break;
    case MQTT_DISCONNECT:
        fail(c, "the broker disconnected", packet->body.len > 0 ? (unsigned char)packet->body.ptr[0] : 0);
        break;
    default:
        break;
    }
}

/* Handles the complete packets at the beginning of the stream; returns what is left of it. */
static struct mw_str take_packets(struct client *c, struct mw_str stream) {
    struct mqtt_packet packet;
    while (c->fd >= 0 && stream.len > 0) {
        ssize_t n = mqtt_next(stream, &packet);
        if (n < 0) fail(c, "not MQTT", 0);
        if (n <= 0) break;
        on_packet(c, &packet);
        stream = mw_str_skip(stream, (size_t)n);
    }
    return stream;
}

static void keep_rest(struct client *c, struct mw_str rest) {
    if (c->fd < 0) return;
    if (rest.len == 0 && c->rest_len == 0) return;
    uint8_t *bytes = rest.len > 0 ? realloc(c->rest, rest.len) : c->rest;
    if (!bytes) {
        fail(c, "memory", 0);
        return;
    }
    memcpy(bytes, rest.ptr, rest.len);
    c->rest = bytes;
    c->rest_len = rest.len;
}

static void on_bytes(struct client *c, uint8_t *buf, size_t len) {
    size_t old = c->rest_len; /* already free of framing, save during the upgrade */
    if (c->state == CLIENT_UPGRADING) {
        ssize_t head = ws_read_upgrade(mw_bytes(buf, len));
        if (head < 0) fail(c, "upgrade refused", 0);
        if (head <= 0) {
            keep_rest(c, mw_bytes(buf, len));
            return;
        }
        memmove(buf, buf + head, len - (size_t)head);
        len -= (size_t)head;
        c->rest_len = old = 0;
        log_in(c);
    }
    if (c->fleet->options.websocket) {
        ssize_t payload = ws_unframe(&c->ws, buf + old, len - old);
        if (payload < 0) {
            fail(c, "not WebSocket", 0);
            return;
        }
        len = old + (size_t)payload;
    }
    keep_rest(c, take_packets(c, mw_bytes(buf, len)));
    if (c->ws.closed && c->fd >= 0) fail(c, "the broker closed the WebSocket", 0);
}

static void on_readable(struct client *c) {
    static uint8_t buf[READ_MAX + PACKET_MAX];
    if (c->rest_len > PACKET_MAX) {
        fail(c, "packet too long", 0);
        return;
    }
    if (c->rest_len > 0) memcpy(buf, c->rest, c->rest_len);
    ssize_t n = recv(c->fd, buf + c->rest_len, READ_MAX, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
        fail(c, c->state == CLIENT_LOGGING_IN ? "closed while logging in" : "closed by the broker", n < 0 ? errno : 0);
        return;
    }
    on_bytes(c, buf, c->rest_len + (size_t)n);
}

static bool open_socket(struct client *c) {
    int on = 1;
    const struct sockaddr_in from = {.sin_family = AF_INET,
                                     .sin_addr.s_addr = htonl(0x7f000101U + c->number % SOURCE_ADDRESSES)};
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(c->fleet->options.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) return false;
    if (setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) return false;
    if (setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) != 0) return false;
    if (bind(c->fd, (const struct sockaddr *)&from, sizeof from) != 0) return false;
    if (connect(c->fd, (const struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS) return false;
    return watch(c, EPOLL_CTL_ADD, true);
}

/* As many as may be on their way at once. */
static void open_more(struct fleet *fleet) {
    while (fleet->opened < fleet->options.clients && fleet->opened - fleet->settled < fleet->options.at_once) {
        struct client *c = &fleet->clients[fleet->opened++];
        c->state = CLIENT_CONNECTING;
        c->opened_ns = monotonic_ns();
        if (!open_socket(c)) fail(c, "socket", errno);
    }
}

enum mw_err fleet_new(const struct fleet_options *options, const struct fleet_events *events, struct fleet **out) {
    struct fleet *fleet = calloc(1, sizeof *fleet);
    if (!fleet) return MW_ENOMEM;
    fleet->options = *options;
    fleet->events = *events;
    fleet->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    fleet->clients = calloc(options->clients, sizeof *fleet->clients);
    if (fleet->epoll_fd < 0 || !fleet->clients) {
        fleet_free(&fleet);
        return MW_EIO;
    }
    for (uint32_t i = 0; i < options->clients; i++) {
        fleet->clients[i].fleet = fleet;
        fleet->clients[i].number = i;
        fleet->clients[i].fd = -1;
    }
    *out = fleet;
    return MW_OK;
}

void fleet_free(struct fleet **fleet) {
    if (!*fleet) return;
    for (uint32_t i = 0; (*fleet)->clients && i < (*fleet)->options.clients; i++) {
        struct client *c = &(*fleet)->clients[i];
        if (c->state == CLIENT_READY) client_finish(c);
        close_socket(c);
    }
    free((*fleet)->clients);
    if ((*fleet)->epoll_fd >= 0) close((*fleet)->epoll_fd);
    free(*fleet);
    *fleet = NULL;
}

void fleet_start(struct fleet *fleet) {
    fleet->now_ns = monotonic_ns();
    open_more(fleet);
}

enum mw_err fleet_poll(struct fleet *fleet, int timeout_ms) {
    struct epoll_event events[EVENTS_MAX];
    int n = epoll_wait(fleet->epoll_fd, events, EVENTS_MAX, timeout_ms);
    if (n < 0) return errno == EINTR ? MW_OK : MW_EIO;
    for (int i = 0; i < n; i++) {
        struct client *c = events[i].data.ptr;
        fleet->now_ns = monotonic_ns();
        if (c->fd < 0) continue; /* closed by an event before this one */
        if (c->state == CLIENT_CONNECTING) {
            on_connected(c);
            continue;
        }
        if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) on_readable(c);
        if (c->fd >= 0 && c->out_len > 0 && (events[i].events & EPOLLOUT)) flush(c);
    }
    fleet->now_ns = monotonic_ns();
    open_more(fleet);
    return MW_OK;
}

bool fleet_is_settled(const struct fleet *fleet) {
    return fleet->settled >= fleet->options.clients;
}

void client_publish(struct client *c, struct mw_str topic, struct mw_str payload) {
    char packet[PACKET_MAX / 2];
    struct mw_buf b = mw_buf_over(packet, sizeof packet);
    int qos = c->fleet->options.qos;
    if (++c->last_id == 0) c->last_id = 1;
    mqtt_put_publish(&b, c->fleet->options.version, topic, qos, c->last_id, payload);
    send_packet(c, &b);
}

void client_finish(struct client *c) {
    char packet[2];
    struct mw_buf b = mw_buf_over(packet, sizeof packet);
    mqtt_put_disconnect(&b);
    c->state = CLIENT_DONE;
    send_packet(c, &b);
    close_socket(c);
}
