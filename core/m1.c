#include "mw/m1.h"

#include "json_members.h"
#include "json_number.h"
#include "json_string.h"
#include "mw/media.h"
#include "mw/parse.h"
#include "mw/utf8.h"

#define FILE_NAME_CHARS_MAX 255
#define SIDE_MAX 100000    /* pixels */
#define DURATION_MAX 86400 /* seconds */
#define FILE_SIZE_MAX ((INT64_C(1) << 53) - 1)

static const struct {
    struct mw_str name;
    enum mw_m1_type type;
} types[] = {{{"text", 4}, MW_M1_TEXT},    {{"image", 5}, MW_M1_IMAGE}, {{"voice", 5}, MW_M1_VOICE},
             {{"video", 5}, MW_M1_VIDEO},  {{"file", 4}, MW_M1_FILE},   {{"custom", 6}, MW_M1_CUSTOM},
             {{"recall", 6}, MW_M1_RECALL}};

#define TEXT (1u << MW_M1_TEXT)
#define IMAGE (1u << MW_M1_IMAGE)
#define VOICE (1u << MW_M1_VOICE)
#define VIDEO (1u << MW_M1_VIDEO)
#define FILES (1u << MW_M1_FILE)
#define CUSTOM (1u << MW_M1_CUSTOM)
#define RECALL (1u << MW_M1_RECALL)
#define MEDIA (IMAGE | VOICE | VIDEO | FILES)
#define EVERY (TEXT | MEDIA | CUSTOM | RECALL)

/* A member as it stands in the payload. */
struct found {
    size_t which; /* in the table of members; MEMBERS: none of them */
    struct mw_str name, value;
};

struct message {
    const struct mw_m1_rules *rules;
    struct mw_m1 *out;
};

bool mw_is_id(struct mw_str s) {
    uint64_t value = 0;
    return s.len <= MW_ID_DIGITS_MAX && mw_parse_u64(s, INT64_MAX, &value) == MW_OK && s.ptr[0] != '0';
}

static bool is_id_value(struct mw_str value) {
    char mem[MW_ID_DIGITS_MAX];
    return mw_is_id(json_string(value, mem, sizeof mem));
}

/* The sender's own text counts, not what it stands for: this is what everybody gets. */
static bool is_object_within(const struct found *f, size_t max) {
    const bool escaped = memchr(f->name.ptr, '\\', f->name.len) != NULL;
    return f->value.ptr[0] == '{' && f->value.len <= max && !escaped;
}

static bool fits_type(const struct message *m, const struct found *f) {
    (void)f;
    return m->out->type != MW_M1_NONE;
}

static bool fits_ref(const struct message *m, const struct found *f) {
    char mem[MW_M1_REF_MAX];
    const struct mw_str ref = json_string(f->value, mem, sizeof mem);
    bool controls = true;
    (void)m;
    return ref.len >= 1 && ref.len <= MW_M1_REF_MAX && mw_utf8_check(ref, NULL, &controls) && !controls;
}

static bool fits_reply_to(const struct message *m, const struct found *f) {
    (void)m;
    return is_id_value(f->value);
}

static bool fits_ext(const struct message *m, const struct found *f) {
    (void)m;
    return is_object_within(f, MW_M1_EXT_MAX);
}

static bool fits_content(const struct message *m, const struct found *f) {
    const size_t quotes = 2;
    (void)m;
    if (f->value.ptr[0] != '"' || f->value.len == quotes) return false;
    /* No character takes less than a byte: few bytes need no count. */
    return f->value.len <= quotes + MW_M1_TEXT_CHARS_MAX || json_string_chars(f->value) <= MW_M1_TEXT_CHARS_MAX;
}

