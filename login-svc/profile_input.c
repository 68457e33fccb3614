#include "profile_input.h"

#include "mw/json.h"
#include "mw/media.h"
#include "mw/skey.h"

#include <cjson/cJSON.h>

/* Ours may be http: a demo on one machine has no certificate. */
static bool is_avatar(struct mw_str url, struct mw_str media_url) {
    if (!mw_is_avatar_url(url)) return false;
    return mw_str_starts(url, MW_STR("https://")) || mw_media_is_image(mw_media_url_type(url, media_url));
}

/* A form whose user left a field as it was sends null or an empty string: that is the same as not to send it. */
static bool is_given(const struct cJSON *json, const char *name) {
    const struct cJSON *member = cJSON_GetObjectItemCaseSensitive(json, name);
    return member && !cJSON_IsNull(member) && !(cJSON_IsString(member) && member->valuestring[0] == '\0');
}

/* NULL, or what is wrong. A member that is given must be a string. */
static const char *read_nick(const struct cJSON *json, struct mw_profile *out) {
    struct mw_str nick = mw_json_string(json, "nickName");
    if (!is_given(json, "nickName")) return NULL;
    if (!mw_is_nick(nick)) return "nickName must be 1 to 32 characters without control characters.";
    if (mw_is_placeholder_nick(nick)) return "nickName is what WeChat calls everybody. Ask the user for a name.";
    return mw_str_copy(out->nick, sizeof out->nick, nick) ? NULL : "nickName is too long.";
}

static const char *read_avatar(const struct cJSON *json, struct mw_str media_url, struct mw_profile *out) {
    struct mw_str url = mw_json_string(json, "avatarUrl");
    if (!is_given(json, "avatarUrl")) return NULL;
    if (!is_avatar(url, media_url)) return "avatarUrl must be an https URL or one of our images, of at most 512 bytes.";
    return mw_str_copy(out->avatar, sizeof out->avatar, url) ? NULL : "avatarUrl is too long.";
}

enum mw_err profile_input_read(struct mw_str body, struct mw_str media_url, struct mw_profile *out,
                               const char **message) {
    struct mw_profile p = {"", ""};
    struct cJSON *json = NULL;
    enum mw_err err = mw_json_parse_object(body, &json, NULL);
    if (err != MW_OK) {
        *message = "The body is not a JSON object.";
        return err == MW_ENOMEM ? err : MW_EINVAL;
    }
    const char *wrong = read_nick(json, &p);
    if (!wrong) wrong = read_avatar(json, media_url, &p);
    if (!wrong && !p.nick[0] && !p.avatar[0]) wrong = "Send nickName, avatarUrl or both.";
    cJSON_Delete(json);
    if (!wrong) {
        *out = p;
        return MW_OK;
    }
    *message = wrong;
    return MW_EINVAL;
}
