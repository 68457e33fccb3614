#include "mw/jwks.h"

#include "mw/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define K32 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define KEY(members) "{\"keys\":[{" members "}]}"
#define OCT "\"kty\":\"oct\",\"kid\":\"k1\",\"k\":\"" K32 "\""

static void jwks__good_sets__read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t count;
    } rows[] = {
        {KEY(OCT), 1},
        {KEY(OCT ",\"alg\":\"HS256\",\"use\":\"sig\",\"key_ops\":[\"sign\",\"verify\"]"), 1},
        {KEY(OCT ",\"key_ops\":[],\"x5t\":[1,{}],\"iat\":1"), 1},
        {"{\"keys\":[{" OCT "},{\"kty\":\"oct\",\"kid\":\"K1\",\"k\":\"" K32 "\"}],\"other\":{}}", 2},
        {" {\"keys\" : [ { \"kid\":\"~!#$%&()*+,-./:;<=>?@[]^_`{|}\",\"kty\":\"oct\",\"k\":\"" K32 "\" } ] }\n", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_keyset set = {0};
        const char *why = "";
        if (mw_jwks_parse(mw_cstr(rows[i].text), &set, &why) != MW_OK) fail_msg("row %zu: %s", i, why);
        assert_int_equal(set.count, rows[i].count);
        assert_int_equal(set.keys[0].k_len, 32);
        for (size_t k = 0; k < 32; k++)
            assert_int_equal(set.keys[0].k[k], k);
        assert_true(set.keys[0].hs256.ready);
    }
}

static void jwks__bad_sets__refused_with_the_reason(void **state) {
    (void)state;
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", "the text ends too early"},
        {"[]", "not an object"},
        {"{}", "no array \"keys\""},
        {"{\"Keys\":[{" OCT "}]}", "no array \"keys\""},
        {"{\"keys\":{" OCT "}}", "no array \"keys\""},
        {"{\"keys\":[]}", "no key in it"},
        {"{\"keys\":[1]}", "a key is not an object"},
        {KEY("\"kid\":\"k1\",\"k\":\"" K32 "\""), "a key's kty is not \"oct\""},
        {KEY("\"kty\":\"RSA\",\"kid\":\"k1\",\"k\":\"" K32 "\""), "a key's kty is not \"oct\""},
        {KEY("\"kty\":\"OCT\",\"kid\":\"k1\",\"k\":\"" K32 "\""), "a key's kty is not \"oct\""},
        {KEY(OCT ",\"alg\":\"HS512\""), "a key's alg is not \"HS256\""},
        {KEY(OCT ",\"alg\":\"none\""), "a key's alg is not \"HS256\""},
        {KEY(OCT ",\"alg\":null"), "a key's alg is not \"HS256\""},
        {KEY(OCT ",\"use\":\"enc\""), "a key's use is not \"sig\""},
        {KEY(OCT ",\"key_ops\":\"sign\""), "a key's key_ops are not of \"sign\" and \"verify\""},
        {KEY(OCT ",\"key_ops\":[\"sign\",\"encrypt\"]"), "a key's key_ops are not of \"sign\" and \"verify\""},
        {KEY("\"kty\":\"oct\",\"k\":\"" K32 "\""),
         "a key's kid is not 1 to 64 printable ASCII characters without blanks, quotes and backslash"},
        {KEY("\"kty\":\"oct\",\"kid\":\"\",\"k\":\"" K32 "\""),
         "a key's kid is not 1 to 64 printable ASCII characters without blanks, quotes and backslash"},
        {KEY("\"kty\":\"oct\",\"kid\":\"a b\",\"k\":\"" K32 "\""),
         "a key's kid is not 1 to 64 printable ASCII characters without blanks, quotes and backslash"},
        {KEY("\"kty\":\"oct\",\"kid\":7,\"k\":\"" K32 "\""),
         "a key's kid is not 1 to 64 printable ASCII characters without blanks, quotes and backslash"},
        {KEY("\"kty\":\"oct\",\"kid\":\"k1\""), "a key has no k"},
        {KEY("\"kty\":\"oct\",\"kid\":\"k1\",\"k\":5"), "a key has no k"},
        {KEY("\"kty\":\"oct\",\"kid\":\"k1\",\"k\":\"\""), "a key's k is shorter than 32 bytes"},
        {KEY("\"kty\":\"oct\",\"kid\":\"k1\",\"k\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg\""),
         "a key's k is shorter than 32 bytes"},
        {KEY("\"kty\":\"oct\",\"kid\":\"k1\",\"k\":\"" K32 "=\""), "a key's k is not base64url without padding"},
        {KEY("\"kty\":\"oct\",\"kid\":\"k1\",\"k\":\"" K32 "+\""), "a key's k is not base64url without padding"},
        {KEY("\"kty\":\"oct\",\"kid\":\"k1\",\"k\":\"" K32 K32 K32 K32 "\""), "a key's k is longer than 128 bytes"},
        {"{\"keys\":[{" OCT "},{" OCT "}]}", "two keys of one kid"},
        {"{\"keys\":[{" OCT ",\"k\":\"" K32 "\"}]}", "two members of one name"},
        {KEY(OCT) "x", "text behind the value"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_keyset set, before;
        const char *why = "nothing said";
        memset(&set, 0x5a, sizeof set);
        before = set;
        const enum mw_err err = mw_jwks_parse(mw_cstr(rows[i].text), &set, &why);
        if (err != MW_EINVAL || strcmp(why, rows[i].why) != 0) fail_msg("row %zu: %s, %s", i, mw_err_text(err), why);
        if (memcmp(&set, &before, sizeof set) != 0) fail_msg("row %zu: out was touched", i);
    }
}

