#include "micro.h"

#include "mw/skey.h"

#define NOW_S 1763800001

static struct mw_keyset keys;
static struct mw_claims minted, got;
static char token[MW_SKEY_MAX + 1];

static bool make_token(void) {
    static const char set[] = "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"k-20251122-ab12\",\"k\":"
                              "\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"}]}";
    return mw_jwks_parse(MW_STR(set), &keys, NULL) == MW_OK &&
           mw_skey_mint(&keys.keys[0], &minted, token, sizeof token) == MW_OK;
}

/* A user who has just logged in by code alone. */
static bool prepare_plain(void) {
    minted = (struct mw_claims){.iss = "wx4f4bc4dec97d474b",
                                .uid = "kdtlqdwqcfd6qom5",
                                .sid = "abcdefghijklmnopqrstuvwxyz",
                                .iat_s = 1763800000,
                                .exp_s = 1763886400};
    return make_token();
}

/* One with a name and an avatar of WeChat's usual length. */
static bool prepare_profile(void) {
    (void)prepare_plain();
    return mw_str_copy(minted.name, sizeof minted.name, MW_STR("\xe5\xb0\x8f\xe6\x98\x8e")) &&
           mw_str_copy(
               minted.picture, sizeof minted.picture,
               MW_STR("https://thirdwx.qlogo.cn/mmopen/vi_32/POgEwh4mIHO4nibH0KlMECNjjGxQUq24ZEaGT4poC6icRiccVGKSy"
                      "XwibcPq4BWmiaIGuG1icwxaQX6grC9VemZoJ8rg/132")) &&
           make_token();
}

static bool prepare_forged(void) {
    if (!prepare_plain()) return false;
    char *const first_of_signature = strrchr(token, '.') + 1;
    *first_of_signature = *first_of_signature == 'A' ? 'B' : 'A';
    return true;
}

static bool verify(void) {
    return mw_skey_verify(&keys, mw_cstr(token), NOW_S, &got, NULL) == MW_SKEY_VALID;
}

static bool verify_forged(void) {
    return mw_skey_verify(&keys, mw_cstr(token), NOW_S, &got, NULL) == MW_SKEY_BAD_SIGNATURE;
}

static bool verify_password(void) {
    return mw_skey_verify(&keys, MW_STR("correct horse battery staple"), NOW_S, &got, NULL) == MW_SKEY_NOT_OURS;
}

static bool mint(void) {
    return mw_skey_mint(&keys.keys[0], &minted, token, sizeof token) == MW_OK;
}

static size_t token_bytes(void) {
    return mw_cstr(token).len;
}

const struct micro micro_skey[] = {
    {"skey verify", prepare_plain, verify, token_bytes, 0},
    {"skey verify, with name and picture", prepare_profile, verify, token_bytes, 0},
    {"skey verify, forged", prepare_forged, verify_forged, token_bytes, 0},
    {"skey verify, another's password", prepare_plain, verify_password, NULL, 0},
    {"skey mint, with name and picture", prepare_profile, mint, token_bytes, 0},
    {NULL, NULL, NULL, NULL, 0},
};
