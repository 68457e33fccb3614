#include "mw/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* RFC 4648 section 10, and bytes that use the two letters in which the alphabets differ. */
static const struct {
    struct mw_str raw;
    const char *padded, *url;
} vectors[] = {
    {{"", 0}, "", ""},
    {{"f", 1}, "Zg==", "Zg"},
    {{"fo", 2}, "Zm8=", "Zm8"},
    {{"foo", 3}, "Zm9v", "Zm9v"},
    {{"foob", 4}, "Zm9vYg==", "Zm9vYg"},
    {{"fooba", 5}, "Zm9vYmE=", "Zm9vYmE"},
    {{"foobar", 6}, "Zm9vYmFy", "Zm9vYmFy"},
    {{"\xfb\xff\xbf", 3}, "+/+/", "-_-_"},
    {{"\0\0", 2}, "AAA=", "AAA"},
    {{"\xff", 1}, "/w==", "_w"},
};

typedef enum mw_err decode_fn(struct mw_str text, uint8_t *out, size_t cap, size_t *len);

static void expect_decoded(decode_fn *decode, const char *text, struct mw_str raw) {
    uint8_t out[16];
    size_t len = 99;
    if (decode(mw_cstr(text), out, raw.len, &len) != MW_OK || len != raw.len || memcmp(out, raw.ptr, len) != 0)
        fail_msg("'%s' not decoded", text);
}

static void base64__vectors__both_ways(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        char mem[32];
        struct mw_buf b = mw_buf_over(mem, sizeof mem);
        mw_base64_put(&b, vectors[i].raw);
        assert_int_equal(b.len, MW_BASE64_LEN(vectors[i].raw.len));
        assert_string_equal(mw_buf_cstr(&b), vectors[i].padded);
        b = mw_buf_over(mem, sizeof mem);
        mw_base64url_put(&b, vectors[i].raw);
        assert_int_equal(b.len, MW_BASE64URL_LEN(vectors[i].raw.len));
        assert_string_equal(mw_buf_cstr(&b), vectors[i].url);
        expect_decoded(mw_base64_decode, vectors[i].padded, vectors[i].raw);
        expect_decoded(mw_base64url_decode, vectors[i].url, vectors[i].raw);
    }
}

static void base64__all_bytes__survive(void **state) {
    (void)state;
    uint8_t raw[256], back[256];
    char mem[MW_BASE64_LEN(256)];
    for (size_t i = 0; i < sizeof raw; i++)
        raw[i] = (uint8_t)(i * 167 + 13);
    for (size_t n = 0; n <= sizeof raw; n++) {
        size_t len = 999;
        struct mw_buf b = mw_buf_over(mem, sizeof mem);
        mw_base64_put(&b, mw_bytes(raw, n));
        assert_int_equal(mw_base64_decode(mw_buf_str(&b), back, n, &len), MW_OK);
        assert_int_equal(len, n);
        assert_memory_equal(back, raw, n);
        b = mw_buf_over(mem, sizeof mem);
        mw_base64url_put(&b, mw_bytes(raw, n));
        assert_int_equal(mw_base64url_decode(mw_buf_str(&b), back, n, &len), MW_OK);
        assert_int_equal(len, n);
        assert_memory_equal(back, raw, n);
    }
}

static void base64__bad_text__refused(void **state) {
    (void)state;
    static const struct {
        const char *name;
        decode_fn *decode;
        struct mw_str text;
    } rows[] = {
        {"absent", mw_base64_decode, {NULL, 0}},
        {"absent, url", mw_base64url_decode, {NULL, 0}},
        {"padding missing", mw_base64_decode, {"Zg", 2}},
        {"half the padding", mw_base64_decode, {"Zg=", 3}},
        {"too much padding", mw_base64_decode, {"Zm9v====", 8}},
        {"padding alone", mw_base64_decode, {"====", 4}},
        {"three pads", mw_base64_decode, {"Z===", 4}},
        {"padding inside", mw_base64_decode, {"Zg==Zg==", 8}},
        {"pad before a letter", mw_base64_decode, {"Zg=v", 4}},
        {"one letter over", mw_base64_decode, {"Zm9vY", 5}},
        {"bits behind one byte", mw_base64_decode, {"Zh==", 4}},
        {"bits behind two bytes", mw_base64_decode, {"Zm9=", 4}},
        {"blank", mw_base64_decode, {"Zm 9", 4}},
        {"newline behind", mw_base64_decode, {"Zm9v\n", 5}},
        {"newline inside", mw_base64_decode, {"Zm9\nZm8=", 8}},
        {"url's letters", mw_base64_decode, {"-_-_", 4}},
        {"high byte", mw_base64_decode, {"Zm9\xff", 4}},
        {"NUL", mw_base64_decode, {"Zm9\0", 4}},
        {"padding in url", mw_base64url_decode, {"Zg==", 4}},
        {"pad in url", mw_base64url_decode, {"Zm8=", 4}},
        {"one letter over, url", mw_base64url_decode, {"Zm9vY", 5}},
        {"bits behind one byte, url", mw_base64url_decode, {"Zh", 2}},
        {"bits behind two bytes, url", mw_base64url_decode, {"Zm9", 3}},
        {"standard's plus", mw_base64url_decode, {"+-_-", 4}},
        {"standard's slash", mw_base64url_decode, {"_-_/", 4}},
        {"standard's slash in the tail", mw_base64url_decode, {"Zm9v/w", 6}},
        {"dot", mw_base64url_decode, {"Zm.9", 4}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t out[32];
        size_t len = 99;
        const enum mw_err err = rows[i].decode(rows[i].text, out, sizeof out, &len);
        if (err != MW_EINVAL || len != 99) fail_msg("%s: %s", rows[i].name, mw_err_text(err));
    }
}

static void base64__more_than_cap__too_big(void **state) {
    (void)state;
    uint8_t out[8];
    memset(out, '#', sizeof out);
    size_t len = 99;
    assert_int_equal(mw_base64_decode(MW_STR("Zm9vYmE="), out, 4, &len), MW_ETOOBIG);
    assert_int_equal(mw_base64url_decode(MW_STR("Zm9vYg"), out, 3, &len), MW_ETOOBIG);
    assert_int_equal(len, 99);
    assert_int_equal(mw_base64_decode(MW_STR("Zm9vYmE="), out, 5, &len), MW_OK);
    assert_memory_equal(out, "fooba###", 8);
}

static void base64__put_without_room__takes_nothing(void **state) {
    (void)state;
    char mem[8];
    struct mw_buf b = mw_buf_over(mem, 7);
    mw_base64_put(&b, MW_STR("fooba"));
    assert_true(b.overflow);
    assert_int_equal(b.len, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64__vectors__both_ways),
        cmocka_unit_test(base64__all_bytes__survive),
        cmocka_unit_test(base64__bad_text__refused),
        cmocka_unit_test(base64__more_than_cap__too_big),
        cmocka_unit_test(base64__put_without_room__takes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
