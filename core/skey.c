#include "mw/skey.h"

#include "hs256.h"
#include "json_members.h"
#include "json_string.h"
#include "mw/base64.h"
#include "mw/secret.h"
#include "skey_claims.h"

/* What a segment of a token decodes to at most. */
#define RAW_MAX (MW_SKEY_MAX / 4 * 3)

static const char *const status_texts[] = {
    [MW_SKEY_NOT_OURS] = "not a token of ours",
    [MW_SKEY_VALID] = "valid",
    [MW_SKEY_EXPIRED] = "expired",
    [MW_SKEY_TOO_LONG] = "longer than 4096 bytes",
    [MW_SKEY_BAD_HEADER] = "the header asks for what we do not do",
    [MW_SKEY_BAD_ALG] = "the algorithm is not the key's",
    [MW_SKEY_BAD_SIGNATURE] = "the signature does not fit",
    [MW_SKEY_BAD_CLAIMS] = "a claim is missing or not in its shape",
};
_Static_assert(sizeof status_texts / sizeof status_texts[0] == MW_SKEY_STATUS_COUNT, "one text for each status");

const char *mw_skey_status_text(enum mw_skey_status status) {
    return (unsigned)status < MW_SKEY_STATUS_COUNT ? status_texts[status] : "unknown status";
}

bool mw_is_placeholder_nick(struct mw_str nick) {
    return mw_str_eq(nick, MW_STR("\xe5\xbe\xae\xe4\xbf\xa1\xe7\x94\xa8\xe6\x88\xb7"));
}

/* header "." payload "." signature, as they stand; what is missing is absent. */
struct segments {
    struct mw_str header, payload, signature;
    struct mw_str signed_text; /* header "." payload */
};

static struct mw_str until_dot(struct mw_str s) {
    const char *dot = s.len ? memchr(s.ptr, '.', s.len) : NULL;
    return dot ? (struct mw_str){s.ptr, (size_t)(dot - s.ptr)} : (struct mw_str){NULL, 0};
}

static struct segments split(struct mw_str token) {
    struct segments s = {0};
    s.header = until_dot(token);
    if (!s.header.ptr) return s;
    const struct mw_str rest = mw_str_skip(token, s.header.len + 1);
    s.payload = until_dot(rest);
    if (!s.payload.ptr) return s;
    s.signature = mw_str_skip(rest, s.payload.len + 1);
    s.signed_text = (struct mw_str){token.ptr, s.header.len + 1 + s.payload.len};
    return s;
}

/* What a header says of the signature. */
struct header {
    char kid[MW_KID_MAX + 1]; /* "" when absent or not a kid of anybody's here */
    bool hs256, other_typ, crit, b64;
};

enum header_member { ALG = 0, TYP, KID, CRIT, B64, OTHER };
static const struct mw_str header_members[] = {
    [ALG] = {"alg", 3}, [TYP] = {"typ", 3}, [KID] = {"kid", 3}, [CRIT] = {"crit", 4}, [B64] = {"b64", 3}};
_Static_assert(sizeof header_members / sizeof header_members[0] == OTHER, "one name for each member");

static enum header_member find_member(struct mw_str spelled) {
    char mem[sizeof "crit"];
    const struct mw_str name = json_unescape(spelled, mem, sizeof mem);
    unsigned i = 0;
    while (i < OTHER && !mw_str_eq(header_members[i], name))
        i++;
    return (enum header_member)i;
}

static bool value_is(struct mw_str value, struct mw_str want) {
    char text[8];
    return json_string_copy(value, text, sizeof text) && mw_str_eq(mw_cstr(text), want);
}

static void take_member(void *ctx, struct mw_str name, struct mw_str value) {
    struct header *h = ctx;
    switch (find_member(name)) {
    case ALG:
        h->hs256 = value_is(value, MW_STR("HS256"));
        break;
    case TYP:
        h->other_typ = !value_is(value, MW_STR("JWT"));
        break;
    case KID:
        if (!json_string_copy(value, h->kid, sizeof h->kid)) h->kid[0] = '\0';
        break;
    case CRIT:
        h->crit = true;
        break;
    case B64:
        h->b64 = true;
        break;
    case OTHER:
        break;
    }
}

static enum mw_skey_status judge_header(const struct header *h, const char **why) {
    *why = h->crit ? "crit is not supported" : h->b64 ? "b64 is not supported" : "typ is not \"JWT\"";
    if (h->crit || h->b64 || h->other_typ) return MW_SKEY_BAD_HEADER;
    *why = "alg is not \"HS256\"";
    return h->hs256 ? MW_SKEY_VALID : MW_SKEY_BAD_ALG;
}

static bool read_header(struct mw_str text, struct header *h) {
    uint8_t raw[RAW_MAX];
    size_t len = 0;
    if (!text.ptr || mw_base64url_decode(text, raw, sizeof raw, &len) != MW_OK) return false;
    const struct json_visitor visitor = {take_member, h};
    return json_check_members(mw_bytes(raw, len), &visitor, NULL) == MW_OK;
}

