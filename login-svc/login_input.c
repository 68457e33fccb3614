#include "login_input.h"

#include "mw/base64.h"
#include "mw/json.h"
#include "wechat.h"

#include <cjson/cJSON.h>

#define IV_LEN 16
#define SIGNATURE_LEN 40

/* NULL, or what is wrong with the body. */
static const char *read_body(struct mw_str body, struct login_input *in, bool *no_memory) {
    if (body.len == 0) return NULL;
    enum mw_err err = mw_json_parse_object(body, &in->json, NULL);
    *no_memory = err == MW_ENOMEM;
    return err == MW_OK ? NULL : "The body is not a JSON object.";
}

/* A member of the body, or the header of the same meaning; false when it is in both and differs, or is no string. */
static bool pick(const struct login_input *in, const char *member, struct mw_str header, struct mw_str *out) {
    *out = header;
    if (!in->json) return true;
    const struct cJSON *item = cJSON_GetObjectItemCaseSensitive(in->json, member);
    if (!item || cJSON_IsNull(item)) return true;
    if (!cJSON_IsString(item)) return false;
    struct mw_str value = mw_json_string(in->json, member);
    if (value.len == 0) return true;
    if (header.ptr && !mw_str_eq(header, value)) return false;
    *out = value;
    return true;
}

static bool is_hex(struct mw_str s) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < s.len; i++)
        if (!memchr(digits, s.ptr[i], sizeof digits - 1)) return false;
    return true;
}

static bool is_iv(struct mw_str s) {
    uint8_t raw[IV_LEN];
    size_t len = 0;
    return mw_base64_decode(s, raw, sizeof raw, &len) == MW_OK && len == sizeof raw;
}

/* NULL, or what is wrong. */
static const char *check(const struct login_input *in) {
    if (!in->code.ptr) return "There is no code. Send what wx.login gave in X-WX-Code, or as code in a JSON body.";
    if (!wechat_is_code(in->code)) return "code is not a code of wx.login.";
    if (!in->raw_data.ptr != !in->signature.ptr) return "rawData and signature belong together. Send both or none.";
    if (in->raw_data.len > LOGIN_RAW_DATA_MAX) return "rawData is too long.";
    if (in->signature.ptr && (in->signature.len != SIGNATURE_LEN || !is_hex(in->signature)))
        return "signature is not 40 hexadecimal digits in lower case.";
    if (!in->encrypted_data.ptr != !in->iv.ptr) return "encryptedData and iv belong together. Send both or none.";
    if (in->iv.ptr && !is_iv(in->iv)) return "iv is not 16 bytes in base64.";
    if (in->encrypted_data.len > WECHAT_DATA_MAX) return "encryptedData is too long.";
    return NULL;
}

enum mw_err login_input_read(const struct request *req, struct login_input *out, const char **message) {
    struct login_input in = {.json = NULL};
    const struct mw_str none = {NULL, 0};
    bool no_memory = false;
    const char *wrong = read_body(req->body, &in, &no_memory);
    if (!wrong && !(pick(&in, "code", req->fields[FIELD_CODE], &in.code) && pick(&in, "rawData", none, &in.raw_data) &&
                    pick(&in, "signature", none, &in.signature) &&
                    pick(&in, "encryptedData", req->fields[FIELD_ENCRYPTED_DATA], &in.encrypted_data) &&
                    pick(&in, "iv", req->fields[FIELD_IV], &in.iv)))
        wrong = "A member of the body is not a string, or differs from the header of the same meaning.";
    if (!wrong) wrong = check(&in);
    if (!wrong) {
        *out = in;
        return MW_OK;
    }
    login_input_free(&in);
    *message = wrong;
    return no_memory ? MW_ENOMEM : MW_EINVAL;
}

void login_input_free(struct login_input *in) {
    cJSON_Delete(in->json);
    in->json = NULL;
}
