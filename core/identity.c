#include "mw/identity.h"

#include "hs256.h"
#include "mw/base32.h"
#include "mw/secret.h"
#include "mw/utf8.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#define UID_BYTES 10
#define SID_BYTES 16
_Static_assert(MW_BASE32_LEN(UID_BYTES) == MW_UID_LEN, "a uid is the base32 of its bytes");
_Static_assert(MW_BASE32_LEN(SID_BYTES) == MW_SID_LEN, "a sid is the base32 of its bytes");

bool mw_is_uid(struct mw_str s) {
    return mw_is_base32(s, MW_UID_LEN);
}

bool mw_is_sid(struct mw_str s) {
    return mw_is_base32(s, MW_SID_LEN);
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

static bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

bool mw_is_appid(struct mw_str s) {
    if (!mw_str_starts(s, MW_STR("wx")) || s.len < 3 || s.len > MW_APPID_MAX) return false;
    for (size_t i = 2; i < s.len; i++)
        if (!is_digit(s.ptr[i]) && !is_lower(s.ptr[i])) return false;
    return true;
}

bool mw_is_nick(struct mw_str s) {
    size_t chars = 0;
    bool controls = false;
    if (s.len > MW_NICK_MAX || !mw_utf8_check(s, &chars, &controls)) return false;
    return chars >= 1 && chars <= MW_NICK_CHARS_MAX && !controls;
}

bool mw_is_avatar_url(struct mw_str s) {
    const struct mw_str schemes[] = {MW_STR("https://"), MW_STR("http://")};
    size_t head = 0;
    if (s.len > MW_AVATAR_MAX) return false;
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (mw_str_starts(s, schemes[i])) head = schemes[i].len;
    if (head == 0 || s.len == head) return false;
    for (size_t i = head; i < s.len; i++) {
        const char c = s.ptr[i];
        if (c <= ' ' || c > '~' || c == '"' || c == '\'' || c == '\\' || c == '<' || c == '>') return false;
    }
    return true;
}

enum mw_err mw_sid_new(char out[static MW_SID_LEN + 1]) {
    uint8_t raw[SID_BYTES];
    const enum mw_err err = mw_random(raw, sizeof raw);
    if (err != MW_OK) return err;
    struct mw_buf b = mw_buf_over(out, MW_SID_LEN + 1);
    mw_base32_put(&b, mw_bytes(raw, sizeof raw));
    return mw_buf_cstr(&b) ? MW_OK : MW_EIO;
}

enum mw_err mw_derive_key(const uint8_t secret[static MW_SECRET_KEY_LEN], enum mw_key_purpose purpose,
                          uint8_t out[static 32]) {
    /* OSSL_PARAM wants writable memory, though it only reads. */
    char infos[][sizeof "mosquitto-wechat at-rest 1"] = {
        [MW_KEY_UID] = "mosquitto-wechat uid 1", [MW_KEY_AT_REST] = "mosquitto-wechat at-rest 1"};
    char digest[] = "SHA256";
    uint8_t key[MW_SECRET_KEY_LEN], derived[32];
    enum mw_err err = MW_EIO;
    EVP_KDF *kdf = NULL;
    EVP_KDF_CTX *ctx = NULL;
    if ((size_t)purpose >= sizeof infos / sizeof infos[0]) return MW_EINVAL;

    memcpy(key, secret, sizeof key);
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key, sizeof key),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, infos[purpose], strlen(infos[purpose])),
        OSSL_PARAM_construct_end()};
    kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    if (kdf) ctx = EVP_KDF_CTX_new(kdf);
    if (ctx && EVP_KDF_derive(ctx, derived, sizeof derived, params) == 1) {
        memcpy(out, derived, sizeof derived);
        err = MW_OK;
    }
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    mw_wipe(derived, sizeof derived);
    mw_wipe(key, sizeof key);
    return err;
}

enum mw_err mw_uid_derive(const uint8_t uid_key[static 32], struct mw_str appid, struct mw_str openid,
                          char out[static MW_UID_LEN + 1]) {
    char text[MW_APPID_MAX + 1 + MW_OPENID_MAX];
    uint8_t mac[HS256_LEN];
    struct mw_key key = {.k_len = 32};
    if (!mw_is_appid(appid) || !openid.ptr || openid.len == 0 || openid.len > MW_OPENID_MAX) return MW_EINVAL;

    struct mw_buf message = mw_buf_over(text, sizeof text);
    mw_buf_put(&message, appid);
    mw_buf_putc(&message, ':');
    mw_buf_put(&message, openid);
    memcpy(key.k, uid_key, key.k_len);
    hs256_sign(&key, mw_buf_str(&message), mac);
    struct mw_buf b = mw_buf_over(out, MW_UID_LEN + 1);
    mw_base32_put(&b, mw_bytes(mac, UID_BYTES));
    enum mw_err err = mw_buf_cstr(&b) ? MW_OK : MW_EIO;
    mw_wipe(mac, sizeof mac);
    mw_wipe(&key, sizeof key);
    mw_wipe(text, sizeof text);
    return err;
}

static bool is_client_suffix(struct mw_str s) {
    if (s.len < 1 || s.len > MW_CLIENT_SUFFIX_MAX) return false;
    for (size_t i = 0; i < s.len; i++) {
        const char c = s.ptr[i];
        if (!is_digit(c) && !is_lower(c) && !is_upper(c) && c != '_' && c != '-') return false;
    }
    return true;
}

static bool client_id_of(struct mw_str client_id, struct mw_str owner) {
    if (!owner.ptr || owner.len == 0 || !mw_str_starts(client_id, owner)) return false;
    if (client_id.len == owner.len) return true;
    return client_id.ptr[owner.len] == '-' && is_client_suffix(mw_str_skip(client_id, owner.len + 1));
}

bool mw_client_id_fits(struct mw_str client_id, struct mw_str uid, struct mw_str sid) {
    return client_id_of(client_id, uid) || client_id_of(client_id, sid);
}

bool mw_username_fits(struct mw_str username, struct mw_str uid, struct mw_str sid) {
    return mw_str_eq(username, uid) || mw_str_eq(username, sid);
}
