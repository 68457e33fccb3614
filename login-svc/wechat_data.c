#include "wechat.h"

#include "ciphers.h"
#include "mw/base64.h"
#include "mw/json.h"
#include "mw/secret.h"
#include "mw/skey.h"

#include <cjson/cJSON.h>
#include <openssl/evp.h>
#include <stdlib.h>

#define SHA1_LEN 20
#define AES_BLOCK 16

bool wechat_signature_fits(struct mw_str raw_data, const uint8_t session_key[static MW_SESSION_KEY_LEN],
                           struct mw_str signature) {
    static const char hex[] = "0123456789abcdef";
    uint8_t digest[SHA1_LEN];
    char text[2 * SHA1_LEN], key_text[WECHAT_SESSION_KEY_TEXT_LEN];
    struct mw_buf key = mw_buf_over(key_text, sizeof key_text);
    mw_base64_put(&key, mw_bytes(session_key, MW_SESSION_KEY_LEN));

    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha1(), NULL) && EVP_DigestUpdate(ctx, raw_data.ptr, raw_data.len) &&
              EVP_DigestUpdate(ctx, key.ptr, key.len) && EVP_DigestFinal_ex(ctx, digest, NULL);
    EVP_MD_CTX_free(ctx);
    mw_wipe(key_text, sizeof key_text);
    if (!ok) return false;
    for (size_t i = 0; i < SHA1_LEN; i++) {
        text[2 * i] = hex[digest[i] >> 4];
        text[2 * i + 1] = hex[digest[i] & 15];
    }
    return mw_secret_eq(mw_bytes(text, sizeof text), signature);
}

/* plain holds at least `data_len` bytes. False on bad padding. */
static bool decrypt(const uint8_t *data, size_t data_len, const uint8_t iv[static AES_BLOCK],
                    const uint8_t key[static MW_SESSION_KEY_LEN], uint8_t *plain, size_t *plain_len) {
    int len = 0, rest = 0;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool ok = ctx && EVP_DecryptInit_ex(ctx, cipher_aes_128_cbc(), NULL, key, iv) &&
              EVP_DecryptUpdate(ctx, plain, &len, data, (int)data_len) && EVP_DecryptFinal_ex(ctx, plain + len, &rest);
    EVP_CIPHER_CTX_free(ctx);
    if (ok) *plain_len = (size_t)len + (size_t)rest;
    return ok;
}

static bool is_ours(const struct cJSON *json, struct mw_str appid, struct mw_str openid) {
    const struct cJSON *watermark = cJSON_GetObjectItemCaseSensitive(json, "watermark");
    if (!cJSON_IsObject(watermark) || !mw_str_eq(mw_json_string(watermark, "appid"), appid)) return false;
    /* Phone numbers and wx.getUserProfile's data name no openId: then it is the key that tells whose it is. */
    if (!cJSON_HasObjectItem(json, "openId")) return true;
    return mw_str_eq(mw_json_string(json, "openId"), openid);
}

enum mw_err wechat_open_data(struct mw_str encrypted_data, struct mw_str iv,
                             const uint8_t session_key[static MW_SESSION_KEY_LEN], struct mw_str appid,
                             struct mw_str openid, struct cJSON **out) {
    uint8_t raw_iv[AES_BLOCK];
    size_t iv_len = 0, data_len = 0, plain_len = 0;
    struct cJSON *json = NULL;
    if (!encrypted_data.ptr || encrypted_data.len > WECHAT_DATA_MAX) return MW_EAUTH;
    size_t cap = encrypted_data.len / 4 * 3 + AES_BLOCK;
    uint8_t *data = malloc(2 * cap), *plain = data ? data + cap : NULL;
    if (!data) return MW_ENOMEM;

    enum mw_err err = MW_EAUTH;
    if (mw_base64_decode(iv, raw_iv, sizeof raw_iv, &iv_len) != MW_OK || iv_len != sizeof raw_iv) goto done;
    if (mw_base64_decode(encrypted_data, data, cap, &data_len) != MW_OK) goto done;
    if (!decrypt(data, data_len, raw_iv, session_key, plain, &plain_len)) goto done;
    enum mw_err parsed = mw_json_parse_object(mw_bytes(plain, plain_len), &json, NULL);
    if (parsed == MW_ENOMEM) err = MW_ENOMEM;
    if (parsed != MW_OK || !is_ours(json, appid, openid)) goto done;
    *out = json;
    json = NULL;
    err = MW_OK;
done:
    cJSON_Delete(json);
    mw_wipe(data, 2 * cap);
    free(data);
    return err;
}

void wechat_profile(const struct cJSON *person, struct mw_profile *out) {
    *out = (struct mw_profile){{0}, {0}};
    struct mw_str nick = mw_json_string(person, "nickName"), avatar = mw_json_string(person, "avatarUrl");
    /* The placeholder comes with a grey picture that is nobody's either. */
    if (mw_is_placeholder_nick(nick)) return;
    if (mw_is_nick(nick)) (void)mw_str_copy(out->nick, sizeof out->nick, nick);
    if (mw_is_avatar_url(avatar)) (void)mw_str_copy(out->avatar, sizeof out->avatar, avatar);
}
