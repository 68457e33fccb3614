#include "mw/m1.h"

#include "mw/json.h"
#include "mw/parse.h"
#include "mw/utf8.h"

#include <cjson/cJSON.h>

#define URL_NAME_MAX 200
#define FILE_NAME_CHARS_MAX 255
#define SIDE_MAX 100000     /* pixels */
#define DURATION_MAX 86400. /* seconds */
#define FILE_SIZE_MAX ((INT64_C(1) << 53) - 1)

static const struct {
    const char *name;
    enum mw_m1_type type;
} types[] = {{"text", MW_M1_TEXT}, {"image", MW_M1_IMAGE},   {"voice", MW_M1_VOICE},  {"video", MW_M1_VIDEO},
             {"file", MW_M1_FILE}, {"custom", MW_M1_CUSTOM}, {"recall", MW_M1_RECALL}};

#define TEXT (1u << MW_M1_TEXT)
#define IMAGE (1u << MW_M1_IMAGE)
#define VOICE (1u << MW_M1_VOICE)
#define VIDEO (1u << MW_M1_VIDEO)
#define FILES (1u << MW_M1_FILE)
#define CUSTOM (1u << MW_M1_CUSTOM)
#define RECALL (1u << MW_M1_RECALL)
#define MEDIA (IMAGE | VOICE | VIDEO | FILES)
#define EVERY (TEXT | MEDIA | CUSTOM | RECALL)

struct message {
    struct mw_str payload;
    const struct mw_m1_rules *rules;
    const struct cJSON *object;
    struct mw_m1 *out;
};

bool mw_is_id(struct mw_str s) {
    uint64_t value = 0;
    return s.len <= MW_ID_DIGITS_MAX && mw_parse_u64(s, INT64_MAX, &value) == MW_OK && s.ptr[0] != '0';
}

static struct mw_str text_of(const struct cJSON *item) {
    return mw_cstr(cJSON_GetStringValue(item));
}

/* The sender's own text of a member, not what it was parsed to: this is what everybody gets. */
static bool is_object_within(const struct message *m, const struct cJSON *item, size_t max) {
    const struct mw_str raw = mw_json_raw_member(m->payload, mw_cstr(item->string));
    return cJSON_IsObject(item) && raw.ptr && raw.len <= max;
}

static bool fits_type(const struct message *m, const struct cJSON *item) {
    (void)item;
    return m->out->type != MW_M1_NONE;
}

static bool fits_ref(const struct message *m, const struct cJSON *item) {
    const struct mw_str ref = text_of(item);
    bool controls = true;
    (void)m;
    return ref.len >= 1 && ref.len <= MW_M1_REF_MAX && mw_utf8_check(ref, NULL, &controls) && !controls;
}

static bool fits_reply_to(const struct message *m, const struct cJSON *item) {
    (void)m;
    return mw_is_id(text_of(item));
}

static bool fits_ext(const struct message *m, const struct cJSON *item) {
    return is_object_within(m, item, MW_M1_EXT_MAX);
}

static bool fits_content(const struct message *m, const struct cJSON *item) {
    size_t chars = 0;
    (void)m;
    return mw_utf8_check(text_of(item), &chars, NULL) && chars >= 1 && chars <= MW_M1_TEXT_CHARS_MAX;
}

static bool is_url_name(struct mw_str name) {
    if (name.len < 1 || name.len > URL_NAME_MAX || name.ptr[0] == '.') return false; /* neither ".." nor hidden */
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.ptr[i];
        const bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!alnum && c != '.' && c != '_' && c != '-') return false;
    }
    return true;
}

static bool fits_url(const struct message *m, const struct cJSON *item) {
    const struct mw_str url = text_of(item), base = m->rules->media_url;
    struct mw_str name = mw_str_skip(url, base.len);
    if (base.len == 0 || !mw_str_starts(url, base)) return false;
    if (base.ptr[base.len - 1] != '/') { /* else "https://ours" would let "https://ours.theirs" in */
        if (!mw_str_starts(name, MW_STR("/"))) return false;
        name = mw_str_skip(name, 1);
    }
    return is_url_name(name);
}

static bool fits_side(const struct message *m, const struct cJSON *item) {
    int64_t pixels = 0;
    return mw_json_int(m->object, item->string, 1, SIDE_MAX, &pixels);
}

static bool fits_duration(const struct message *m, const struct cJSON *item) {
    (void)m;
    return cJSON_IsNumber(item) && item->valuedouble > 0 && item->valuedouble <= DURATION_MAX;
}

static bool fits_name(const struct message *m, const struct cJSON *item) {
    size_t chars = 0;
    bool controls = true;
    (void)m;
    return mw_utf8_check(text_of(item), &chars, &controls) && !controls && chars >= 1 && chars <= FILE_NAME_CHARS_MAX;
}

