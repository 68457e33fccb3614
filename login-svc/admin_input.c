#include "admin_input.h"

#include "mw/json.h"

#include <cjson/cJSON.h>

/* Each reads its member of the object, which is there. */
static bool read_sid(const struct cJSON *json, struct admin_input *out) {
    struct mw_str sid = mw_json_string(json, "sid");
    return mw_is_sid(sid) && mw_str_copy(out->sid, sizeof out->sid, sid);
}

static bool read_uid(const struct cJSON *json, struct admin_input *out) {
    struct mw_str uid = mw_json_string(json, "uid");
    return mw_is_uid(uid) && mw_str_copy(out->uid, sizeof out->uid, uid);
}

static bool read_room(const struct cJSON *json, struct admin_input *out) {
    struct mw_str room = mw_json_string(json, "room");
    return mw_room_kind(room) != MW_ROOM_INVALID && mw_str_copy(out->room, sizeof out->room, room);
}

static bool read_seconds(const struct cJSON *json, struct admin_input *out) {
    return mw_json_int(json, "seconds", 1, ADMIN_SECONDS_MAX, &out->seconds);
}

static const struct {
    enum admin_member member;
    const char *name;
    bool (*read)(const struct cJSON *json, struct admin_input *out);
    const char *wrong, *missing;
} members[] = {
    {ADMIN_SID, "sid", read_sid, "sid must be 26 of a-z2-7.", "sid is missing."},
    {ADMIN_UID, "uid", read_uid, "uid must be 16 of a-z2-7.", "uid is missing."},
    {ADMIN_ROOM, "room", read_room, "room must be 1 to 64 bytes without / + # $ and control characters.",
     "room is missing."},
    {ADMIN_SECONDS, "seconds", read_seconds, "seconds must be a whole number from 1 to 315360000.",
     "seconds is missing."},
};
#define MEMBERS_COUNT (sizeof members / sizeof members[0])

static const char *read_member(const struct cJSON *json, const struct cJSON *item, unsigned allowed,
                               struct admin_input *out, unsigned *given) {
    for (size_t i = 0; i < MEMBERS_COUNT; i++) {
        if (!(allowed & members[i].member) || strcmp(item->string, members[i].name) != 0) continue;
        *given |= members[i].member;
        return members[i].read(json, out) ? NULL : members[i].wrong;
    }
    return "The body has a member that this call does not know.";
}

static const char *find_missing(unsigned missing) {
    for (size_t i = 0; i < MEMBERS_COUNT; i++)
        if (missing & members[i].member) return members[i].missing;
    return NULL;
}

enum mw_err admin_input_read(struct mw_str body, unsigned allowed, unsigned required, struct admin_input *out,
                             const char **message) {
    struct admin_input in = {.seconds = 0};
    struct cJSON *json = NULL;
    const struct cJSON *item;
    const char *wrong = NULL;
    unsigned given = 0;
    enum mw_err err = mw_json_parse_object(body, &json, NULL);
    if (err != MW_OK) {
        *message = "The body is not a JSON object.";
        return err == MW_ENOMEM ? err : MW_EINVAL;
    }
    cJSON_ArrayForEach(item, json) {
        if (!wrong) wrong = read_member(json, item, allowed, &in, &given);
    }
    if (!wrong) wrong = find_missing(required & ~given);
    cJSON_Delete(json);
    if (!wrong) {
        *out = in;
        return MW_OK;
    }
    *message = wrong;
    return MW_EINVAL;
}
