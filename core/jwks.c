#include "mw/jwks.h"

#include "hs256.h"
#include "mw/base64.h"
#include "mw/json.h"
#include "mw/secret.h"

#include <cjson/cJSON.h>

static bool fail(const char **why, const char *text) {
    if (why) *why = text;
    return false;
}

bool mw_is_kid(struct mw_str kid) {
    if (!kid.ptr || kid.len < 1 || kid.len > MW_KID_MAX) return false;
    for (size_t i = 0; i < kid.len; i++) {
        const char c = kid.ptr[i];
        if (c <= ' ' || c > '~' || c == '"' || c == '\'' || c == '\\') return false;
    }
    return true;
}

/* Absent, or exactly this string. */
static bool absent_or(const struct cJSON *jwk, const char *name, struct mw_str want) {
    if (!cJSON_GetObjectItemCaseSensitive(jwk, name)) return true;
    return mw_str_eq(mw_json_string(jwk, name), want);
}

static bool key_ops_fit(const struct cJSON *jwk) {
    const struct cJSON *ops = cJSON_GetObjectItemCaseSensitive(jwk, "key_ops"), *op = NULL;
    if (!ops) return true;
    if (!cJSON_IsArray(ops)) return false;
    cJSON_ArrayForEach(op, ops) {
        const struct mw_str text = mw_cstr(cJSON_GetStringValue(op));
        if (!mw_str_eq(text, MW_STR("sign")) && !mw_str_eq(text, MW_STR("verify"))) return false;
    }
    return true;
}

static bool read_k(struct mw_str text, struct mw_key *key, const char **why) {
    size_t len = 0;
    if (!text.ptr) return fail(why, "a key has no k");
    const enum mw_err err = mw_base64url_decode(text, key->k, sizeof key->k, &len);
    if (err == MW_ETOOBIG) return fail(why, "a key's k is longer than 128 bytes");
    if (err != MW_OK) return fail(why, "a key's k is not base64url without padding");
    if (len < MW_HMAC_KEY_MIN) return fail(why, "a key's k is shorter than 32 bytes");
    key->k_len = len;
    return true;
}

static bool read_key(const struct cJSON *jwk, struct mw_key *key, const char **why) {
    if (!cJSON_IsObject(jwk)) return fail(why, "a key is not an object");
    if (!mw_str_eq(mw_json_string(jwk, "kty"), MW_STR("oct"))) return fail(why, "a key's kty is not \"oct\"");
    if (!absent_or(jwk, "alg", MW_STR("HS256"))) return fail(why, "a key's alg is not \"HS256\"");
    if (!absent_or(jwk, "use", MW_STR("sig"))) return fail(why, "a key's use is not \"sig\"");
    if (!key_ops_fit(jwk)) return fail(why, "a key's key_ops are not of \"sign\" and \"verify\"");
    const struct mw_str kid = mw_json_string(jwk, "kid");
    if (!mw_is_kid(kid) || !mw_str_copy(key->kid, sizeof key->kid, kid))
        return fail(why, "a key's kid is not 1 to 64 printable ASCII characters without blanks, quotes and backslash");
    if (!read_k(mw_json_string(jwk, "k"), key, why)) return false;
    hs256_prepare(key);
    return true;
}

static bool read_keys(const struct cJSON *keys, struct mw_keyset *set, const char **why) {
    const struct cJSON *jwk = NULL;
    if (!cJSON_IsArray(keys)) return fail(why, "no array \"keys\"");
    cJSON_ArrayForEach(jwk, keys) {
        if (set->count == MW_KEYS_MAX) return fail(why, "more than 16 keys");
        struct mw_key *key = &set->keys[set->count];
        if (!read_key(jwk, key, why)) return false;
        if (mw_keyset_find(set, mw_cstr(key->kid))) return fail(why, "two keys of one kid");
        set->count++;
    }
    return set->count > 0 || fail(why, "no key in it");
}

