#include "wechat.h"

#include "mw/base64.h"
#include "mw/json.h"
#include "mw/secret.h"

#include <cjson/cJSON.h>

bool wechat_is_code(struct mw_str code) {
    if (!code.ptr || code.len == 0 || code.len > WECHAT_CODE_MAX) return false;
    for (size_t i = 0; i < code.len; i++)
        if (code.ptr[i] <= ' ' || code.ptr[i] > '~') return false;
    return true;
}

/* RFC 3986's unreserved characters. */
static bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

static void put_encoded(struct mw_buf *b, struct mw_str s) {
    static const char hex[] = "0123456789ABCDEF";
    while (s.len > 0) {
        size_t plain = 0;
        while (plain < s.len && is_unreserved(s.ptr[plain]))
            plain++;
        mw_buf_put(b, (struct mw_str){s.ptr, plain});
        s = mw_str_skip(s, plain);
        if (s.len == 0) return;
        const unsigned char c = (unsigned char)s.ptr[0];
        mw_buf_putc(b, '%');
        mw_buf_putc(b, hex[c >> 4]);
        mw_buf_putc(b, hex[c & 15]);
        s = mw_str_skip(s, 1);
    }
}

enum mw_err wechat_code2session_url(struct mw_str base, struct mw_str appid, struct mw_str secret, struct mw_str code,
                                    char out[static WECHAT_URL_MAX]) {
    if (!wechat_is_code(code)) return MW_EINVAL;
    while (base.len > 0 && base.ptr[base.len - 1] == '/')
        base.len--;
    struct mw_buf b = mw_buf_over(out, WECHAT_URL_MAX);
    mw_buf_put(&b, base);
    mw_buf_put(&b, MW_STR("/sns/jscode2session?appid="));
    put_encoded(&b, appid);
    mw_buf_put(&b, MW_STR("&secret="));
    put_encoded(&b, secret);
    mw_buf_put(&b, MW_STR("&js_code="));
    put_encoded(&b, code);
    mw_buf_put(&b, MW_STR("&grant_type=authorization_code"));
    return mw_buf_cstr(&b) ? MW_OK : MW_ETOOBIG;
}

static const struct {
    int64_t errcode;
    enum wechat_verdict verdict;
    const char *setting;
} errcodes[] = {
    {-1, WECHAT_BUSY, NULL},
    {40029, WECHAT_BAD_CODE, NULL},
    {40163, WECHAT_BAD_CODE, NULL},
    {41008, WECHAT_BAD_CODE, NULL},
    {40226, WECHAT_USER_BLOCKED, NULL},
    {45011, WECHAT_TOO_OFTEN, NULL},
    {40013, WECHAT_MISCONFIGURED, "app_id"},
    {41002, WECHAT_MISCONFIGURED, "app_id"},
    {40125, WECHAT_MISCONFIGURED, "app_secret_file"},
    {41004, WECHAT_MISCONFIGURED, "app_secret_file"},
    {40243, WECHAT_MISCONFIGURED, "app_secret_file"},
};

static void judge_errcode(int64_t errcode, struct wechat_reply *out) {
    out->errcode = errcode;
    for (size_t i = 0; i < sizeof errcodes / sizeof errcodes[0]; i++) {
        if (errcodes[i].errcode != errcode) continue;
        out->verdict = errcodes[i].verdict;
        out->setting = errcodes[i].setting;
        return;
    }
}

/* errmsg ends with ", rid: 6166f719-6cb5d09c-633ab469". Only that mark is kept: the rest of a text from outside might
 * quote what we sent, and that was the secret and the code. */
static void find_rid(struct mw_str errmsg, struct wechat_reply *out) {
    static const char digits[] = "0123456789abcdef-";
    const struct mw_str mark = MW_STR("rid: ");
    for (size_t at = 0; at + mark.len <= errmsg.len; at++) {
        if (!mw_str_starts(mw_str_skip(errmsg, at), mark)) continue;
        struct mw_str rid = mw_str_skip(errmsg, at + mark.len);
        size_t len = 0;
        while (len < rid.len && len < WECHAT_RID_MAX && memchr(digits, rid.ptr[len], sizeof digits - 1))
            len++;
        memcpy(out->rid, rid.ptr, len);
        out->rid[len] = '\0';
    }
}

/* openid and unionid: 1..64 of A-Z a-z 0-9 - and _. */
static bool copy_id(char dst[static MW_OPENID_MAX + 1], struct mw_str id) {
    if (id.len == 0) return false;
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!ok) return false;
    }
    return mw_str_copy(dst, MW_OPENID_MAX + 1, id);
}

static bool read_session_key(struct mw_str text, uint8_t out[static MW_SESSION_KEY_LEN]) {
    size_t len = 0;
    return text.ptr && text.len == WECHAT_SESSION_KEY_TEXT_LEN &&
           mw_base64_decode(text, out, MW_SESSION_KEY_LEN, &len) == MW_OK && len == MW_SESSION_KEY_LEN;
}

static void read_success(const struct cJSON *json, struct wechat_reply *out) {
    if (!copy_id(out->openid, mw_json_string(json, "openid"))) return;
    if (!read_session_key(mw_json_string(json, "session_key"), out->session_key)) return;
    /* An odd unionid is no reason to keep somebody out: nothing is decided by it. */
    if (!copy_id(out->unionid, mw_json_string(json, "unionid"))) out->unionid[0] = '\0';
    out->verdict = WECHAT_LOGGED_IN;
}

/* The answer's strings hold the session_key. */
static void wipe_and_delete(struct cJSON *json) {
    struct cJSON *member;
    cJSON_ArrayForEach(member, json) {
        if (cJSON_IsString(member)) mw_wipe(member->valuestring, strlen(member->valuestring));
    }
    cJSON_Delete(json);
}

void wechat_read_reply(long http_status, struct mw_str body, struct wechat_reply *out) {
    *out = (struct wechat_reply){.verdict = WECHAT_NO_ANSWER};
    struct cJSON *json = NULL;
    /* The content type is text/plain, or anything: what counts is whether it is JSON. */
    if (mw_json_parse_object(body, &json, NULL) != MW_OK) return;
    find_rid(mw_json_string(json, "errmsg"), out);
    int64_t errcode = 0;
    if (cJSON_HasObjectItem(json, "errcode") && !mw_json_int(json, "errcode", INT32_MIN, INT32_MAX, &errcode))
        goto done;
    if (errcode != 0)
        judge_errcode(errcode, out);
    else if (http_status == 200)
        read_success(json, out);
done:
    wipe_and_delete(json);
}
