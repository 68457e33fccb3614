#include "seal.h"

#include <cjson/cJSON.h>
#include <openssl/evp.h>

#include "mw/secret.h"

#define BLOCK 16

/* EVP_DecodeBlock counts the padding as bytes: 24 letters with "==" give 18, of which 16 are meant. */
static bool decode_session_key(const char *text, uint8_t key[static SESSION_KEY_BYTES]) {
    uint8_t raw[SESSION_KEY_LEN / 4 * 3];
    if (strlen(text) != SESSION_KEY_LEN || strcmp(text + SESSION_KEY_LEN - 2, "==") != 0) return false;
    if (EVP_DecodeBlock(raw, (const unsigned char *)text, SESSION_KEY_LEN) != (int)sizeof raw) return false;
    memcpy(key, raw, SESSION_KEY_BYTES);
    return true;
}

enum mw_err seal_encrypt(const char *session_key, struct mw_str plain, bool bad_padding, struct sealed *out) {
    uint8_t key[SESSION_KEY_BYTES], iv[BLOCK], padded[SEAL_PLAIN_MAX + BLOCK], cipher[SEAL_PLAIN_MAX + BLOCK];
    if (plain.len > SEAL_PLAIN_MAX) return MW_ETOOBIG;
    if (!decode_session_key(session_key, key)) return MW_EINVAL;
    enum mw_err err = mw_random(iv, sizeof iv);
    if (err != MW_OK) return err;

    /* Padded by hand, so that a wrong one can be made too. */
    size_t pad = BLOCK - plain.len % BLOCK, len = plain.len + pad;
    if (plain.len > 0) memcpy(padded, plain.ptr, plain.len);
    memset(padded + plain.len, (int)pad, pad);
    if (bad_padding) padded[len - 1] = 0;

    int done = 0;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    if (!ctx) return MW_ENOMEM;
    bool ok = EVP_EncryptInit_ex(ctx, EVP_aes_128_cbc(), NULL, key, iv) == 1 &&
              EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 && EVP_EncryptUpdate(ctx, cipher, &done, padded, (int)len) == 1 &&
              (size_t)done == len;
    EVP_CIPHER_CTX_free(ctx);
    if (!ok) return MW_EIO;
    EVP_EncodeBlock((unsigned char *)out->data, cipher, done);
    EVP_EncodeBlock((unsigned char *)out->iv, iv, sizeof iv);
    return MW_OK;
}

enum mw_err seal_sign(const char *session_key, struct mw_str raw_data, char out[static SIGNATURE_LEN + 1]) {
    static const char hex[] = "0123456789abcdef";
    uint8_t digest[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (!ctx) return MW_ENOMEM;
    bool ok = EVP_DigestInit_ex(ctx, EVP_sha1(), NULL) == 1 && EVP_DigestUpdate(ctx, raw_data.ptr, raw_data.len) == 1 &&
              EVP_DigestUpdate(ctx, session_key, strlen(session_key)) == 1 &&
              EVP_DigestFinal_ex(ctx, digest, NULL) == 1;
    EVP_MD_CTX_free(ctx);
    if (!ok) return MW_EIO;
    for (size_t i = 0; i < SIGNATURE_LEN / 2; i++) {
        out[2 * i] = hex[digest[i] >> 4];
        out[2 * i + 1] = hex[digest[i] & 15];
    }
    out[SIGNATURE_LEN] = '\0';
    return MW_OK;
}

/* The profile members in WeChat's order. Gender and region are no longer told. */
static bool add_profile(cJSON *object, const struct person *person) {
    return cJSON_AddStringToObject(object, "nickName", person_nick_name(person)) &&
           cJSON_AddNumberToObject(object, "gender", 0) && cJSON_AddStringToObject(object, "language", "zh_CN") &&
           cJSON_AddStringToObject(object, "city", "") && cJSON_AddStringToObject(object, "province", "") &&
           cJSON_AddStringToObject(object, "country", "") &&
           cJSON_AddStringToObject(object, "avatarUrl", person_avatar_url(person));
}

static bool add_watermark(cJSON *object, const struct watermark *mark) {
    cJSON *inner = cJSON_AddObjectToObject(object, "watermark");
    return inner && cJSON_AddNumberToObject(inner, "timestamp", (double)mark->timestamp_s) &&
           cJSON_AddStringToObject(inner, "appid", mark->app_id);
}

static char *print_if(bool complete, cJSON *object) {
    char *text = complete ? cJSON_PrintUnformatted(object) : NULL;
    cJSON_Delete(object);
    return text;
}

char *seal_raw_data(const struct person *person) {
    cJSON *object = cJSON_CreateObject();
    return print_if(add_profile(object, person), object);
}

char *seal_user_info(const struct person *person, const char *open_id, const struct watermark *mark) {
    cJSON *object = cJSON_CreateObject();
    bool ok = (!open_id || cJSON_AddStringToObject(object, "openId", open_id)) && add_profile(object, person);
    if (open_id && person_unionid(person)[0])
        ok = ok && cJSON_AddStringToObject(object, "unionId", person_unionid(person));
    return print_if(ok && add_watermark(object, mark), object);
}

char *seal_group_info(enum group_form form, const char *id, const struct watermark *mark) {
    cJSON *object = cJSON_CreateObject();
    bool ok;
    if (form == GROUP_SHARE_INFO)
        ok = cJSON_AddStringToObject(object, "openGId", id);
    else
        ok = cJSON_AddStringToObject(object, "opengid", id) &&
             cJSON_AddStringToObject(object, "open_single_roomid", "") &&
             cJSON_AddStringToObject(object, "group_openid", "") && cJSON_AddNumberToObject(object, "chat_type", 3);
    return print_if(ok && add_watermark(object, mark), object);
}