/* The tree is a copy of the key material. */
static void wipe_strings(struct cJSON *item) {
    for (; item; item = item->next) {
        if (cJSON_IsString(item)) mw_wipe(item->valuestring, strlen(item->valuestring));
        wipe_strings(item->child); /* at most MW_JSON_DEPTH_MAX deep */
    }
}

enum mw_err mw_jwks_parse(struct mw_str text, struct mw_keyset *out, const char **why) {
    struct cJSON *tree = NULL;
    struct mw_keyset set = {0};
    enum mw_err err = MW_OK;
    if (text.len > MW_JWKS_TEXT_MAX) {
        (void)fail(why, "more than 64 KiB");
        return MW_ETOOBIG;
    }
    err = mw_json_parse_object(text, &tree, why);
    if (err != MW_OK) return err;
    if (read_keys(cJSON_GetObjectItemCaseSensitive(tree, "keys"), &set, why))
        *out = set;
    else
        err = MW_EINVAL;
    wipe_strings(tree);
    cJSON_Delete(tree);
    mw_keyset_wipe(&set);
    return err;
}

const struct mw_key *mw_keyset_find(const struct mw_keyset *set, struct mw_str kid) {
    for (size_t i = 0; i < set->count; i++)
        if (mw_str_eq(mw_cstr(set->keys[i].kid), kid)) return &set->keys[i];
    return NULL;
}

static bool put_key(struct mw_buf *b, const struct mw_key *key) {
    const struct mw_str kid = mw_cstr(key->kid);
    if (!mw_is_kid(kid) || key->k_len < MW_HMAC_KEY_MIN || key->k_len > MW_HMAC_KEY_MAX) return false;
    mw_buf_put(b, MW_STR("    {\"kty\": \"oct\", \"alg\": \"HS256\", \"use\": \"sig\", \"kid\": "));
    mw_buf_put_json(b, kid);
    mw_buf_put(b, MW_STR(", \"k\": \""));
    mw_base64url_put(b, mw_bytes(key->k, key->k_len));
    mw_buf_put(b, MW_STR("\"}"));
    return true;
}

enum mw_err mw_jwks_write(const struct mw_keyset *set, char *out, size_t cap) {
    struct mw_buf b = mw_buf_over(out, cap);
    enum mw_err err = set->count > 0 && set->count <= MW_KEYS_MAX ? MW_OK : MW_EINVAL;
    mw_buf_put(&b, MW_STR("{\n  \"keys\": [\n"));
    for (size_t i = 0; i < set->count && err == MW_OK; i++) {
        if (i > 0) mw_buf_put(&b, MW_STR(",\n"));
        if (!put_key(&b, &set->keys[i])) err = MW_EINVAL;
    }
    mw_buf_put(&b, MW_STR("\n  ]\n}\n"));
    if (err == MW_OK && !mw_buf_cstr(&b)) err = MW_ETOOBIG;
    if (err != MW_OK) mw_wipe(out, cap);
    return err;
}

enum mw_err mw_key_generate(struct mw_str kid, struct mw_key *out) {
    struct mw_key key = {.k_len = MW_HMAC_KEY_MIN};
    if (!mw_is_kid(kid) || !mw_str_copy(key.kid, sizeof key.kid, kid)) return MW_EINVAL;
    const enum mw_err err = mw_random(key.k, key.k_len);
    if (err == MW_OK) {
        hs256_prepare(&key);
        *out = key;
    }
    mw_wipe(&key, sizeof key);
    return err;
}

enum mw_err mw_jwks_generate(struct mw_str kid, char *out, size_t cap) {
    struct mw_keyset set = {.count = 1};
    enum mw_err err = mw_key_generate(kid, &set.keys[0]);
    if (err == MW_OK) err = mw_jwks_write(&set, out, cap);
    mw_keyset_wipe(&set);
    return err;
}

void mw_keyset_wipe(struct mw_keyset *set) {
    mw_wipe(set, sizeof *set);
}
