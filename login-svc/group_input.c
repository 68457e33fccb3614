#include "group_input.h"

#include "mw/json.h"
#include "wechat.h"

#include <cjson/cJSON.h>

static bool is_fresh(const struct cJSON *proof, int64_t now_s) {
    int64_t at_s = 0;
    const struct cJSON *watermark = cJSON_GetObjectItemCaseSensitive(proof, "watermark");
    if (!mw_json_int(watermark, "timestamp", 0, INT64_MAX, &at_s)) return false;
    return at_s >= now_s - GROUP_AGE_MAX_S && at_s <= now_s + GROUP_AHEAD_MAX_S;
}

/* The two calls of WeChat spell the same thing differently. Absent when there is none, or two that differ. */
static struct mw_str group_of(const struct cJSON *proof) {
    struct mw_str shared = mw_json_string(proof, "openGId"), entered = mw_json_string(proof, "opengid");
    if (shared.ptr && entered.ptr && !mw_str_eq(shared, entered)) return (struct mw_str){NULL, 0};
    return shared.ptr ? shared : entered;
}

static bool make_room(struct mw_str group, char out[static MW_ROOM_MAX + 1]) {
    char room[MW_ROOM_MAX + 1];
    struct mw_buf b = mw_buf_over(room, sizeof room);
    mw_buf_putc(&b, '@');
    if (group.ptr) mw_buf_put(&b, group);
    if (!mw_buf_cstr(&b) || mw_room_kind(mw_buf_str(&b)) != MW_ROOM_GROUP) return false;
    return mw_str_copy(out, MW_ROOM_MAX + 1, mw_buf_str(&b));
}

enum mw_err group_input_read(struct mw_str body, const uint8_t session_key[static MW_SESSION_KEY_LEN],
                             struct mw_str appid, int64_t now_s, char out[static MW_ROOM_MAX + 1],
                             const char **message) {
    struct cJSON *json = NULL, *proof = NULL;
    const struct mw_str nobody = {NULL, 0};
    enum mw_err err = mw_json_parse_object(body, &json, NULL);
    struct mw_str data = mw_json_string(json, "encryptedData"), iv = mw_json_string(json, "iv");
    if (err == MW_OK && (data.len == 0 || iv.len == 0)) err = MW_EINVAL;
    if (err == MW_EINVAL) *message = "Send encryptedData and iv of wx.getShareInfo or wx.getGroupEnterInfo.";
    if (err != MW_OK) goto done;
    /* It names no person: that the key is the caller's tells whose it is. */
    err = wechat_open_data(data, iv, session_key, appid, nobody, &proof);
    if (err == MW_OK && !(is_fresh(proof, now_s) && make_room(group_of(proof), out))) err = MW_EAUTH;
done:
    cJSON_Delete(proof);
    cJSON_Delete(json);
    return err;
}
