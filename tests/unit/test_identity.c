#include "mw/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define UID "abcdefghijklmnop"
#define SID "abcdefghijklmnopqrstuvwxyz"

struct shape_row {
    const char *name;
    struct mw_str s;
    bool want;
};

static void check_shapes(const struct shape_row *rows, size_t count, bool (*is)(struct mw_str s)) {
    for (size_t i = 0; i < count; i++)
        if (is(rows[i].s) != rows[i].want) fail_msg("%s", rows[i].name);
}

static void identity__uid_and_sid__length_tells_them_apart(void **state) {
    (void)state;
    assert_true(mw_is_uid(MW_STR(UID)));
    assert_false(mw_is_uid(MW_STR(SID)));
    assert_true(mw_is_sid(MW_STR(SID)));
    assert_false(mw_is_sid(MW_STR(UID)));
    assert_false(mw_is_uid(MW_STR("ABCDEFGHIJKLMNOP")));
    assert_false(mw_is_uid(mw_cstr(NULL)));
}

static void identity__appid__shape(void **state) {
    (void)state;
    static const struct shape_row rows[] = {
        {"usual", {"wx4f4bc4dec97d474b", 18}, true},
        {"shortest", {"wx0", 3}, true},
        {"longest", {"wx456789012345678901234567890123", 32}, true},
        {"too long", {"wx4567890123456789012345678901234", 33}, false},
        {"prefix alone", {"wx", 2}, false},
        {"other prefix", {"xw4f4b", 6}, false},
        {"upper case", {"wx4F4B", 6}, false},
        {"colon", {"wx4f:b", 6}, false},
        {"empty", {"", 0}, false},
        {"absent", {NULL, 0}, false},
    };
    check_shapes(rows, sizeof rows / sizeof rows[0], mw_is_appid);
}

#define TEN                                                                                                            \
    "\xe4\xbd\xa0\xe4\xbd\xa0\xe4\xbd\xa0\xe4\xbd\xa0\xe4\xbd\xa0\xe4\xbd\xa0\xe4\xbd\xa0\xe4\xbd\xa0\xe4\xbd\xa0\xe4" \
    "\xbd\xa0"
#define EIGHT_FACES                                                                                                    \
    "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80" \
    "\xf0\x9f\x98\x80"

static void identity__nick__characters_and_controls(void **state) {
    (void)state;
    static const struct shape_row rows[] = {
        {"one letter", {"a", 1}, true},
        {"quotes and blanks", {" \"a\\ ", 5}, true},
        {"32 characters", {TEN TEN TEN "ab", 92}, true},
        {"33 characters", {TEN TEN TEN "abc", 93}, false},
        {"32 of four bytes", {EIGHT_FACES EIGHT_FACES EIGHT_FACES EIGHT_FACES, 128}, true},
        {"over 128 bytes", {EIGHT_FACES EIGHT_FACES EIGHT_FACES EIGHT_FACES "a", 129}, false},
        {"empty", {"", 0}, false},
        {"absent", {NULL, 0}, false},
        {"newline", {"a\nb", 3}, false},
        {"NUL", {"a\0b", 3}, false},
        {"C1 control", {"a\xc2\x85", 3}, false},
        {"invalid UTF-8", {"a\xff", 2}, false},
    };
    check_shapes(rows, sizeof rows / sizeof rows[0], mw_is_nick);
}

static void identity__avatar__shape(void **state) {
    (void)state;
    static const struct shape_row rows[] = {
        {"https", {"https://a.b/c?d=e&f#g", 21}, true},
        {"http", {"http://a", 8}, true},
        {"scheme alone", {"https://", 8}, false},
        {"other scheme", {"ftp://a.b", 9}, false},
        {"script", {"javascript:alert(1)", 19}, false},
        {"upper-case scheme", {"HTTPS://a.b", 11}, false},
        {"double quote", {"https://a\"b", 11}, false},
        {"single quote", {"https://a'b", 11}, false},
        {"backslash", {"https://a\\b", 11}, false},
        {"less than", {"https://a<b", 11}, false},
        {"greater than", {"https://a>b", 11}, false},
        {"blank", {"https://a b", 11}, false},
        {"newline", {"https://a\nb", 11}, false},
        {"NUL", {"https://a\0b", 11}, false},
        {"DEL", {"https://a\x7f", 10}, false},
        {"not ASCII", {"https://a\xe4\xbd\xa0", 12}, false},
        {"empty", {"", 0}, false},
        {"absent", {NULL, 0}, false},
    };
    check_shapes(rows, sizeof rows / sizeof rows[0], mw_is_avatar_url);
    char url[MW_AVATAR_MAX + 1];
    memset(url, 'a', sizeof url);
    memcpy(url, "https://", 8);
    assert_true(mw_is_avatar_url(mw_bytes(url, MW_AVATAR_MAX)));
    assert_false(mw_is_avatar_url(mw_bytes(url, MW_AVATAR_MAX + 1)));
}

static void identity__new_sid__fresh_each_time(void **state) {
    (void)state;
    char a[MW_SID_LEN + 1], b[MW_SID_LEN + 1];
    assert_int_equal(mw_sid_new(a), MW_OK);
    assert_int_equal(mw_sid_new(b), MW_OK);
    assert_true(mw_is_sid(mw_cstr(a)));
    assert_true(mw_is_sid(mw_cstr(b)));
    assert_string_not_equal(a, b);
}