static bool fits_size(const struct message *m, const struct cJSON *item) {
    int64_t bytes = 0;
    return mw_json_int(m->object, item->string, 0, FILE_SIZE_MAX, &bytes);
}

static bool fits_data(const struct message *m, const struct cJSON *item) {
    return is_object_within(m, item, MW_M1_DATA_MAX);
}

static bool fits_transient(const struct message *m, const struct cJSON *item) {
    m->out->transient = cJSON_IsTrue(item);
    return cJSON_IsBool(item);
}

static bool fits_of(const struct message *m, const struct cJSON *item) {
    return mw_is_id(text_of(item)) && mw_str_copy(m->out->of, sizeof m->out->of, text_of(item));
}

/* Every member there is: which types may and must have it, and what the sender is told when it is missing or wrong. */
static const struct member {
    const char *name;
    unsigned may, must;
    bool (*fits)(const struct message *m, const struct cJSON *item);
    const char *why;
} members[] = {
    {"type", EVERY, EVERY, fits_type, "type must be text, image, voice, video, file, custom or recall"},
    {"ref", EVERY, 0, fits_ref, "ref must be a string of 1 to 64 bytes without control characters"},
    {"replyTo", EVERY, 0, fits_reply_to, "replyTo must be a message id in a string"},
    {"ext", EVERY, 0, fits_ext, "ext must be an object of at most 1024 bytes, its name without escapes"},
    {"content", TEXT, TEXT, fits_content, "content must be 1 to 2000 characters"},
    {"url", MEDIA, MEDIA, fits_url, "url must be one that the media upload answered"},
    {"width", IMAGE | VIDEO, IMAGE | VIDEO, fits_side, "width must be a whole number from 1 to 100000"},
    {"height", IMAGE | VIDEO, IMAGE | VIDEO, fits_side, "height must be a whole number from 1 to 100000"},
    {"duration", VOICE | VIDEO, VOICE | VIDEO, fits_duration, "duration must be a number of seconds, at most 86400"},
    {"name", FILES, FILES, fits_name, "name must be 1 to 255 characters without control characters"},
    {"size", FILES, FILES, fits_size, "size must be a whole number of bytes"},
    {"data", CUSTOM, CUSTOM, fits_data, "data must be an object of at most 4096 bytes, its name without escapes"},
    {"transient", CUSTOM, 0, fits_transient, "transient must be true or false"},
    {"of", RECALL, RECALL, fits_of, "of must be a message id in a string"},
};
#define MEMBERS (sizeof members / sizeof members[0])
_Static_assert(MEMBERS <= 32, "one bit for each member");

static enum mw_m1_type type_of(const struct cJSON *object) {
    const struct mw_str name = mw_json_string(object, "type");
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (mw_str_eq(name, mw_cstr(types[i].name))) return types[i].type;
    return MW_M1_NONE;
}

/* MEMBERS when there is none of that name. */
static size_t member_of(const char *name) {
    size_t i = 0;
    while (i < MEMBERS && strcmp(members[i].name, name) != 0)
        i++;
    return i;
}

static const char *check_members(const struct message *m) {
    const unsigned type = 1u << m->out->type;
    uint32_t seen = 0;

    if (m->out->type == MW_M1_NONE) return members[0].why;
    if ((type & MEDIA) && m->rules->media_url.len == 0) return "media messages are off: the server has no media_url";
    for (const struct cJSON *item = m->object->child; item; item = item->next) {
        const size_t i = member_of(item->string);
        if (i == MEMBERS || !(members[i].may & type)) return "member not known for this type; see docs/protocol.md";
        if (!members[i].fits(m, item)) return members[i].why;
        seen |= UINT32_C(1) << i;
    }
    for (size_t i = 0; i < MEMBERS; i++)
        if ((members[i].must & type) && !(seen >> i & 1)) return members[i].why;
    return NULL;
}

static void take_ref(const struct message *m) {
    const struct cJSON *item = cJSON_GetObjectItemCaseSensitive(m->object, "ref");
    if (fits_ref(m, item)) (void)mw_str_copy(m->out->ref, sizeof m->out->ref, text_of(item));
}

enum mw_err mw_m1_check(struct mw_str payload, const struct mw_m1_rules *rules, struct mw_m1 *out, const char **why) {
    struct cJSON *object = NULL;

    *out = (struct mw_m1){.type = MW_M1_NONE};
    if (payload.len > rules->max_bytes) {
        *why = "message is over the size limit";
        return MW_ETOOBIG;
    }
    const enum mw_err err = mw_json_parse_object(payload, &object, why);
    if (err != MW_OK) return err;

    const struct message m = {payload, rules, object, out};
    take_ref(&m); /* before all that may be wrong: the sender wants to know which message it was */
    out->type = type_of(object);
    out->first_member = mw_json_first_member(payload);
    const char *fault = check_members(&m);
    cJSON_Delete(object);
    if (!fault) return MW_OK;
    *why = fault;
    return MW_EINVAL;
}
