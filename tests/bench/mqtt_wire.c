#include "mqtt_wire.h"

#define KEEPALIVE_S 3600 /* longer than any run: no pings among what is measured */

static void put_u16(struct mw_buf *b, size_t v) {
    mw_buf_putc(b, (char)(uint8_t)(v >> 8));
    mw_buf_putc(b, (char)(uint8_t)v);
}

static void put_text(struct mw_buf *b, struct mw_str s) {
    put_u16(b, s.len);
    mw_buf_put(b, s);
}

static void put_header(struct mw_buf *b, unsigned first, size_t remaining) {
    mw_buf_putc(b, (char)(uint8_t)first);
    do {
        unsigned digit = remaining & 127;
        remaining >>= 7;
        mw_buf_putc(b, (char)(uint8_t)(digit | (remaining ? 128U : 0U)));
    } while (remaining);
}

/* An empty property list, where the version has one. */
static size_t properties_len(int version) {
    return version >= MQTT_V5 ? 1 : 0;
}
static void put_properties(struct mw_buf *b, int version) {
    if (version >= MQTT_V5) mw_buf_putc(b, 0);
}

void mqtt_put_connect(struct mw_buf *b, int version, const struct mqtt_login *login) {
    size_t remaining = 10 + properties_len(version) + 2 + login->client_id.len;
    unsigned flags = 0x02; /* a clean start */
    if (login->username.ptr) {
        remaining += 2 + login->username.len;
        flags |= 0x80;
    }
    if (login->password.ptr) {
        remaining += 2 + login->password.len;
        flags |= 0x40;
    }
    put_header(b, MQTT_CONNECT << 4, remaining);
    put_text(b, MW_STR("MQTT"));
    mw_buf_putc(b, (char)version);
    mw_buf_putc(b, (char)(uint8_t)flags);
    put_u16(b, KEEPALIVE_S);
    put_properties(b, version);
    put_text(b, login->client_id);
    if (login->username.ptr) put_text(b, login->username);
    if (login->password.ptr) put_text(b, login->password);
}

void mqtt_put_subscribe(struct mw_buf *b, int version, uint16_t id, struct mw_str filter, int qos) {
    put_header(b, MQTT_SUBSCRIBE << 4 | 2, 2 + properties_len(version) + 2 + filter.len + 1);
    put_u16(b, id);
    put_properties(b, version);
    put_text(b, filter);
    mw_buf_putc(b, (char)qos);
}

void mqtt_put_publish(struct mw_buf *b, int version, struct mw_str topic, int qos, uint16_t id, struct mw_str payload) {
    size_t remaining = 2 + topic.len + (qos > 0 ? 2 : 0) + properties_len(version) + payload.len;
    put_header(b, MQTT_PUBLISH << 4 | (unsigned)qos << 1, remaining);
    put_text(b, topic);
    if (qos > 0) put_u16(b, id);
    put_properties(b, version);
    mw_buf_put(b, payload);
}

void mqtt_put_puback(struct mw_buf *b, uint16_t id) {
    put_header(b, MQTT_PUBACK << 4, 2);
    put_u16(b, id);
}

void mqtt_put_disconnect(struct mw_buf *b) {
    put_header(b, MQTT_DISCONNECT << 4, 0);
}

/* A variable byte integer at s. Returns its length, 0: cut, -1: longer than four bytes. */
static int read_varint(struct mw_str s, size_t *out) {
    size_t value = 0;
    for (int i = 0; i < 4; i++) {
        if (!s.ptr || (size_t)i >= s.len) return 0;
        unsigned byte = (unsigned char)s.ptr[i];
        value |= (size_t)(byte & 127U) << (7 * i);
        if (byte < 128) {
            *out = value;
            return i + 1;
        }
    }
    return -1;
}

static size_t read_u16(struct mw_str s) {
    return (size_t)(unsigned char)s.ptr[0] << 8 | (unsigned char)s.ptr[1];
}

ssize_t mqtt_next(struct mw_str stream, struct mqtt_packet *out) {
    size_t remaining = 0;
    if (stream.len < 2) return 0;
    int digits = read_varint(mw_str_skip(stream, 1), &remaining);
    if (digits <= 0) return digits;
    size_t head = 1 + (size_t)digits;
    if (stream.len - head < remaining) return 0;
    unsigned first = (unsigned char)stream.ptr[0];
    out->type = (enum mqtt_type)(first >> 4);
    out->flags = first & 15;
    out->body = mw_bytes(stream.ptr + head, remaining);
    return (ssize_t)(head + remaining);
}

enum mw_err mqtt_read_publish(const struct mqtt_packet *packet, int version, struct mqtt_message *out) {
    struct mw_str rest = packet->body;
    struct mqtt_message m = {.qos = (int)(packet->flags >> 1 & 3)};
    if (rest.len < 2) return MW_EINVAL;
    size_t topic_len = read_u16(rest);
    rest = mw_str_skip(rest, 2);
    if (rest.len < topic_len) return MW_EINVAL;
    m.topic = mw_bytes(rest.ptr, topic_len);
    rest = mw_str_skip(rest, topic_len);
    if (m.qos > 0) {
        if (rest.len < 2) return MW_EINVAL;
        m.id = (uint16_t)read_u16(rest);
        rest = mw_str_skip(rest, 2);
    }
    if (version >= MQTT_V5) {
        size_t properties = 0;
        int digits = read_varint(rest, &properties);
        if (digits <= 0 || rest.len - (size_t)digits < properties) return MW_EINVAL;
        rest = mw_str_skip(rest, (size_t)digits + properties);
    }
    m.payload = rest;
    *out = m;
    return MW_OK;
}

int mqtt_reason(const struct mqtt_packet *packet, int version) {
    size_t at = packet->type == MQTT_CONNACK ? 1 : 2;
    if (packet->type == MQTT_SUBACK && version >= MQTT_V5) {
        size_t properties = 0;
        int digits = read_varint(mw_str_skip(packet->body, at), &properties);
        if (digits <= 0) return -1;
        at += (size_t)digits + properties;
    }
    return at < packet->body.len ? (int)(unsigned char)packet->body.ptr[at] : -1;
}
