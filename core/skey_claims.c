#include "skey_claims.h"

#include "json_members.h"
#include "json_string.h"
#include "json_walk.h"
#include "mw/parse.h"

#define TIME_MAX ((INT64_C(1) << 53) - 1) /* what every JSON reader holds exactly */

static const char *const role_names[] = {
    [MW_ROLE_USER] = NULL, [MW_ROLE_SERVICE] = "service", [MW_ROLE_ADMIN] = "admin"};
#define ROLES (sizeof role_names / sizeof role_names[0])

static const char *rooms_fault(const struct mw_claims *c) {
    if (c->rooms_count > MW_SKEY_ROOMS_MAX) return "rooms has more than 32 names";
    for (size_t i = 0; i < c->rooms_count; i++) {
        if (mw_room_kind(mw_cstr(c->rooms[i])) == MW_ROOM_INVALID) return "rooms holds what is not a room's name";
        for (size_t k = 0; k < i; k++)
            if (strcmp(c->rooms[i], c->rooms[k]) == 0) return "rooms names a room twice";
    }
    return NULL;
}

const char *skey_claims_fault(const struct mw_claims *c) {
    if (!mw_is_appid(mw_cstr(c->iss))) return "iss is not an app id";
    if (!mw_is_uid(mw_cstr(c->uid))) return "sub is not a uid";
    if (!mw_is_sid(mw_cstr(c->sid))) return "jti is not a sid";
    if (c->iat_s < 0 || c->iat_s > TIME_MAX) return "iat is not a time";
    if (c->exp_s < c->iat_s || c->exp_s > TIME_MAX) return "exp is not a time, or before iat";
    if (c->name[0] && !mw_is_nick(mw_cstr(c->name))) return "name is not a nickname";
    if (c->picture[0] && !mw_is_avatar_url(mw_cstr(c->picture))) return "picture is not a URL";
    if ((size_t)c->role >= ROLES) return "role is unknown";
    return rooms_fault(c);
}

static bool read_iss(struct mw_str value, struct mw_claims *c) {
    return json_string_copy(value, c->iss, sizeof c->iss);
}

static bool read_sub(struct mw_str value, struct mw_claims *c) {
    return json_string_copy(value, c->uid, sizeof c->uid);
}

static bool read_jti(struct mw_str value, struct mw_claims *c) {
    return json_string_copy(value, c->sid, sizeof c->sid);
}

/* Digits alone: 1e3 or 10.0 is a whole number too, but nobody who mints writes a time so. */
static bool read_time(struct mw_str value, int64_t *out) {
    uint64_t time = 0;
    if (mw_parse_u64(value, TIME_MAX, &time) != MW_OK) return false;
    *out = (int64_t)time;
    return true;
}

static bool read_iat(struct mw_str value, struct mw_claims *c) {
    return read_time(value, &c->iat_s);
}

static bool read_exp(struct mw_str value, struct mw_claims *c) {
    return read_time(value, &c->exp_s);
}

/* Unknown is told by absence, so an empty one is refused. */
static bool read_name(struct mw_str value, struct mw_claims *c) {
    return json_string_copy(value, c->name, sizeof c->name) && c->name[0] != '\0';
}

static bool read_picture(struct mw_str value, struct mw_claims *c) {
    return json_string_copy(value, c->picture, sizeof c->picture) && c->picture[0] != '\0';
}

static bool read_role(struct mw_str value, struct mw_claims *c) {
    char name[sizeof "service"];
    if (!json_string_copy(value, name, sizeof name)) return false;
    for (size_t i = 0; i < ROLES; i++)
        if (mw_str_eq(mw_cstr(name), mw_cstr(role_names[i]))) {
            c->role = (enum mw_role)i;
            return true;
        }
    return false;
}

static bool read_rooms(struct mw_str value, struct mw_claims *c) {
    struct json_walk walk;
    struct mw_str room;
    if (!json_walk_array(value, &walk)) return false;
    while (json_walk_element(&walk, &room)) {
        if (c->rooms_count == MW_SKEY_ROOMS_MAX) return false;
        if (!json_string_copy(room, c->rooms[c->rooms_count], sizeof c->rooms[0])) return false;
        c->rooms_count++;
    }
    return true;
}