/* The files that a message may carry. Phones record sound into MP4 too: a voice may be one. */
static bool carries(enum mw_m1_type type, enum mw_media_type file) {
    enum {
        PICTURES = 1 << MW_MEDIA_JPEG | 1 << MW_MEDIA_PNG | 1 << MW_MEDIA_GIF | 1 << MW_MEDIA_WEBP,
        FILMS = 1 << MW_MEDIA_MP4,
        SOUNDS = 1 << MW_MEDIA_MP3 | 1 << MW_MEDIA_AAC | 1 << MW_MEDIA_M4A | 1 << MW_MEDIA_AMR | 1 << MW_MEDIA_WAV,
        ALL = PICTURES | FILMS | SOUNDS | 1 << MW_MEDIA_PDF
    };
    static const unsigned files[] = {
        [MW_M1_IMAGE] = PICTURES, [MW_M1_VOICE] = SOUNDS | FILMS, [MW_M1_VIDEO] = FILMS, [MW_M1_FILE] = ALL};
    return file != MW_MEDIA_NONE && (files[type] >> file & 1);
}

static bool fits_url(const struct message *m, const struct found *f) {
    char mem[MW_M1_ESCAPED_URL_MAX];
    const struct mw_str url = json_string(f->value, mem, sizeof mem);
    return carries(m->out->type, mw_media_url_type(url, m->rules->media_url));
}

static bool fits_side(const struct message *m, const struct found *f) {
    int64_t pixels = 0;
    (void)m;
    return json_number_whole(f->value, 1, SIDE_MAX, &pixels);
}

static bool fits_duration(const struct message *m, const struct found *f) {
    (void)m;
    return json_number_positive(f->value, DURATION_MAX);
}

static bool fits_name(const struct message *m, const struct found *f) {
    char mem[4 * FILE_NAME_CHARS_MAX];
    const struct mw_str name = json_string(f->value, mem, sizeof mem);
    size_t chars = 0;
    bool controls = true;
    (void)m;
    return mw_utf8_check(name, &chars, &controls) && !controls && chars >= 1 && chars <= FILE_NAME_CHARS_MAX;
}

static bool fits_size(const struct message *m, const struct found *f) {
    int64_t bytes = 0;
    (void)m;
    return json_number_whole(f->value, 0, FILE_SIZE_MAX, &bytes);
}

static bool fits_data(const struct message *m, const struct found *f) {
    (void)m;
    return is_object_within(f, MW_M1_DATA_MAX);
}

static bool fits_transient(const struct message *m, const struct found *f) {
    m->out->transient = mw_str_eq(f->value, MW_STR("true"));
    return m->out->transient || mw_str_eq(f->value, MW_STR("false"));
}

static bool fits_of(const struct message *m, const struct found *f) {
    return is_id_value(f->value) && json_string_copy(f->value, m->out->of, sizeof m->out->of);
}

enum { AT_TYPE = 0, AT_REF };

/* Every member there is: which types may and must have it, and what the sender is told when it is missing or wrong. */
static const struct member {
    struct mw_str name;
    unsigned may, must;
    bool (*fits)(const struct message *m, const struct found *f);
    const char *why;
} members[] = {
    [AT_TYPE] =
        {{"type", 4}, EVERY, EVERY, fits_type, "type must be text, image, voice, video, file, custom or recall"},
    [AT_REF] = {{"ref", 3}, EVERY, 0, fits_ref, "ref must be a string of 1 to 64 bytes without control characters"},
    {{"replyTo", 7}, EVERY, 0, fits_reply_to, "replyTo must be a message id in a string"},
    {{"ext", 3}, EVERY, 0, fits_ext, "ext must be an object of at most 1024 bytes, its name without escapes"},
    {{"content", 7}, TEXT, TEXT, fits_content, "content must be 1 to 2000 characters"},
    {{"url", 3},
     MEDIA,
     MEDIA,
     fits_url,
     "url must be one that the media upload answered, of a file that fits the type"},
    {{"width", 5}, IMAGE | VIDEO, IMAGE | VIDEO, fits_side, "width must be a whole number from 1 to 100000"},
    {{"height", 6}, IMAGE | VIDEO, IMAGE | VIDEO, fits_side, "height must be a whole number from 1 to 100000"},
    {{"duration", 8},
     VOICE | VIDEO,
     VOICE | VIDEO,
     fits_duration,
     "duration must be a number of seconds, at most 86400"},
    {{"name", 4}, FILES, FILES, fits_name, "name must be 1 to 255 characters without control characters"},
    {{"size", 4}, FILES, FILES, fits_size, "size must be a whole number of bytes"},
    {{"data", 4}, CUSTOM, CUSTOM, fits_data, "data must be an object of at most 4096 bytes, its name without escapes"},
    {{"transient", 9}, CUSTOM, 0, fits_transient, "transient must be true or false"},
    {{"of", 2}, RECALL, RECALL, fits_of, "of must be a message id in a string"},
};
#define MEMBERS (sizeof members / sizeof members[0])
_Static_assert(MEMBERS <= 32, "one bit for each member");