/* Both computed apart from this code, by RFC 5869 over a plain HMAC. */
static const uint8_t secret[MW_SECRET_KEY_LEN] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                                  16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
static const uint8_t uid_key[32] = {0x4c, 0xf2, 0xd3, 0x84, 0xdd, 0xf0, 0xd5, 0x08, 0xf1, 0xde, 0x6f,
                                    0x0c, 0xbe, 0x12, 0x29, 0xe4, 0xdd, 0xbf, 0x23, 0xca, 0x98, 0x2e,
                                    0x9f, 0xb5, 0xc7, 0x1d, 0xa0, 0x23, 0xb5, 0xa5, 0x07, 0x39};
static const uint8_t at_rest_key[32] = {0x3e, 0x45, 0x91, 0xed, 0x22, 0x4a, 0xef, 0x6a, 0x13, 0x96, 0x32,
                                        0x79, 0x0d, 0x36, 0x2a, 0x25, 0x14, 0x8b, 0xc8, 0xbe, 0xdf, 0x52,
                                        0xa4, 0xbd, 0x25, 0xaf, 0x2e, 0xdc, 0x9a, 0x2b, 0xeb, 0x0a};

static void identity__derived_keys__known_answers(void **state) {
    (void)state;
    uint8_t out[32];
    assert_int_equal(mw_derive_key(secret, MW_KEY_UID, out), MW_OK);
    assert_memory_equal(out, uid_key, sizeof out);
    assert_int_equal(mw_derive_key(secret, MW_KEY_AT_REST, out), MW_OK);
    assert_memory_equal(out, at_rest_key, sizeof out);
    assert_int_equal(mw_derive_key(secret, (enum mw_key_purpose)2, out), MW_EINVAL);
}

static void identity__uid__known_answer(void **state) {
    (void)state;
    char uid[MW_UID_LEN + 1];
    assert_int_equal(mw_uid_derive(uid_key, MW_STR("wx4f4bc4dec97d474b"), MW_STR("oGZUI0egBJY1zhBYw2KhdUfwVJJE"), uid),
                     MW_OK);
    assert_string_equal(uid, "kdtlqdwqcfd6qom5");
}

static void identity__uid_of_bad_input__refused(void **state) {
    (void)state;
    char uid[MW_UID_LEN + 1] = "untouched", openid[MW_OPENID_MAX + 1];
    memset(openid, 'o', sizeof openid);
    assert_int_equal(mw_uid_derive(uid_key, MW_STR("4f4b"), MW_STR("o1"), uid), MW_EINVAL);
    assert_int_equal(mw_uid_derive(uid_key, MW_STR("wx1"), MW_STR(""), uid), MW_EINVAL);
    assert_int_equal(mw_uid_derive(uid_key, MW_STR("wx1"), mw_cstr(NULL), uid), MW_EINVAL);
    assert_int_equal(mw_uid_derive(uid_key, MW_STR("wx1"), mw_bytes(openid, sizeof openid), uid), MW_EINVAL);
    assert_string_equal(uid, "untouched");
    assert_int_equal(mw_uid_derive(uid_key, MW_STR("wx1"), mw_bytes(openid, MW_OPENID_MAX), uid), MW_OK);
}

static void identity__client_id__belongs_to_the_owner(void **state) {
    (void)state;
    static const struct {
        const char *id;
        bool want;
    } rows[] = {
        {UID, true},
        {SID, true},
        {UID "-1", true},
        {UID "-phone_A-2", true},
        {UID "--", true},
        {SID "-x", true},
        {UID "-12345678901234567890123456789012", true},
        {UID "-123456789012345678901234567890123", false},
        {UID "-", false},
        {UID "x", false},
        {UID "_x", false},
        {UID "-a b", false},
        {UID "-a/b", false},
        {UID "-a+", false},
        {UID "-a\xe4\xbd\xa0", false},
        {"bbcdefghijklmnop", false},
        {"bbcdefghijklmnop-1", false},
        {"abcdefghijklmno", false},
        {"x" UID, false},
        {"", false},
        {NULL, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (mw_client_id_fits(mw_cstr(rows[i].id), MW_STR(UID), MW_STR(SID)) != rows[i].want)
            fail_msg("'%s'", rows[i].id);
    assert_false(mw_client_id_fits(mw_bytes(UID "-a\0", 19), MW_STR(UID), MW_STR(SID)));
    assert_false(mw_client_id_fits(MW_STR("-a"), MW_STR(""), mw_cstr(NULL)));
}

static void identity__username__uid_or_sid(void **state) {
    (void)state;
    assert_true(mw_username_fits(MW_STR(UID), MW_STR(UID), MW_STR(SID)));
    assert_true(mw_username_fits(MW_STR(SID), MW_STR(UID), MW_STR(SID)));
    assert_false(mw_username_fits(MW_STR(UID "-1"), MW_STR(UID), MW_STR(SID)));
    assert_false(mw_username_fits(MW_STR("bbcdefghijklmnop"), MW_STR(UID), MW_STR(SID)));
    assert_false(mw_username_fits(mw_cstr(NULL), MW_STR(UID), MW_STR(SID)));
    assert_false(mw_username_fits(mw_cstr(NULL), mw_cstr(NULL), mw_cstr(NULL)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity__uid_and_sid__length_tells_them_apart),
        cmocka_unit_test(identity__appid__shape),
        cmocka_unit_test(identity__nick__characters_and_controls),
        cmocka_unit_test(identity__avatar__shape),
        cmocka_unit_test(identity__new_sid__fresh_each_time),
        cmocka_unit_test(identity__derived_keys__known_answers),
        cmocka_unit_test(identity__uid__known_answer),
        cmocka_unit_test(identity__uid_of_bad_input__refused),
        cmocka_unit_test(identity__client_id__belongs_to_the_owner),
        cmocka_unit_test(identity__username__uid_or_sid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