static const struct claim {
    struct mw_str name;
    bool (*read)(struct mw_str value, struct mw_claims *c);
    bool required;
    const char *fault;
} known[] = {
    {{"iss", 3}, read_iss, true, "iss is missing or not an app id"},
    {{"sub", 3}, read_sub, true, "sub is missing or not a uid"},
    {{"jti", 3}, read_jti, true, "jti is missing or not a sid"},
    {{"iat", 3}, read_iat, true, "iat is missing or not in whole seconds"},
    {{"exp", 3}, read_exp, true, "exp is missing or not in whole seconds"},
    {{"name", 4}, read_name, false, "name is not a nickname"},
    {{"picture", 7}, read_picture, false, "picture is not a URL"},
    {{"role", 4}, read_role, false, "role is unknown"},
    {{"rooms", 5}, read_rooms, false, "rooms is not an array of at most 32 rooms' names"},
};
#define KNOWN (sizeof known / sizeof known[0])

/* KNOWN for another's claim. The search begins at `first`, since most tokens have the order of the table. */
static size_t find_name(struct mw_str name, size_t first) {
    for (size_t n = 0; n < KNOWN; n++) {
        const size_t i = first + n < KNOWN ? first + n : first + n - KNOWN;
        if (mw_str_eq(known[i].name, name)) return i;
    }
    return KNOWN;
}

static size_t find_claim(struct mw_str spelled, size_t first) {
    char mem[sizeof "picture"];
    const size_t i = find_name(spelled, first);
    return i < KNOWN ? i : find_name(json_unescape(spelled, mem, sizeof mem), first);
}

struct reading {
    struct mw_claims *out;
    const char *fault;
    size_t next;   /* the claim that is expected */
    unsigned seen; /* one bit for each known claim */
};

static void take_member(void *ctx, struct mw_str name, struct mw_str value) {
    struct reading *r = ctx;
    const size_t i = find_claim(name, r->next);
    r->next = i < KNOWN ? i + 1 : 0;
    if (i == KNOWN) return;
    r->seen |= 1U << i;
    if (!r->fault && !known[i].read(value, r->out)) r->fault = known[i].fault;
}

static const char *misread(struct mw_str json) {
    struct json_walk walk;
    if (mw_json_check(json, NULL) != MW_OK) return "the payload is not JSON";
    return json_walk_object(json, &walk) ? "a claim stands twice" : "the payload is not an object";
}

const char *skey_claims_read(struct mw_str json, struct mw_claims *out) {
    struct reading r = {.out = out};
    const struct json_visitor visitor = {take_member, &r};
    memset(out, 0, sizeof *out);
    if (json_check_members(json, &visitor, NULL) != MW_OK) return misread(json);
    if (r.fault) return r.fault;
    for (size_t i = 0; i < KNOWN; i++)
        if (known[i].required && !(r.seen & 1U << i)) return known[i].fault;
    return skey_claims_fault(out);
}

static void put_text(struct mw_buf *b, struct mw_str prefix, const char *value) {
    mw_buf_put(b, prefix);
    mw_buf_put_json(b, mw_cstr(value));
}

static void put_time(struct mw_buf *b, struct mw_str prefix, int64_t value) {
    mw_buf_put(b, prefix);
    mw_buf_puti(b, value);
}

void skey_claims_put(struct mw_buf *b, const struct mw_claims *c) {
    const bool named = !mw_is_placeholder_nick(mw_cstr(c->name));
    put_text(b, MW_STR("{\"iss\":"), c->iss);
    put_text(b, MW_STR(",\"sub\":"), c->uid);
    put_text(b, MW_STR(",\"jti\":"), c->sid);
    put_time(b, MW_STR(",\"iat\":"), c->iat_s);
    put_time(b, MW_STR(",\"exp\":"), c->exp_s);
    if (named && c->name[0]) put_text(b, MW_STR(",\"name\":"), c->name);
    if (named && c->picture[0]) put_text(b, MW_STR(",\"picture\":"), c->picture);
    if (c->role != MW_ROLE_USER) put_text(b, MW_STR(",\"role\":"), role_names[c->role]);
    for (size_t i = 0; i < c->rooms_count; i++)
        put_text(b, i ? MW_STR(",") : MW_STR(",\"rooms\":["), c->rooms[i]);
    mw_buf_put(b, c->rooms_count ? MW_STR("]}") : MW_STR("}"));
}
