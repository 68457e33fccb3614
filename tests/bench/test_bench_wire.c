/* The generator's own codecs: a stream cut anywhere reads the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "latency.h"
#include "mqtt_wire.h"
#include "payload.h"
#include "ws_wire.h"

static void payload__behind_any_prefix__reads_back(void **state) {
    (void)state;
    char text[512];
    for (size_t len = PAYLOAD_MIN; len < 200; len++) {
        struct mw_buf b = mw_buf_over(text, sizeof text);
        mw_buf_put(&b, MW_STR("{\"id\":\"1\","));
        size_t prefix = b.len;
        uint64_t sent_ns = 0;
        uint32_t sender = 0;
        payload_put(&b, len, 123456789012345, 77);
        assert_int_equal(b.len - prefix, len);
        assert_true(payload_read(mw_buf_str(&b), &sent_ns, &sender));
        assert_int_equal(sent_ns, 123456789012345);
        assert_int_equal(sender, 77);
    }
    uint64_t sent_ns = 5;
    uint32_t sender = 5;
    assert_false(payload_read(MW_STR("{\"type\":\"system\",\"history\":\"end\"}"), &sent_ns, &sender));
    assert_false(payload_read(MW_STR(""), &sent_ns, &sender));
    assert_int_equal(sender, 5);
}

static void publish__both_versions__reads_back_and_waits_when_cut(void **state) {
    (void)state;
    for (int version = MQTT_V311; version <= MQTT_V5; version++)
        for (int qos = 0; qos <= 1; qos++) {
            char bytes[512], payload[200];
            struct mw_buf b = mw_buf_over(bytes, sizeof bytes);
            struct mqtt_packet packet;
            struct mqtt_message message;
            memset(payload, 'p', sizeof payload);
            mqtt_put_publish(&b, version, MW_STR("room/x"), qos, 300, mw_bytes(payload, sizeof payload));
            for (size_t cut = 0; cut < b.len; cut++)
                assert_int_equal(mqtt_next(mw_bytes(bytes, cut), &packet), 0);
            assert_int_equal(mqtt_next(mw_bytes(bytes, b.len), &packet), b.len);
            assert_int_equal(mqtt_read_publish(&packet, version, &message), MW_OK);
            assert_true(mw_str_eq(message.topic, MW_STR("room/x")));
            assert_int_equal(message.payload.len, sizeof payload);
            assert_int_equal(message.qos, qos);
            if (qos > 0) assert_int_equal(message.id, 300);
        }
    struct mqtt_packet packet;
    assert_int_equal(mqtt_next(MW_STR("\x30\xff\xff\xff\xff\x01"), &packet), -1);
}

/* Two data frames around a ping, of all three length forms. */
static size_t server_stream(uint8_t *out, size_t big) {
    size_t n = 0;
    const uint8_t small[] = {0x82, 3, 'a', 'b', 'c', 0x89, 2, 'p', 'i', 0x82, 126, 0, 200};
    memcpy(out, small, sizeof small);
    n += sizeof small;
    memset(out + n, 'm', 200);
    n += 200;
    const uint8_t head[] = {0x82, 127, 0, 0, 0, 0, 0, (uint8_t)(big >> 16), (uint8_t)(big >> 8), (uint8_t)big};
    memcpy(out + n, head, sizeof head);
    n += sizeof head;
    memset(out + n, 'l', big);
    return n + big;
}

static void unframe__stream_in_pieces_of_any_size__same_payload(void **state) {
    (void)state;
    static uint8_t stream[80000], piece[80000], got[80000];
    const size_t big = 70000, len = server_stream(stream, big);
    static const size_t sizes[] = {1, 2, 3, 7, 13, 211, 4096, 80000};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        struct ws_in in = {0};
        size_t out = 0;
        for (size_t at = 0; at < len; at += sizes[s]) {
            size_t n = len - at < sizes[s] ? len - at : sizes[s];
            memcpy(piece, stream + at, n);
            ssize_t payload = ws_unframe(&in, piece, n);
            if (payload < 0) fail_msg("pieces of %zu: refused at %zu", sizes[s], at);
            memcpy(got + out, piece, (size_t)payload);
            out += (size_t)payload;
        }
        if (out != 3 + 200 + big || memcmp(got, "abcmm", 5) != 0 || got[out - 1] != 'l')
            fail_msg("pieces of %zu: %zu bytes came out", sizes[s], out);
    }
    struct ws_in in = {0};
    uint8_t masked[] = {0x82, 0x81, 1, 2, 3, 4, 'x'};
    assert_int_equal(ws_unframe(&in, masked, sizeof masked), -1);
}

static void frame__masked__unmasks_to_the_payload(void **state) {
    (void)state;
    char bytes[400], payload[300];
    memset(payload, 'z', sizeof payload);
    struct mw_buf b = mw_buf_over(bytes, sizeof bytes);
    ws_put_frame(&b, mw_bytes(payload, sizeof payload), 0x04030201);
    assert_int_equal(b.len, 4 + 4 + sizeof payload);
    assert_int_equal((unsigned char)bytes[0], 0x82);
    assert_int_equal((unsigned char)bytes[1], 0x80 | 126);
    for (size_t i = 0; i < sizeof payload; i++)
        assert_int_equal(bytes[8 + i] ^ bytes[4 + i % 4], 'z');
}

static void percentile__known_values__within_a_bucket(void **state) {
    (void)state;
    static struct latency l;
    assert_int_equal(latency_percentile(&l, 50), 0);
    for (int64_t us = 1; us <= 10000; us++)
        latency_add(&l, us);
    static const struct {
        double percent;
        uint64_t want;
    } rows[] = {{50, 5000}, {95, 9500}, {99, 9900}, {100, 10000}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t got = latency_percentile(&l, rows[i].percent);
        if (got > rows[i].want || got < rows[i].want - rows[i].want / 30)
            fail_msg("row %zu: %llu", i, (unsigned long long)got);
    }
    assert_int_equal(l.max_us, 10000);
    latency_add(&l, INT64_MAX);
    latency_add(&l, -5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payload__behind_any_prefix__reads_back),
        cmocka_unit_test(publish__both_versions__reads_back_and_waits_when_cut),
        cmocka_unit_test(unframe__stream_in_pieces_of_any_size__same_payload),
        cmocka_unit_test(frame__masked__unmasks_to_the_payload),
        cmocka_unit_test(percentile__known_values__within_a_bucket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