/* What the payload has, in its order. No name stands twice in it, and of members that are not in the table the first is
 * enough: so there is room for all. */
struct contents {
    size_t count;
    struct found all[MEMBERS + 1];
    bool strange; /* one that is not in the table is among them */
};

static size_t find_name(struct mw_str name) {
    size_t i = 0;
    while (i < MEMBERS && !mw_str_eq(members[i].name, name))
        i++;
    return i;
}

static size_t find_member(struct mw_str spelled) {
    char mem[sizeof "transient"];
    const size_t i = find_name(spelled);
    if (i < MEMBERS || spelled.len == 0 || !memchr(spelled.ptr, '\\', spelled.len)) return i;
    return find_name(json_unescape(spelled, mem, sizeof mem));
}

static void collect(void *ctx, struct mw_str name, struct mw_str value) {
    struct contents *c = ctx;
    const size_t which = find_member(name);
    if (which == MEMBERS && c->strange) return;
    if (c->count == sizeof c->all / sizeof c->all[0]) return; /* not with a text that passes */
    c->all[c->count++] = (struct found){which, name, value};
    c->strange |= which == MEMBERS;
}

static const struct found *find(const struct contents *c, size_t which) {
    for (size_t i = 0; i < c->count; i++)
        if (c->all[i].which == which) return &c->all[i];
    return NULL;
}

static enum mw_m1_type type_of(const struct found *f) {
    char mem[sizeof "recall"];
    if (!f) return MW_M1_NONE;
    const struct mw_str name = json_string(f->value, mem, sizeof mem);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (mw_str_eq(types[i].name, name)) return types[i].type;
    return MW_M1_NONE;
}

static const char *check_members(const struct message *m, const struct contents *c) {
    const unsigned type = 1u << m->out->type;
    uint32_t seen = 0;

    if (m->out->type == MW_M1_NONE) return members[AT_TYPE].why;
    if ((type & MEDIA) && m->rules->media_url.len == 0) return "media messages are off: the server has no media_url";
    for (size_t i = 0; i < c->count; i++) {
        const struct found *f = &c->all[i];
        if (f->which == MEMBERS || !(members[f->which].may & type))
            return "member not known for this type; see docs/protocol.md";
        if (!members[f->which].fits(m, f)) return members[f->which].why;
        seen |= UINT32_C(1) << f->which;
    }
    for (size_t i = 0; i < MEMBERS; i++)
        if ((members[i].must & type) && !(seen >> i & 1)) return members[i].why;
    return NULL;
}

static void take_ref(const struct message *m, const struct found *f) {
    if (f && fits_ref(m, f)) (void)json_string_copy(f->value, m->out->ref, sizeof m->out->ref);
}

enum mw_err mw_m1_check(struct mw_str payload, const struct mw_m1_rules *rules, struct mw_m1 *out, const char **why) {
    const struct message m = {rules, out};
    struct contents contents;
    const struct json_visitor visitor = {collect, &contents};

    *out = (struct mw_m1){.type = MW_M1_NONE};
    if (payload.len > rules->max_bytes) {
        *why = "message is over the size limit";
        return MW_ETOOBIG;
    }
    contents.count = 0;
    contents.strange = false;
    const enum mw_err err = json_check_members(payload, &visitor, why);
    if (err != MW_OK) return err;

    take_ref(&m, find(&contents, AT_REF)); /* before all that may be wrong: the sender wants to know which one it was */
    out->type = type_of(find(&contents, AT_TYPE));
    const char *fault = check_members(&m, &contents);
    if (fault) {
        *why = fault;
        return MW_EINVAL;
    }
    out->first_member = (size_t)(contents.all[0].name.ptr - payload.ptr) - 1; /* at its quote */
    return MW_OK;
}
