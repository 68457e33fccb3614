/* The few MQTT packets that a load generator speaks, 3.1.1 and 5, as bytes: no socket here. */
#ifndef BENCH_MQTT_WIRE_H
#define BENCH_MQTT_WIRE_H

#include <sys/types.h>

#include "mw/err.h"
#include "mw/str.h"

enum mqtt_type {
    MQTT_CONNECT = 1,
    MQTT_CONNACK = 2,
    MQTT_PUBLISH = 3,
    MQTT_PUBACK = 4,
    MQTT_SUBSCRIBE = 8,
    MQTT_SUBACK = 9,
    MQTT_DISCONNECT = 14,
};

#define MQTT_V311 4
#define MQTT_V5 5

struct mqtt_login {
    struct mw_str client_id, username, password; /* the last two may be absent */
};

/* Each appends one packet; what does not fit shows as b's overflow. */
void mqtt_put_connect(struct mw_buf *b, int version, const struct mqtt_login *login);
void mqtt_put_subscribe(struct mw_buf *b, int version, uint16_t id, struct mw_str filter, int qos);
void mqtt_put_publish(struct mw_buf *b, int version, struct mw_str topic, int qos, uint16_t id, struct mw_str payload);
void mqtt_put_puback(struct mw_buf *b, uint16_t id);
void mqtt_put_disconnect(struct mw_buf *b);

struct mqtt_packet {
    enum mqtt_type type;
    unsigned flags;
    struct mw_str body; /* behind the remaining length */
};

/* The first packet of a stream. Returns its whole length, 0 when it is not complete yet, -1 when it is no MQTT. */
ssize_t mqtt_next(struct mw_str stream, struct mqtt_packet *out);

struct mqtt_message {
    struct mw_str topic, payload;
    int qos;
    uint16_t id; /* of QoS 1 and 2 */
};
/* MW_EINVAL: cut short. */
MW_MUST_CHECK enum mw_err mqtt_read_publish(const struct mqtt_packet *packet, int version, struct mqtt_message *out);
/* The reason code of a CONNACK or the first one of a SUBACK; -1 when there is none. */
int mqtt_reason(const struct mqtt_packet *packet, int version);

#endif
