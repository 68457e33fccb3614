#include "api.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "door_args.h"
#include "mw/identity.h"
#include "mw/secret.h"
#include "seal.h"

#define SECRET_MAX 128

const char *const query_names[QUERY_COUNT] = {
    [QUERY_APPID] = "appid",           [QUERY_SECRET] = "secret", [QUERY_JS_CODE] = "js_code",
    [QUERY_GRANT_TYPE] = "grant_type", [QUERY_NAME] = "name",
};

static const char type_json[] = "application/json; charset=utf-8";
static const char type_wechat[] = "text/plain"; /* what WeChat sends its JSON as */

/* WeChat's words for its errcodes. */
static const struct {
    int errcode;
    const char *errmsg;
} errcodes[] = {
    {-1, "system error"},         {40002, "invalid grant_type"},
    {40013, "invalid appid"},     {40029, "invalid code"},
    {40125, "invalid appsecret"}, {40163, "code been used"},
    {40226, "code blocked"},      {40243, "AppSecret is frozen"},
    {41002, "appid missing"},     {41004, "appsecret missing"},
    {41008, "missing code"},      {45011, "api minute-quota reach limit  mustslower  retry next minute"},
};
#define ERRCODE_COUNT (sizeof errcodes / sizeof errcodes[0])

struct api {
    char app_id[MW_APPID_MAX + 1], secret[SECRET_MAX + 1];
    struct people *people;
    struct behave behave;
    struct exchange_rules rules;
    bool rotate;
    struct stats stats;
    uint64_t refused[ERRCODE_COUNT], refused_other;
};

struct api *api_new(struct mw_str app_id, struct mw_str secret) {
    struct api *api = calloc(1, sizeof *api);
    if (!api) return NULL;
    api->rules.rate_limit = 100;
    api->rotate = true;
    api->people = people_new(app_id);
    if (!api->people || !mw_str_copy(api->app_id, sizeof api->app_id, app_id) ||
        !mw_str_copy(api->secret, sizeof api->secret, secret))
        api_free(&api);
    return api;
}

void api_free(struct api **api) {
    if (!*api) return;
    people_free(&(*api)->people);
    free(*api);
    *api = NULL;
}

void api_take_foreign_codes(struct api *api) {
    api->rules.foreign_codes = true;
}

struct stats *api_stats(struct api *api) {
    return &api->stats;
}

/* Takes the tree. */
static void answer_json(struct answer *out, unsigned status, cJSON *object) {
    out->status = status;
    out->content_type = type_json;
    out->body = cJSON_PrintUnformatted(object);
    cJSON_Delete(object);
}

static void answer_error(struct answer *out, unsigned status, const char *why) {
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "error", why);
    answer_json(out, status, object);
}

static void answer_failure(struct answer *out, enum mw_err err) {
    answer_error(out, err == MW_ETOOBIG || err == MW_EINVAL ? 400 : 503, mw_err_text(err));
}

/* {"errcode":…,"errmsg":"…, rid: xxxxxxxx-xxxxxxxx-xxxxxxxx"} */
static void answer_errcode(struct api *api, struct answer *out, int errcode, int64_t unix_s) {
    const char *errmsg = "error";
    uint64_t *count = &api->refused_other;
    for (size_t i = 0; i < ERRCODE_COUNT; i++)
        if (errcodes[i].errcode == errcode) {
            errmsg = errcodes[i].errmsg;
            count = &api->refused[i];
        }
    ++*count;
    uint32_t random[2] = {0, 0};
    char text[160];
    if (mw_random((uint8_t *)random, sizeof random) != MW_OK) return;
    snprintf(text, sizeof text, "%s, rid: %08" PRIx32 "-%08" PRIx32 "-%08" PRIx32, errmsg, (uint32_t)unix_s, random[0],
             random[1]);
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "errcode", errcode);
    cJSON_AddStringToObject(object, "errmsg", text);
    answer_json(out, 200, object);
    out->content_type = type_wechat;
}

static bool given(struct mw_str s) {
    return s.ptr && s.len > 0;
}

/* The errcode of a request that is wrong before its code is looked at, in WeChat's order; 0: go on. */
static int check_exchange(const struct api *api, const struct request *r) {
    const struct mw_str *q = r->query;
    const struct {
        bool wrong;
        int errcode;
    } rows[] = {
        {!mw_str_eq(r->method, MW_STR("GET")) || !given(q[QUERY_APPID]), 41002},
        {!given(q[QUERY_SECRET]), 41004},
        {!given(q[QUERY_JS_CODE]), 41008},
        {!mw_str_eq(q[QUERY_GRANT_TYPE], MW_STR("authorization_code")), 40002},
        {!mw_str_eq(q[QUERY_APPID], mw_cstr(api->app_id)), 40013},
        {!mw_secret_eq(q[QUERY_SECRET], mw_cstr(api->secret)), 40125},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].wrong) return rows[i].errcode;
    return 0;
}

