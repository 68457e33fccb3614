#include "door_args.h"

#include <cjson/cJSON.h>
#include <stdio.h>

#include "behave.h"
#include "mw/json.h"
#include "people.h"

enum type { TYPE_TEXT, TYPE_INT, TYPE_BOOL };

#define TEXT(name, field, doors, required, max)                                                                        \
    { name, TYPE_TEXT, offsetof(struct door_args, field), doors, required, 0, max, 0 }
#define INT(name, field, doors, min, max, def)                                                                         \
    { name, TYPE_INT, offsetof(struct door_args, field), doors, 0, min, max, def }
#define BOOL(name, field, doors)                                                                                       \
    { name, TYPE_BOOL, offsetof(struct door_args, field), doors, 0, 0, 1, -1 }

static const struct member {
    const char *name;
    enum type type;
    size_t offset;
    unsigned doors, required; /* sets of enum door */
    int64_t min, max;         /* of the number, or of the text's length */
    int64_t def;
} members[] = {
    TEXT("person", person, DOOR_CODE | DOOR_USERINFO | DOOR_GROUP, DOOR_CODE | DOOR_USERINFO | DOOR_GROUP,
         PERSON_NAME_MAX),
    TEXT("nickName", nick_name, DOOR_CODE | DOOR_USERINFO, 0, PROFILE_TEXT_MAX),
    TEXT("avatarUrl", avatar_url, DOOR_CODE | DOOR_USERINFO, 0, PROFILE_TEXT_MAX),
    TEXT("unionid", unionid, DOOR_CODE | DOOR_USERINFO, 0, UNIONID_MAX),
    BOOL("blocked", blocked, DOOR_CODE),
    INT("ttl", ttl, DOOR_CODE, 0, 86400, 300),
    TEXT("appid", app_id, DOOR_USERINFO | DOOR_GROUP, 0, 64),
    TEXT("openId", open_id, DOOR_USERINFO, 0, 64),
    TEXT("plaintext", plaintext, DOOR_USERINFO | DOOR_GROUP, 0, 16384),
    INT("age", age, DOOR_USERINFO | DOOR_GROUP, -31536000, 315360000, 0),
    BOOL("badPadding", bad_padding, DOOR_USERINFO | DOOR_GROUP),
    BOOL("badSignature", bad_signature, DOOR_USERINFO),
    BOOL("ids", ids, DOOR_USERINFO),
    TEXT("group", group, DOOR_GROUP, DOOR_GROUP, 128),
    TEXT("form", form, DOOR_GROUP, 0, 16),
    TEXT("mode", mode, DOOR_BEHAVE, 0, 16),
    INT("delay_ms", delay_ms, DOOR_BEHAVE, 0, DELAY_MS_MAX, 0),
    INT("errcode", errcode, DOOR_BEHAVE, -99999, 999999, 0),
    INT("times", times, DOOR_BEHAVE, -1, 1000000000, -1),
    INT("rate_limit", rate_limit, DOOR_BEHAVE, 0, 1000000000, -1),
    BOOL("rotate", rotate, DOOR_BEHAVE),
    BOOL("burn", burn, DOOR_BEHAVE),
    BOOL("release", release, DOOR_BEHAVE),
};
#define MEMBER_COUNT (sizeof members / sizeof members[0])

static void *field(struct door_args *args, const struct member *m) {
    return (char *)args + m->offset;
}

static void set_default(struct door_args *args, const struct member *m) {
    if (m->type == TYPE_INT) *(int64_t *)field(args, m) = m->def;
    if (m->type == TYPE_BOOL) *(int *)field(args, m) = (int)m->def;
}

static bool read_member(const cJSON *item, const struct member *m, struct door_args *args, char *why) {
    if (m->type == TYPE_TEXT) {
        struct mw_str text = mw_cstr(cJSON_GetStringValue(item));
        if (!text.ptr || text.len > (size_t)m->max) {
            snprintf(why, DOOR_WHY_MAX, "%s: must be text of at most %lld bytes", m->name, (long long)m->max);
            return false;
        }
        *(struct mw_str *)field(args, m) = text;
    } else if (m->type == TYPE_INT) {
        double v = cJSON_IsNumber(item) ? item->valuedouble : 0.5;
        if (v < (double)m->min || v > (double)m->max || v != (double)(int64_t)v) {
            snprintf(why, DOOR_WHY_MAX, "%s: must be a whole number from %lld to %lld", m->name, (long long)m->min,
                     (long long)m->max);
            return false;
        }
        *(int64_t *)field(args, m) = (int64_t)v;
    } else {
        if (!cJSON_IsBool(item)) {
            snprintf(why, DOOR_WHY_MAX, "%s: must be true or false", m->name);
            return false;
        }
        *(int *)field(args, m) = cJSON_IsTrue(item) ? 1 : 0;
    }
    return true;
}

static const struct member *find_member(enum door door, const char *name) {
    for (size_t i = 0; i < MEMBER_COUNT; i++)
        if ((members[i].doors & (unsigned)door) && strcmp(members[i].name, name) == 0) return &members[i];
    return NULL;
}

enum mw_err door_args_read(enum door door, struct mw_str body, struct door_args *out, char why[static DOOR_WHY_MAX]) {
    struct door_args args = {0};
    const char *json_why = NULL;
    enum mw_err err = mw_json_parse_object(body, &args.tree, &json_why);
    if (err != MW_OK) {
        snprintf(why, DOOR_WHY_MAX, "the body must be a JSON object: %s", json_why ? json_why : mw_err_text(err));
        return err;
    }
    err = MW_EINVAL;
    for (size_t i = 0; i < MEMBER_COUNT; i++)
        set_default(&args, &members[i]);
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, args.tree) {
        const struct member *m = find_member(door, item->string);
        if (!m) {
            snprintf(why, DOOR_WHY_MAX, "%.64s: this call knows no such member", item->string);
            goto done;
        }
        if (!read_member(item, m, &args, why)) goto done;
    }
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        if (!(members[i].required & (unsigned)door)) continue;
        if (((const struct mw_str *)field(&args, &members[i]))->len > 0) continue;
        snprintf(why, DOOR_WHY_MAX, "%s: is required and not empty", members[i].name);
        goto done;
    }
    err = MW_OK;
done:
    if (err == MW_OK)
        *out = args;
    else
        door_args_clear(&args);
    return err;
}

void door_args_clear(struct door_args *args) {
    cJSON_Delete(args->tree);
    *args = (struct door_args){0};
}