static void jwks__kid__shape(void **state) {
    (void)state;
    char kid[MW_KID_MAX + 1];
    memset(kid, 'k', sizeof kid);
    assert_true(mw_is_kid(mw_bytes(kid, MW_KID_MAX)));
    assert_false(mw_is_kid(mw_bytes(kid, MW_KID_MAX + 1)));
    static const struct mw_str bad[] = {{NULL, 0},  {"", 0},    {"a b", 3},  {"a\"", 2},   {"a'", 2},
                                        {"a\\", 2}, {"a\n", 2}, {"a\0b", 3}, {"a\x7f", 2}, {"\xe4\xbd\xa0", 3}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (mw_is_kid(bad[i])) fail_msg("row %zu", i);
}

/* Sets of `count` different keys; NULL-terminated text in out. */
static void put_set(char *out, size_t cap, int count) {
    int at = snprintf(out, cap, "{\"keys\":[");
    for (int i = 0; i < count; i++)
        at += snprintf(out + at, cap - (size_t)at, "%s{\"kty\":\"oct\",\"kid\":\"k%d\",\"k\":\"" K32 "\"}",
                       i ? "," : "", i);
    snprintf(out + at, cap - (size_t)at, "]}");
}

static void jwks__number_of_keys__at_most_sixteen(void **state) {
    (void)state;
    char text[4096];
    struct mw_keyset set = {0};
    const char *why = "";
    put_set(text, sizeof text, MW_KEYS_MAX);
    assert_int_equal(mw_jwks_parse(mw_cstr(text), &set, NULL), MW_OK);
    assert_int_equal(set.count, MW_KEYS_MAX);
    assert_ptr_equal(mw_keyset_find(&set, MW_STR("k15")), &set.keys[15]);
    assert_null(mw_keyset_find(&set, MW_STR("k16")));
    assert_null(mw_keyset_find(&set, MW_STR("k")));
    assert_null(mw_keyset_find(&set, MW_STR("K1")));
    assert_null(mw_keyset_find(&set, MW_STR("")));
    assert_null(mw_keyset_find(&set, mw_cstr(NULL)));
    put_set(text, sizeof text, MW_KEYS_MAX + 1);
    assert_int_equal(mw_jwks_parse(mw_cstr(text), &set, &why), MW_EINVAL);
    assert_string_equal(why, "more than 16 keys");
}

static void jwks__huge_text__too_big(void **state) {
    (void)state;
    static char text[MW_JWKS_TEXT_MAX + 1];
    struct mw_keyset set = {0};
    memset(text, ' ', sizeof text);
    memcpy(text, KEY(OCT), sizeof KEY(OCT) - 1);
    assert_int_equal(mw_jwks_parse(mw_bytes(text, sizeof text), &set, NULL), MW_ETOOBIG);
    assert_int_equal(mw_jwks_parse(mw_bytes(text, sizeof text - 1), &set, NULL), MW_OK);
}

static void jwks__generate__random_and_readable(void **state) {
    (void)state;
    char a[512], b[512];
    struct mw_keyset set_a = {0}, set_b = {0};
    assert_int_equal(mw_jwks_generate(MW_STR("k-1"), a, sizeof a), MW_OK);
    assert_int_equal(mw_jwks_generate(MW_STR("k-1"), b, sizeof b), MW_OK);
    assert_int_equal(mw_jwks_parse(mw_cstr(a), &set_a, NULL), MW_OK);
    assert_int_equal(mw_jwks_parse(mw_cstr(b), &set_b, NULL), MW_OK);
    assert_int_equal(set_a.count, 1);
    assert_string_equal(set_a.keys[0].kid, "k-1");
    assert_int_equal(set_a.keys[0].k_len, 32);
    assert_memory_not_equal(set_a.keys[0].k, set_b.keys[0].k, 32);
    assert_int_equal(mw_jwks_generate(MW_STR("k 1"), a, sizeof a), MW_EINVAL);
}

static void jwks__write__reads_back_in_order(void **state) {
    (void)state;
    char text[8192];
    static struct mw_keyset set, back;
    for (set.count = 0; set.count < MW_KEYS_MAX; set.count++) {
        char kid[16];
        snprintf(kid, sizeof kid, "k-%zu", set.count);
        assert_int_equal(mw_key_generate(mw_cstr(kid), &set.keys[set.count]), MW_OK);
    }
    assert_int_equal(mw_jwks_write(&set, text, sizeof text), MW_OK);
    assert_int_equal(mw_jwks_parse(mw_cstr(text), &back, NULL), MW_OK);
    assert_int_equal(back.count, set.count);
    for (size_t i = 0; i < set.count; i++) {
        assert_string_equal(back.keys[i].kid, set.keys[i].kid);
        assert_memory_equal(back.keys[i].k, set.keys[i].k, 32);
    }
}

static void jwks__write__failure_leaves_no_key_behind(void **state) {
    (void)state;
    char text[512];
    struct mw_keyset set = {0};
    assert_int_equal(mw_jwks_write(&set, text, sizeof text), MW_EINVAL);
    set.count = 1;
    assert_int_equal(mw_key_generate(MW_STR("k-1"), &set.keys[0]), MW_OK);
    assert_int_equal(mw_jwks_write(&set, text, 100), MW_ETOOBIG);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(text[i], 0);
    set.keys[0].k_len = 31;
    assert_int_equal(mw_jwks_write(&set, text, sizeof text), MW_EINVAL);
    set.keys[0].k_len = 32;
    set.keys[0].kid[0] = '\0';
    assert_int_equal(mw_jwks_write(&set, text, sizeof text), MW_EINVAL);
}

static void jwks__wipe__leaves_zeros(void **state) {
    (void)state;
    static struct mw_keyset set, zero;
    set.count = 1;
    assert_int_equal(mw_key_generate(MW_STR("k-1"), &set.keys[0]), MW_OK);
    mw_keyset_wipe(&set);
    assert_memory_equal(&set, &zero, sizeof set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jwks__good_sets__read),
        cmocka_unit_test(jwks__bad_sets__refused_with_the_reason),
        cmocka_unit_test(jwks__kid__shape),
        cmocka_unit_test(jwks__number_of_keys__at_most_sixteen),
        cmocka_unit_test(jwks__huge_text__too_big),
        cmocka_unit_test(jwks__generate__random_and_readable),
        cmocka_unit_test(jwks__write__reads_back_in_order),
        cmocka_unit_test(jwks__write__failure_leaves_no_key_behind),
        cmocka_unit_test(jwks__wipe__leaves_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