static void jscode2session(struct api *api, const struct request *r, struct answer *out) {
    const struct person *person = NULL;
    api->stats.calls++;
    out->behaviour = behave_next(&api->behave);
    bool lost = mode_loses_call(out->behaviour.mode);
    int errcode = out->behaviour.errcode;
    if (errcode == 0) errcode = check_exchange(api, r);
    if (errcode == 0 && !lost)
        errcode = people_exchange(api->people, r->query[QUERY_JS_CODE], &api->rules, r->mono_ms, &person);
    else if (api->rules.burn_on_failure)
        people_burn(api->people, r->query[QUERY_JS_CODE]);
    if (lost) return; /* nothing is said, and no errcode counted */
    if (!person) {
        answer_errcode(api, out, errcode, r->unix_s);
        return;
    }
    api->stats.ok++;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "session_key", person_session_key(person));
    cJSON_AddStringToObject(object, "openid", person_openid(person));
    if (person_unionid(person)[0]) cJSON_AddStringToObject(object, "unionid", person_unionid(person));
    answer_json(out, 200, object);
    out->content_type = type_wechat;
}

static enum mw_err person_of(struct api *api, const struct door_args *args, struct person **out) {
    const struct person_traits traits = {args->nick_name, args->avatar_url, args->unionid};
    struct person *person = NULL;
    enum mw_err err = people_get(api->people, args->person, &person);
    if (err == MW_OK) err = person_set_traits(person, &traits);
    if (err == MW_OK) *out = person;
    return err;
}

static void door_code(struct api *api, const struct request *r, const struct door_args *args, struct answer *out) {
    struct person *person = NULL;
    char code[CODE_LEN + 1];
    enum mw_err err = person_of(api, args, &person);
    if (err == MW_OK) err = people_mint_code(api->people, person, api->rotate, args->ttl * 1000, r->mono_ms, code);
    if (err != MW_OK) {
        answer_failure(out, err);
        return;
    }
    if (args->blocked >= 0) person_set_blocked(person, args->blocked);
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "code", code);
    cJSON_AddStringToObject(object, "openid", person_openid(person));
    answer_json(out, 200, object);
}

/* The falsified members of a watermark. */
static struct watermark mark_of(const struct api *api, const struct request *r, const struct door_args *args) {
    return (struct watermark){args->app_id.ptr ? args->app_id.ptr : api->app_id, r->unix_s - args->age};
}

/* Encrypts `made`, or the plain text that the caller wants in its place, and adds it to the answer. */
static enum mw_err add_sealed(cJSON *object, const struct person *person, const struct door_args *args,
                              const char *made) {
    struct mw_str plain = args->plaintext.ptr ? args->plaintext : mw_cstr(made);
    if (!plain.ptr) return MW_ENOMEM;
    struct sealed *sealed = malloc(sizeof *sealed);
    if (!sealed) return MW_ENOMEM;
    enum mw_err err = seal_encrypt(person_session_key(person), plain, args->bad_padding == 1, sealed);
    if (err == MW_OK && !(cJSON_AddStringToObject(object, "encryptedData", sealed->data) &&
                          cJSON_AddStringToObject(object, "iv", sealed->iv)))
        err = MW_ENOMEM;
    free(sealed);
    return err;
}

static void door_userinfo(struct api *api, const struct request *r, const struct door_args *args, struct answer *out) {
    const struct watermark mark = mark_of(api, r, args);
    struct person *person = NULL;
    char signature[SIGNATURE_LEN + 1], *raw_data = NULL, *made = NULL;
    cJSON *object = cJSON_CreateObject();
    enum mw_err err = person_of(api, args, &person);
    if (err != MW_OK) goto done;
    err = MW_ENOMEM;
    raw_data = seal_raw_data(person);
    if (!object || !raw_data) goto done;
    err = seal_sign(person_session_key(person), mw_cstr(raw_data), signature);
    if (err != MW_OK) goto done;
    if (args->bad_signature == 1) signature[0] = signature[0] == '0' ? '1' : '0';
    cJSON_AddStringToObject(object, "rawData", raw_data);
    cJSON_AddStringToObject(object, "signature", signature);
    const char *open_id = args->open_id.ptr ? args->open_id.ptr : person_openid(person);
    made = seal_user_info(person, args->ids == 0 ? NULL : open_id, &mark);
    err = add_sealed(object, person, args, made);
done:
    if (err == MW_OK) {
        answer_json(out, 200, object);
        object = NULL;
    } else {
        answer_failure(out, err);
    }
    cJSON_Delete(object);
    cJSON_free(made);
    cJSON_free(raw_data);
}

