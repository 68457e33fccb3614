#include "key_file.h"
#include "mw/base32.h"
#include "mw/clock.h"
#include "mw/parse.h"
#include "mw/secret.h"
#include "mw/skey.h"
#include "tool.h"

#include <getopt.h>
#include <stdio.h>
#include <time.h>

#define TTL_MAX_S (INT64_C(100) * 365 * 24 * 60 * 60)
#define TIME_MAX_S ((INT64_C(1) << 53) - 1 - TTL_MAX_S)

struct mint_args {
    const char *keys;
    int64_t ttl_s;
    struct mw_claims claims;
};

static bool set_keys(struct mint_args *a, struct mw_str value) {
    a->keys = value.ptr;
    return value.len > 0;
}

static bool set_iss(struct mint_args *a, struct mw_str value) {
    return mw_is_appid(value) && mw_str_copy(a->claims.iss, sizeof a->claims.iss, value);
}

static bool set_uid(struct mint_args *a, struct mw_str value) {
    return mw_is_uid(value) && mw_str_copy(a->claims.uid, sizeof a->claims.uid, value);
}

static bool set_sid(struct mint_args *a, struct mw_str value) {
    return mw_is_sid(value) && mw_str_copy(a->claims.sid, sizeof a->claims.sid, value);
}

static bool set_ttl(struct mint_args *a, struct mw_str value) {
    return mw_parse_duration_s(value, TTL_MAX_S, &a->ttl_s) == MW_OK && a->ttl_s > 0;
}

static bool set_iat(struct mint_args *a, struct mw_str value) {
    return mw_parse_duration_s(value, TIME_MAX_S, &a->claims.iat_s) == MW_OK;
}

static bool set_role(struct mint_args *a, struct mw_str value) {
    if (mw_str_eq(value, MW_STR("service"))) a->claims.role = MW_ROLE_SERVICE;
    if (mw_str_eq(value, MW_STR("admin"))) a->claims.role = MW_ROLE_ADMIN;
    return a->claims.role != MW_ROLE_USER;
}

static bool add_room(struct mint_args *a, struct mw_str value) {
    struct mw_claims *c = &a->claims;
    if (c->rooms_count == MW_SKEY_ROOMS_MAX || mw_room_kind(value) == MW_ROOM_INVALID) return false;
    for (size_t i = 0; i < c->rooms_count; i++)
        if (mw_str_eq(mw_cstr(c->rooms[i]), value)) return true;
    return mw_str_copy(c->rooms[c->rooms_count++], sizeof c->rooms[0], value);
}

static bool set_name(struct mint_args *a, struct mw_str value) {
    return mw_is_nick(value) && mw_str_copy(a->claims.name, sizeof a->claims.name, value);
}

static bool set_picture(struct mint_args *a, struct mw_str value) {
    return mw_is_avatar_url(value) && mw_str_copy(a->claims.picture, sizeof a->claims.picture, value);
}

static const struct mint_option {
    const char *name;
    bool (*set)(struct mint_args *a, struct mw_str value);
    const char *shape;
} mint_options[] = {
    {"keys", set_keys, "the signing.jwks that keygen made"},
    {"iss", set_iss, "the mini-program's app id: wx and 1 to 30 of a-z0-9"},
    {"uid", set_uid, "16 characters of a-z2-7"},
    {"sid", set_sid, "26 characters of a-z2-7"},
    {"ttl", set_ttl, "1s to 100 years, such as 90s, 30m, 24h or 365d"},
    {"role", set_role, "service or admin"},
    {"room", add_room,
     "a room's name, at most 32 of them: 1 to 64 bytes of UTF-8 without / + # $ and control characters"},
    {"name", set_name, "1 to 32 characters without control characters"},
    {"picture", set_picture, "an http or https URL of at most 512 printable ASCII characters"},
    {"iat", set_iat, "whole seconds since 1970"},
};
#define MINT_OPTIONS (sizeof mint_options / sizeof mint_options[0])

static int read_args(int argc, char **argv, struct mint_args *out) {
    struct option options[MINT_OPTIONS + 1] = {0};
    for (size_t i = 0; i < MINT_OPTIONS; i++)
        options[i] = (struct option){mint_options[i].name, required_argument, NULL, 0};
    opterr = 0;
    for (int at = 0, option; (option = getopt_long(argc, argv, "", options, &at)) != -1;) {
        if (option != 0) return complain_option(argv[optind - 1]);
        if (!mint_options[at].set(out, mw_cstr(optarg)))
            return complain_usage("--%s: %s", mint_options[at].name, mint_options[at].shape);
    }
    if (optind < argc) return complain_usage("mint: \"%s\" belongs to no option", argv[optind]);
    if (!out->keys) return complain_usage("mint: --keys FILE is needed");
    if (!out->claims.iss[0]) return complain_usage("mint: --iss APPID is needed");
    return STATUS_OK;
}

static enum mw_err random_uid(char out[static MW_UID_LEN + 1]) {
    uint8_t raw[MW_UID_LEN * 5 / 8];
    const enum mw_err err = mw_random(raw, sizeof raw);
    if (err != MW_OK) return err;
    struct mw_buf b = mw_buf_over(out, MW_UID_LEN + 1);
    mw_base32_put(&b, mw_bytes(raw, sizeof raw));
    return mw_buf_cstr(&b) ? MW_OK : MW_EIO;
}

static enum mw_err fill_in(struct mint_args *a) {
    struct mw_claims *c = &a->claims;
    enum mw_err err = MW_OK;
    if (!c->uid[0]) err = random_uid(c->uid);
    if (!c->sid[0] && err == MW_OK) err = mw_sid_new(c->sid);
    if (c->iat_s < 0) c->iat_s = time(NULL);
    c->exp_s = mw_add_sat(c->iat_s, a->ttl_s);
    return err;
}

int mint_main(int argc, char **argv) {
    struct mint_args args = {.ttl_s = 24 * 60 * 60, .claims.iat_s = -1};
    struct mw_keyset set = {0};
    char token[MW_SKEY_MAX + 1];
    const int status = read_args(argc, argv, &args);
    if (status != STATUS_OK) return status;
    if (key_file_load(args.keys, &set) != MW_OK) return STATUS_FAILED;
    enum mw_err err = fill_in(&args);
    if (err == MW_OK) err = mw_skey_mint(&set.keys[0], &args.claims, token, sizeof token);
    mw_keyset_wipe(&set);
    if (err == MW_ETOOBIG)
        complain("the skey would be longer than %d bytes: name fewer rooms", MW_SKEY_MAX);
    else if (err != MW_OK)
        complain("cannot mint: %s", mw_err_text(err));
    if (err != MW_OK) return STATUS_FAILED;
    (void)puts(token);
    mw_wipe(token, sizeof token);
    return STATUS_OK;
}
