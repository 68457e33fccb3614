/* Any bytes as a token, and any bytes as header and claims under a signature of ours: nothing unsigned is ever taken,
 * and what is taken can be minted again and means the same. An input for the second kind begins with '!', and a newline
 * parts header and claims. */
#include "../../core/hs256.h"
#include "mw/base64.h"
#include "mw/json.h"
#include "mw/skey.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW_S 1763800000

static void must(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static const struct mw_keyset *keys(void) {
    static struct mw_keyset set;
    if (set.count == 0) {
        const enum mw_err err = mw_jwks_parse(
            MW_STR(
                "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"k1\",\"k\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"}]}"),
            &set, NULL);
        must(err == MW_OK, "the key is read");
    }
    return &set;
}

static void check_again(const struct mw_claims *claims) {
    static char token[MW_SKEY_MAX + 1];
    static struct mw_claims again;
    if (mw_is_placeholder_nick(mw_cstr(claims->name))) return; /* is left out when minted */
    const enum mw_err err = mw_skey_mint(&keys()->keys[0], claims, token, sizeof token);
    if (err == MW_ETOOBIG) return; /* our spelling may be longer */
    must(err == MW_OK, "claims that were taken can be minted");
    const enum mw_skey_status status = mw_skey_verify(keys(), mw_cstr(token), NOW_S, &again, NULL);
    must(status == MW_SKEY_VALID || status == MW_SKEY_EXPIRED, "what was minted is taken");
    must(memcmp(&again, claims, sizeof again) == 0, "and means the same");
}

/* cJSON's reading of the same payload. */
static void check_payload(const struct mw_claims *claims, struct mw_str payload) {
    struct cJSON *tree = NULL;
    int64_t exp_s = 0;
    must(mw_json_parse_object(payload, &tree, NULL) == MW_OK, "the payload is strict JSON without doubles");
    must(mw_str_eq(mw_json_string(tree, "sub"), mw_cstr(claims->uid)), "both see the same uid");
    must(mw_str_eq(mw_json_string(tree, "jti"), mw_cstr(claims->sid)), "both see the same sid");
    must(mw_json_int(tree, "exp", 0, INT64_MAX, &exp_s) && exp_s == claims->exp_s, "both see the same end");
    const struct cJSON *role = cJSON_GetObjectItemCaseSensitive(tree, "role");
    must((role != NULL) == (claims->role != MW_ROLE_USER), "a role comes from the claim alone");
    cJSON_Delete(tree);
}

static enum mw_skey_status verify(struct mw_str token, struct mw_claims *claims) {
    const char *why = NULL;
    const enum mw_skey_status status = mw_skey_verify(keys(), token, NOW_S, claims, &why);
    const bool taken = status == MW_SKEY_VALID || status == MW_SKEY_EXPIRED;
    must(taken || why, "a refusal says why");
    must(!taken || (status == MW_SKEY_VALID) == (NOW_S < claims->exp_s), "exp decides");
    return taken ? MW_SKEY_VALID : status;
}

static void check_signed(struct mw_str input) {
    static char token[65536];
    static struct mw_claims claims;
    uint8_t mac[HS256_LEN];
    const char *newline = input.len ? memchr(input.ptr, '\n', input.len) : NULL;
    if (!newline) return;
    const struct mw_str header = {input.ptr, (size_t)(newline - input.ptr)};
    const struct mw_str payload = mw_str_skip(input, header.len + 1);
    struct mw_buf b = mw_buf_over(token, sizeof token);
    mw_base64url_put(&b, header);
    mw_buf_putc(&b, '.');
    mw_base64url_put(&b, payload);
    hs256_sign(&keys()->keys[0], mw_buf_str(&b), mac);
    mw_buf_putc(&b, '.');
    mw_base64url_put(&b, mw_bytes(mac, sizeof mac));
    if (b.overflow || verify(mw_buf_str(&b), &claims) != MW_SKEY_VALID) return;
    check_payload(&claims, payload);
    check_again(&claims);
    token[b.len - 10] = token[b.len - 10] == 'A' ? 'B' : 'A';
    must(verify(mw_buf_str(&b), &claims) == MW_SKEY_BAD_SIGNATURE, "another signature is refused");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct mw_claims claims;
    const struct mw_str input = mw_bytes(data, size);
    if (size > 0 && data[0] == '!')
        check_signed(mw_str_skip(input, 1));
    else if (verify(input, &claims) == MW_SKEY_VALID)
        check_again(&claims);
    return 0;
}