static void door_group(struct api *api, const struct request *r, const struct door_args *args, struct answer *out) {
    const struct watermark mark = mark_of(api, r, args);
    enum group_form form = GROUP_SHARE_INFO;
    if (mw_str_eq(args->form, MW_STR("opengid"))) {
        form = GROUP_ENTER_INFO;
    } else if (args->form.ptr && !mw_str_eq(args->form, MW_STR("openGId"))) {
        answer_error(out, 400, "form: must be openGId (wx.getShareInfo) or opengid (wx.getGroupEnterInfo)");
        return;
    }
    struct person *person = NULL;
    char id[GROUP_ID_LEN + 1], *made = NULL;
    cJSON *object = cJSON_CreateObject();
    enum mw_err err = person_of(api, args, &person);
    if (err == MW_OK) err = group_id(mw_cstr(api->app_id), args->group, id);
    if (err != MW_OK) goto done;
    made = seal_group_info(form, id, &mark);
    err = add_sealed(object, person, args, made);
done:
    if (err == MW_OK) {
        cJSON_AddStringToObject(object, "openGId", id);
        answer_json(out, 200, object);
        object = NULL;
    } else {
        answer_failure(out, err);
    }
    cJSON_Delete(object);
    cJSON_free(made);
}

static void door_behave(struct api *api, const struct request *r, const struct door_args *args, struct answer *out) {
    (void)r;
    enum mode mode = MODE_NORMAL;
    if (args->mode.ptr && mode_from_text(args->mode, &mode) != MW_OK) {
        char why[DOOR_WHY_MAX];
        snprintf(why, sizeof why, "mode: must be one of %s", mode_names());
        answer_error(out, 400, why);
        return;
    }
    /* The call's faults are set anew as a whole; the switches change only when they are given. */
    api->behave.now = (struct behaviour){mode, args->delay_ms, (int)args->errcode};
    api->behave.times = args->times;
    if (args->rotate >= 0) api->rotate = args->rotate;
    if (args->burn >= 0) api->rules.burn_on_failure = args->burn;
    if (args->rate_limit >= 0) api->rules.rate_limit = args->rate_limit;
    out->release = args->release > 0;
    answer_json(out, 200, cJSON_CreateObject());
}

static void door_person(struct api *api, const struct request *r, const struct door_args *args, struct answer *out) {
    (void)args;
    struct person *person = NULL;
    if (people_get(api->people, r->query[QUERY_NAME], &person) != MW_OK) {
        answer_error(out, 400, "name: 1 to 64 bytes are required in the query");
        return;
    }
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "openid", person_openid(person));
    cJSON_AddStringToObject(object, "session_key", person_session_key(person));
    cJSON_AddStringToObject(object, "unionid", person_unionid(person));
    answer_json(out, 200, object);
}

static void door_stats(struct api *api, const struct request *r, const struct door_args *args, struct answer *out) {
    (void)r;
    (void)args;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "calls", (double)api->stats.calls);
    cJSON_AddNumberToObject(object, "ok", (double)api->stats.ok);
    cJSON *refused = cJSON_AddObjectToObject(object, "errcodes");
    for (size_t i = 0; i < ERRCODE_COUNT; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", errcodes[i].errcode);
        if (api->refused[i] > 0) cJSON_AddNumberToObject(refused, name, (double)api->refused[i]);
    }
    if (api->refused_other > 0) cJSON_AddNumberToObject(refused, "other", (double)api->refused_other);
    cJSON_AddNumberToObject(object, "codes", (double)people_codes(api->people));
    cJSON_AddNumberToObject(object, "persons", (double)people_count(api->people));
    cJSON_AddNumberToObject(object, "inflight", (double)api->stats.inflight);
    cJSON_AddNumberToObject(object, "inflight_max", (double)api->stats.inflight_max);
    answer_json(out, 200, object);
}

static const struct route {
    const char *method, *path;
    enum door door; /* 0: takes no body */
    void (*fn)(struct api *, const struct request *, const struct door_args *, struct answer *);
} routes[] = {
    {"POST", "/standin/code", DOOR_CODE, door_code},       {"POST", "/standin/userinfo", DOOR_USERINFO, door_userinfo},
    {"POST", "/standin/group", DOOR_GROUP, door_group},    {"POST", "/standin/behave", DOOR_BEHAVE, door_behave},
    {"GET", "/standin/person", (enum door)0, door_person}, {"GET", "/standin/stats", (enum door)0, door_stats},
};

bool api_is_wechat(struct mw_str path) {
    return mw_str_starts(path, MW_STR("/sns/"));
}

void api_answer(struct api *api, const struct request *r, struct answer *out) {
    *out = (struct answer){.status = 500, .content_type = type_json};
    if (mw_str_eq(r->path, MW_STR("/sns/jscode2session"))) {
        jscode2session(api, r, out);
        return;
    }
    bool known = false;
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        const struct route *route = &routes[i];
        if (!mw_str_eq(r->path, mw_cstr(route->path))) continue;
        known = true;
        if (!mw_str_eq(r->method, mw_cstr(route->method))) continue;
        struct door_args args = {0};
        char why[DOOR_WHY_MAX] = "";
        if (route->door != 0 && door_args_read(route->door, r->body, &args, why) != MW_OK) {
            answer_error(out, 400, why);
            return;
        }
        route->fn(api, r, &args, out);
        door_args_clear(&args);
        return;
    }
    answer_error(out, known ? 405 : 404, known ? "this path takes another method" : "no such path");
}