/* The key, when the header is one that we wrote: that needs no reading. */
static const struct mw_key *find_own_header(const struct mw_keyset *keys, struct mw_str text) {
    for (size_t i = 0; i < keys->count; i++)
        if (mw_str_eq(hs256_header(&keys->keys[i]), text)) return &keys->keys[i];
    return NULL;
}

/* The key that the header names, and a verdict on what else it says. NULL: not ours. */
static const struct mw_key *find_key(const struct mw_keyset *keys, struct mw_str text, enum mw_skey_status *verdict,
                                     const char **why) {
    struct header header = {0};
    const struct mw_key *key = find_own_header(keys, text);
    *verdict = MW_SKEY_VALID;
    if (key) return key;
    *why = "not a JWT";
    if (!read_header(text, &header)) return NULL;
    *why = "its kid is not in the key set";
    key = mw_keyset_find(keys, mw_cstr(header.kid));
    if (key) *verdict = judge_header(&header, why);
    return key;
}

static bool signature_fits(const struct mw_key *key, const struct segments *s) {
    uint8_t given[HS256_LEN], computed[HS256_LEN];
    size_t len = 0;
    if (mw_base64url_decode(s->signature, given, sizeof given, &len) != MW_OK || len != sizeof given) return false;
    hs256_sign(key, s->signed_text, computed);
    const bool fits = mw_secret_eq(mw_bytes(given, sizeof given), mw_bytes(computed, sizeof computed));
    mw_wipe(computed, sizeof computed); /* the signature of a text that somebody else chose */
    return fits;
}

static const char *read_payload(struct mw_str text, struct mw_claims *claims) {
    uint8_t raw[RAW_MAX];
    size_t len = 0;
    if (mw_base64url_decode(text, raw, sizeof raw, &len) != MW_OK) return "the payload is not base64url";
    return skey_claims_read(mw_bytes(raw, len), claims);
}

static enum mw_skey_status verify(const struct mw_keyset *keys, struct mw_str token, struct mw_claims *claims,
                                  const char **why) {
    const struct segments s = split(token);
    enum mw_skey_status verdict = MW_SKEY_NOT_OURS;
    const struct mw_key *key = find_key(keys, s.header, &verdict, why);
    if (!key) return MW_SKEY_NOT_OURS;
    if (token.len > MW_SKEY_MAX) {
        *why = "longer than 4096 bytes";
        return MW_SKEY_TOO_LONG;
    }
    if (verdict != MW_SKEY_VALID) return verdict;
    *why = "the signature is missing";
    if (!s.signature.ptr) return MW_SKEY_BAD_SIGNATURE;
    *why = "the signature does not fit";
    if (!signature_fits(key, &s)) return MW_SKEY_BAD_SIGNATURE;
    *why = read_payload(s.payload, claims);
    return *why ? MW_SKEY_BAD_CLAIMS : MW_SKEY_VALID;
}

enum mw_skey_status mw_skey_verify(const struct mw_keyset *keys, struct mw_str token, int64_t now_s,
                                   struct mw_claims *out, const char **why) {
    struct mw_claims claims;
    const char *fault = NULL;
    enum mw_skey_status status = verify(keys, token, &claims, &fault);
    if (status != MW_SKEY_VALID) {
        if (why) *why = fault;
        return status;
    }
    *out = claims;
    return now_s < claims.exp_s ? MW_SKEY_VALID : MW_SKEY_EXPIRED;
}

enum mw_err mw_skey_mint(const struct mw_key *key, const struct mw_claims *claims, char *out, size_t cap) {
    char json[RAW_MAX], token[MW_SKEY_MAX + 1];
    uint8_t mac[HS256_LEN];
    if (!mw_is_kid(mw_cstr(key->kid)) || skey_claims_fault(claims)) return MW_EINVAL;
    if (key->k_len < MW_HMAC_KEY_MIN || key->k_len > MW_HMAC_KEY_MAX) return MW_EINVAL;

    struct mw_buf payload = mw_buf_over(json, sizeof json);
    struct mw_buf t = mw_buf_over(token, cap < sizeof token ? cap : sizeof token);
    skey_claims_put(&payload, claims);
    if (payload.overflow) return MW_ETOOBIG;
    hs256_put_header(&t, mw_cstr(key->kid));
    mw_buf_putc(&t, '.');
    mw_base64url_put(&t, mw_buf_str(&payload));
    if (t.overflow) return MW_ETOOBIG;
    hs256_sign(key, mw_buf_str(&t), mac);
    mw_buf_putc(&t, '.');
    mw_base64url_put(&t, mw_bytes(mac, sizeof mac));

    const char *done = mw_buf_cstr(&t);
    if (done) memcpy(out, token, t.len + 1);
    mw_wipe(token, sizeof token);
    mw_wipe(mac, sizeof mac);
    return done ? MW_OK : MW_ETOOBIG;
}
