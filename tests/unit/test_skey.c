#include "mw/skey.h"

#include "mw/base64.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define KEY1 "{\"kty\":\"oct\",\"kid\":\"k1\",\"k\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"}"
#define KEY2 "{\"kty\":\"oct\",\"kid\":\"k2\",\"k\":\"ICECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"}"

#define ISS "\"iss\":\"wx4f4bc4dec97d474b\""
#define SUB "\"sub\":\"kdtlqdwqcfd6qom5\""
#define JTI "\"jti\":\"abcdefghijklmnopqrstuvwxyz\""
#define TIMES "\"iat\":1763800000,\"exp\":1763886400"
#define CLAIMS ISS "," SUB "," JTI "," TIMES
#define HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"k1\"}"
#define NOW 1763800001

/* Made with Python's hmac module over HEADER and the claims of minimal_claims() and full_claims(). */
#define MINIMAL                                                                                                        \
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0."                                                             \
    "eyJpc3MiOiJ3eDRmNGJjNGRlYzk3ZDQ3NGIiLCJzdWIiOiJrZHRscWR3cWNmZDZxb201IiwianRpIjoiYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4" \
    "eXoiLCJpYXQiOjE3NjM4MDAwMDAsImV4cCI6MTc2Mzg4NjQwMH0."                                                             \
    "KjpvOKsvR2UkV-qepzWYwtVnOqfe0D94QwhhTqQuAyo"
#define FULL                                                                                                           \
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0."                                                             \
    "eyJpc3MiOiJ3eDRmNGJjNGRlYzk3ZDQ3NGIiLCJzdWIiOiJrZHRscWR3cWNmZDZxb201IiwianRpIjoiYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4" \
    "eXoiLCJpYXQiOjE3NjM4MDAwMDAsImV4cCI6MTc2Mzg4NjQwMCwibmFtZSI6IuWwj-aYjiBcIuWQjVwiIiwicGljdHVyZSI6Imh0dHBzOi8vYS5l" \
    "eGFtcGxlL3gucG5nIiwicm9sZSI6InNlcnZpY2UiLCJyb29tcyI6WyJsb2JieSIsIn52aXAiLCJAR0lEIl19."                            \
    "RC31N-vBjRge-ZAdhZZQKrKbt2RXWLLHRA6waWJYn4w"

static struct mw_keyset keys;

static int load_keys(void **state) {
    (void)state;
    return mw_jwks_parse(MW_STR("{\"keys\":[" KEY1 "," KEY2 "]}"), &keys, NULL) == MW_OK ? 0 : -1;
}

static struct mw_claims minimal_claims(void) {
    return (struct mw_claims){.iss = "wx4f4bc4dec97d474b",
                              .uid = "kdtlqdwqcfd6qom5",
                              .sid = "abcdefghijklmnopqrstuvwxyz",
                              .iat_s = 1763800000,
                              .exp_s = 1763886400};
}

static struct mw_claims full_claims(void) {
    struct mw_claims c = minimal_claims();
    strcpy(c.name, "\xe5\xb0\x8f\xe6\x98\x8e \"\xe5\x90\x8d\"");
    strcpy(c.picture, "https://a.example/x.png");
    c.role = MW_ROLE_SERVICE;
    c.rooms_count = 3;
    strcpy(c.rooms[0], "lobby");
    strcpy(c.rooms[1], "~vip");
    strcpy(c.rooms[2], "@GID");
    return c;
}

static void expect_same(const struct mw_claims *a, const struct mw_claims *b) {
    assert_string_equal(a->iss, b->iss);
    assert_string_equal(a->uid, b->uid);
    assert_string_equal(a->sid, b->sid);
    assert_true(a->iat_s == b->iat_s);
    assert_true(a->exp_s == b->exp_s);
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->picture, b->picture);
    assert_int_equal(a->role, b->role);
    assert_int_equal(a->rooms_count, b->rooms_count);
    for (size_t i = 0; i < a->rooms_count; i++)
        assert_string_equal(a->rooms[i], b->rooms[i]);
}

/* Signs any header and payload with a key of the set, by libcrypto's own HMAC. Valid until the next call. */
static struct mw_str forge_with(const struct mw_key *key, const char *header, struct mw_str payload) {
    static char token[16384];
    uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    struct mw_buf b = mw_buf_over(token, sizeof token);
    mw_base64url_put(&b, mw_cstr(header));
    mw_buf_putc(&b, '.');
    mw_base64url_put(&b, payload);
    assert_non_null(HMAC(EVP_sha256(), key->k, (int)key->k_len, (const unsigned char *)token, b.len, mac, &len));
    mw_buf_putc(&b, '.');
    mw_base64url_put(&b, mw_bytes(mac, len));
    assert_false(b.overflow);
    return mw_buf_str(&b);
}

static struct mw_str forge(const char *header, const char *payload) {
    return forge_with(&keys.keys[0], header, mw_cstr(payload));
}

/* The status has to be this one, with these words, and nothing may be written. */
static void expect_refused(const char *row, struct mw_str token, enum mw_skey_status want, const char *want_why) {
    static struct mw_claims out, before;
    const char *why = "nothing said";
    memset(&out, 0x5a, sizeof out);
    before = out;
    const enum mw_skey_status got = mw_skey_verify(&keys, token, NOW, &out, &why);
    if (got != want || strcmp(why, want_why) != 0) fail_msg("%s: %s, %s", row, mw_skey_status_text(got), why);
    if (memcmp(&out, &before, sizeof out) != 0) fail_msg("%s: claims were written", row);
    if (mw_skey_verify(&keys, token, NOW, &out, NULL) != want) fail_msg("%s: other answer without why", row);
}

static void skey__tokens_made_elsewhere__verify_and_are_minted_alike(void **state) {
    (void)state;
    const struct {
        const char *token;
        struct mw_claims claims;
    } rows[] = {{MINIMAL, minimal_claims()}, {FULL, full_claims()}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_claims got;
        char minted[MW_SKEY_MAX + 1];
        assert_int_equal(mw_skey_verify(&keys, mw_cstr(rows[i].token), NOW, &got, NULL), MW_SKEY_VALID);
        expect_same(&got, &rows[i].claims);
        assert_int_equal(mw_skey_mint(&keys.keys[0], &rows[i].claims, minted, sizeof minted), MW_OK);
        assert_string_equal(minted, rows[i].token);
    }
}

static void skey__exp__valid_while_now_is_before_it(void **state) {
    (void)state;
    static const struct {
        int64_t now_s;
        enum mw_skey_status want;
    } rows[] = {{0, MW_SKEY_VALID},
                {1763800000, MW_SKEY_VALID},
                {1763886399, MW_SKEY_VALID},
                {1763886400, MW_SKEY_EXPIRED},
                {1763886401, MW_SKEY_EXPIRED},
                {INT64_MAX, MW_SKEY_EXPIRED}};
    const struct mw_claims want = minimal_claims();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_claims got = {0};
        if (mw_skey_verify(&keys, MW_STR(MINIMAL), rows[i].now_s, &got, NULL) != rows[i].want) fail_msg("row %zu", i);
        expect_same(&got, &want);
    }
}

static void skey__any_key_of_the_set__verifies_its_own_only(void **state) {
    (void)state;
    struct mw_claims got;
    const struct mw_str payload = MW_STR("{" CLAIMS "}");
    static const char other[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"k2\"}";
    assert_int_equal(mw_skey_verify(&keys, forge_with(&keys.keys[1], other, payload), NOW, &got, NULL), MW_SKEY_VALID);
    expect_refused("k2's name, k1's key", forge_with(&keys.keys[0], other, payload), MW_SKEY_BAD_SIGNATURE,
                   "the signature does not fit");
    expect_refused("k1's name, k2's key", forge_with(&keys.keys[1], HEADER, payload), MW_SKEY_BAD_SIGNATURE,
                   "the signature does not fit");
    const struct mw_keyset none = {0};
    assert_int_equal(mw_skey_verify(&none, MW_STR(MINIMAL), NOW, &got, NULL), MW_SKEY_NOT_OURS);
}

static void skey__no_jwt__not_ours(void **state) {
    (void)state;
    static const struct {
        const char *name;
        struct mw_str token;
    } rows[] = {
        {"absent", {NULL, 0}},
        {"empty", {"", 0}},
        {"a password", {"correct horse", 13}},
        {"a password with dots", {"a.b.c", 5}},
        {"dots", {"..", 2}},
        {"header is no base64url", {"eyJ+.e30.AA", 11}},
        {"header is padded", {"e30=.e30.AA", 11}},
        {"header is no JSON", {"e30x.e30.AA", 11}},
        {"header has no kid", {"e30.e30.AA", 10}},
        {"cut in the header", {MINIMAL, 40}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_claims out;
        if (mw_skey_verify(&keys, rows[i].token, NOW, &out, NULL) != MW_SKEY_NOT_OURS) fail_msg("%s", rows[i].name);
    }
}

static void skey__headers__judged_before_the_signature(void **state) {
    (void)state;
    static const struct {
        const char *header;
        enum mw_skey_status want;
        const char *why;
    } rows[] = {
        {"{\"alg\":\"HS256\",\"typ\":\"JWT\"}", MW_SKEY_NOT_OURS, "its kid is not in the key set"},
        {"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"k3\"}", MW_SKEY_NOT_OURS, "its kid is not in the key set"},
        {"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"K1\"}", MW_SKEY_NOT_OURS, "its kid is not in the key set"},
        {"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"\"}", MW_SKEY_NOT_OURS, "its kid is not in the key set"},
        {"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":1}", MW_SKEY_NOT_OURS, "its kid is not in the key set"},
        {"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":[\"k1\"]}", MW_SKEY_NOT_OURS, "its kid is not in the key set"},
        {"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"Kid\":\"k1\"}", MW_SKEY_NOT_OURS, "its kid is not in the key set"},
        {"[\"kid\",\"k1\"]", MW_SKEY_NOT_OURS, "not a JWT"},
        {"{\"alg\":\"HS256\",\"kid\":\"k1\",\"kid\":\"k1\"}", MW_SKEY_NOT_OURS, "not a JWT"},
        {"{\"alg\":\"HS256\",\"kid\":\"k1\",\"\\u006bid\":\"k2\"}", MW_SKEY_NOT_OURS, "not a JWT"},
        {"{\"alg\":\"HS256\",\"kid\":\"k1\",\"x\":1,\"x\":1}", MW_SKEY_NOT_OURS, "not a JWT"},
        {"{\"alg\":\"HS256\",\"kid\":\"k1\",\"x\":{\"y\":1,\"y\":1}}", MW_SKEY_NOT_OURS, "not a JWT"},
        {"{\"alg\":\"HS256\",\"kid\":\"k1\",}", MW_SKEY_NOT_OURS, "not a JWT"},
        {"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"k1\",\"crit\":[\"exp\"]}", MW_SKEY_BAD_HEADER,
         "crit is not supported"},
        {"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"k1\",\"crit\":[]}", MW_SKEY_BAD_HEADER, "crit is not supported"},
        {"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"k1\",\"cri\\u0074\":0}", MW_SKEY_BAD_HEADER,
         "crit is not supported"},
        {"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"k1\",\"b64\":false}", MW_SKEY_BAD_HEADER,
         "b64 is not supported"},
        {"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"k1\",\"b64\":true}", MW_SKEY_BAD_HEADER, "b64 is not supported"},
        {"{\"alg\":\"HS256\",\"typ\":\"JWE\",\"kid\":\"k1\"}", MW_SKEY_BAD_HEADER, "typ is not \"JWT\""},
        {"{\"alg\":\"HS256\",\"typ\":\"jwt\",\"kid\":\"k1\"}", MW_SKEY_BAD_HEADER, "typ is not \"JWT\""},
        {"{\"alg\":\"HS256\",\"typ\":null,\"kid\":\"k1\"}", MW_SKEY_BAD_HEADER, "typ is not \"JWT\""},
        {"{\"alg\":\"HS256\",\"typ\":\"JWT-and-more\",\"kid\":\"k1\"}", MW_SKEY_BAD_HEADER, "typ is not \"JWT\""},
        {"{\"alg\":\"none\",\"typ\":\"JWT\",\"kid\":\"k1\"}", MW_SKEY_BAD_ALG, "alg is not \"HS256\""},
        {"{\"alg\":\"None\",\"typ\":\"JWT\",\"kid\":\"k1\"}", MW_SKEY_BAD_ALG, "alg is not \"HS256\""},
        {"{\"alg\":\"hs256\",\"typ\":\"JWT\",\"kid\":\"k1\"}", MW_SKEY_BAD_ALG, "alg is not \"HS256\""},
        {"{\"alg\":\"HS384\",\"typ\":\"JWT\",\"kid\":\"k1\"}", MW_SKEY_BAD_ALG, "alg is not \"HS256\""},
        {"{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"k1\"}", MW_SKEY_BAD_ALG, "alg is not \"HS256\""},
        {"{\"alg\":\"HS2567\",\"typ\":\"JWT\",\"kid\":\"k1\"}", MW_SKEY_BAD_ALG, "alg is not \"HS256\""},
        {"{\"alg\":[\"HS256\"],\"typ\":\"JWT\",\"kid\":\"k1\"}", MW_SKEY_BAD_ALG, "alg is not \"HS256\""},
        {"{\"typ\":\"JWT\",\"kid\":\"k1\"}", MW_SKEY_BAD_ALG, "alg is not \"HS256\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_refused(rows[i].header, forge(rows[i].header, "{" CLAIMS "}"), rows[i].want, rows[i].why);
    struct mw_claims got;
    static const char *const good[] = {
        "{\"kid\":\"k1\",\"alg\":\"HS256\"}",
        " { \"kid\" : \"k1\" , \"typ\" : \"JWT\", \"alg\" : \"HS256\" } ",
        "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"k1\",\"cty\":\"\",\"x5c\":[\"a\",\"b\"]}",
        "{\"alg\":\"\\u0048S256\",\"kid\":\"\\u006b1\"}",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (mw_skey_verify(&keys, forge(good[i], "{" CLAIMS "}"), NOW, &got, NULL) != MW_SKEY_VALID)
            fail_msg("%s refused", good[i]);
}

static void skey__every_cut__refused(void **state) {
    (void)state;
    static const size_t header_len = sizeof "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0" - 1;
    for (size_t len = 0; len < sizeof MINIMAL - 1; len++) {
        struct mw_claims out;
        char *cut = malloc(len ? len : 1); /* its own block: sanitizers see a read past it */
        assert_non_null(cut);
        memcpy(cut, MINIMAL, len);
        const enum mw_skey_status got = mw_skey_verify(&keys, mw_bytes(cut, len), NOW, &out, NULL);
        if (got != (len > header_len ? MW_SKEY_BAD_SIGNATURE : MW_SKEY_NOT_OURS)) fail_msg("cut at %zu: %d", len, got);
        free(cut);
    }
}

static void skey__any_changed_letter__refused(void **state) {
    (void)state;
    char token[] = MINIMAL;
    for (size_t i = 0; i < sizeof token - 1; i++) {
        struct mw_claims out;
        const char was = token[i];
        token[i] = was == 'A' ? 'B' : 'A';
        const enum mw_skey_status got = mw_skey_verify(&keys, MW_STR(token), NOW, &out, NULL);
        if (got == MW_SKEY_VALID || got == MW_SKEY_EXPIRED) fail_msg("letter %zu changed: %d", i, got);
        token[i] = was;
    }
}

static void skey__signature_spelled_otherwise__refused(void **state) {
    (void)state;
    static const struct {
        const char *name, *token;
    } rows[] = {
        {"padded", MINIMAL "="},
        {"one letter more", MINIMAL "A"},
        {"one segment more", MINIMAL "."},
        {"newline behind", MINIMAL "\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_refused(rows[i].name, mw_cstr(rows[i].token), MW_SKEY_BAD_SIGNATURE, "the signature does not fit");
    /* The last letter carries two bits too many: "o" is their zero, "p", "q" and "r" mean the same bytes. */
    char token[] = MINIMAL;
    for (char last = 'p'; last <= 'r'; last++) {
        token[sizeof token - 2] = last;
        expect_refused("set bits at the end", MW_STR(token), MW_SKEY_BAD_SIGNATURE, "the signature does not fit");
    }
    const struct mw_str whole = forge(HEADER, "{" CLAIMS "}");
    expect_refused("no signature", mw_bytes(whole.ptr, whole.len - 43), MW_SKEY_BAD_SIGNATURE,
                   "the signature does not fit");
    expect_refused("no signature and no dot", mw_bytes(whole.ptr, whole.len - 44), MW_SKEY_BAD_SIGNATURE,
                   "the signature is missing");
}

static void skey__bad_claims__named(void **state) {
    (void)state;
    static const struct {
        const char *payload, *why;
    } rows[] = {
        {"", "the payload is not JSON"},
        {"{" CLAIMS, "the payload is not JSON"},
        {"{" CLAIMS "}x", "the payload is not JSON"},
        {"[\"iss\"]", "the payload is not an object"},
        {"\"iss\"", "the payload is not an object"},
        {"{}", "iss is missing or not an app id"},
        {"{" SUB "," JTI "," TIMES "}", "iss is missing or not an app id"},
        {"{\"Iss\":\"wx1\"," SUB "," JTI "," TIMES "}", "iss is missing or not an app id"},
        {"{\"iss\":1," SUB "," JTI "," TIMES "}", "iss is missing or not an app id"},
        {"{\"iss\":\"https://a\"," SUB "," JTI "," TIMES "}", "iss is not an app id"},
        {"{\"iss\":\"wx45678901234567890123456789012345\"," SUB "," JTI "," TIMES "}",
         "iss is missing or not an app id"},
        {"{" ISS "," JTI "," TIMES "}", "sub is missing or not a uid"},
        {"{" ISS ",\"sub\":null," JTI "," TIMES "}", "sub is missing or not a uid"},
        {"{" ISS ",\"sub\":\"kdtlqdwqcfd6qom\"," JTI "," TIMES "}", "sub is not a uid"},
        {"{" ISS ",\"sub\":\"kdtlqdwqcfd6qom55\"," JTI "," TIMES "}", "sub is missing or not a uid"},
        {"{" ISS ",\"sub\":\"KDTLQDWQCFD6QOM5\"," JTI "," TIMES "}", "sub is not a uid"},
        {"{" ISS "," SUB "," TIMES "}", "jti is missing or not a sid"},
        {"{" ISS "," SUB ",\"jti\":[]," TIMES "}", "jti is missing or not a sid"},
        {"{" ISS "," SUB ",\"jti\":\"kdtlqdwqcfd6qom5\"," TIMES "}", "jti is not a sid"},
        {"{" ISS "," SUB "," JTI ",\"exp\":1763886400}", "iat is missing or not in whole seconds"},
        {"{" ISS "," SUB "," JTI ",\"iat\":1763800000}", "exp is missing or not in whole seconds"},
        {"{" ISS "," SUB "," JTI ",\"iat\":\"1763800000\",\"exp\":1763886400}",
         "iat is missing or not in whole seconds"},
        {"{" ISS "," SUB "," JTI ",\"iat\":1763800000.5,\"exp\":1763886400}", "iat is missing or not in whole seconds"},
        {"{" ISS "," SUB "," JTI ",\"iat\":1e9,\"exp\":1763886400}", "iat is missing or not in whole seconds"},
        {"{" ISS "," SUB "," JTI ",\"iat\":-1,\"exp\":1763886400}", "iat is missing or not in whole seconds"},
        {"{" ISS "," SUB "," JTI ",\"iat\":0,\"exp\":true}", "exp is missing or not in whole seconds"},
        {"{" ISS "," SUB "," JTI ",\"iat\":0,\"exp\":9007199254740992}", "exp is missing or not in whole seconds"},
        {"{" ISS "," SUB "," JTI ",\"iat\":0,\"exp\":99999999999999999999999}",
         "exp is missing or not in whole seconds"},
        {"{" ISS "," SUB "," JTI ",\"iat\":2,\"exp\":1}", "exp is not a time, or before iat"},
        {"{" CLAIMS ",\"name\":\"\"}", "name is not a nickname"},
        {"{" CLAIMS ",\"name\":null}", "name is not a nickname"},
        {"{" CLAIMS ",\"name\":\"a\\nb\"}", "name is not a nickname"},
        {"{" CLAIMS ",\"name\":\"123456789012345678901234567890123\"}", "name is not a nickname"},
        {"{" CLAIMS ",\"picture\":\"\"}", "picture is not a URL"},
        {"{" CLAIMS ",\"picture\":7}", "picture is not a URL"},
        {"{" CLAIMS ",\"picture\":\"javascript:1\"}", "picture is not a URL"},
        {"{" CLAIMS ",\"picture\":\"https://a\\\"b\"}", "picture is not a URL"},
        {"{" CLAIMS ",\"role\":\"user\"}", "role is unknown"},
        {"{" CLAIMS ",\"role\":\"Admin\"}", "role is unknown"},
        {"{" CLAIMS ",\"role\":\"\"}", "role is unknown"},
        {"{" CLAIMS ",\"role\":\"services\"}", "role is unknown"},
        {"{" CLAIMS ",\"role\":[\"admin\"]}", "role is unknown"},
        {"{" CLAIMS ",\"role\":null}", "role is unknown"},
        {"{" CLAIMS ",\"rooms\":\"lobby\"}", "rooms is not an array of at most 32 rooms' names"},
        {"{" CLAIMS ",\"rooms\":{}}", "rooms is not an array of at most 32 rooms' names"},
        {"{" CLAIMS ",\"rooms\":[1]}", "rooms is not an array of at most 32 rooms' names"},
        {"{" CLAIMS ",\"rooms\":[[\"a\"]]}", "rooms is not an array of at most 32 rooms' names"},
        {"{" CLAIMS ",\"rooms\":[\"\"]}", "rooms holds what is not a room's name"},
        {"{" CLAIMS ",\"rooms\":[\"a/b\"]}", "rooms holds what is not a room's name"},
        {"{" CLAIMS ",\"rooms\":[\"a\",\"#\"]}", "rooms holds what is not a room's name"},
        {"{" CLAIMS ",\"rooms\":[\"~\"]}", "rooms holds what is not a room's name"},
        {"{" CLAIMS ",\"rooms\":[\"a\",\"b\",\"a\"]}", "rooms names a room twice"},
        {"{" CLAIMS ",\"rooms\":[\"a\",\"\\u0061\"]}", "rooms names a room twice"},
        {"{" CLAIMS "," SUB "}", "a claim stands twice"},
        {"{" CLAIMS ",\"\\u0073ub\":\"aaaaaaaaaaaaaaaa\"}", "a claim stands twice"},
        {"{" CLAIMS ",\"role\":\"admin\",\"role\":\"admin\"}", "a claim stands twice"},
        {"{" CLAIMS ",\"x\":1,\"x\":2}", "a claim stands twice"},
        {"{" CLAIMS ",\"x\":{\"y\":1,\"y\":2}}", "a claim stands twice"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_refused(rows[i].payload, forge(HEADER, rows[i].payload), MW_SKEY_BAD_CLAIMS, rows[i].why);
    expect_refused("NUL in the payload", forge_with(&keys.keys[0], HEADER, mw_bytes("{\0}", 3)), MW_SKEY_BAD_CLAIMS,
                   "the payload is not JSON");
}

static void skey__payload_no_base64url__refused_though_signed(void **state) {
    (void)state;
    uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    char token[256];
    struct mw_buf b = mw_buf_over(token, sizeof token);
    mw_base64url_put(&b, MW_STR(HEADER));
    mw_buf_put(&b, MW_STR(".e30=")); /* padded */
    assert_non_null(HMAC(EVP_sha256(), keys.keys[0].k, 32, (const unsigned char *)token, b.len, mac, &len));
    mw_buf_putc(&b, '.');
    mw_base64url_put(&b, mw_bytes(mac, len));
    expect_refused("padded payload", mw_buf_str(&b), MW_SKEY_BAD_CLAIMS, "the payload is not base64url");
}

static void skey__other_spellings_of_good_claims__accepted(void **state) {
    (void)state;
    static const char *const rows[] = {
        "{" CLAIMS ",\"aud\":[\"a\"],\"nbf\":1,\"x\":{\"iss\":1}}",
        "{\"exp\":1763886400,\"iat\":0," JTI "," SUB "," ISS "}",
        " { \"\\u0069ss\" : \"wx\\u0034f4bc4dec97d474b\" , " SUB "," JTI "," TIMES " } ",
        "{" CLAIMS ",\"rooms\":[]}",
        "{" CLAIMS ",\"picture\":\"https:\\/\\/a.example\\/x.png\"}",
        "{" ISS "," SUB "," JTI ",\"iat\":9007199254740991,\"exp\":9007199254740991}",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_claims got;
        const char *why = "";
        if (mw_skey_verify(&keys, forge(HEADER, rows[i]), NOW, &got, &why) != MW_SKEY_VALID)
            fail_msg("%s: %s", rows[i], why);
        assert_string_equal(got.iss, "wx4f4bc4dec97d474b");
        assert_string_equal(got.uid, "kdtlqdwqcfd6qom5");
        if (got.picture[0]) assert_string_equal(got.picture, "https://a.example/x.png");
    }
}

/* A segment of base64url never has 1 modulo 4 letters: two headers reach every length between them. */
static void skey__over_4096_bytes__too_long_when_the_kid_is_ours(void **state) {
    (void)state;
    static const char *const headers[] = {HEADER, HEADER " "};
    char payload[8192];
    struct mw_claims got;
    bool reached[3] = {false, false, false}; /* 4095, 4096 and 4097 bytes */
    for (size_t fill = 2800; fill < 2960; fill++)
        for (size_t h = 0; h < 2; h++) {
            struct mw_buf b = mw_buf_over(payload, sizeof payload);
            mw_buf_put(&b, MW_STR("{" CLAIMS ",\"x\":\""));
            for (size_t i = 0; i < fill; i++)
                mw_buf_putc(&b, 'x');
            mw_buf_put(&b, MW_STR("\"}"));
            const struct mw_str token = forge_with(&keys.keys[0], headers[h], mw_buf_str(&b));
            const enum mw_skey_status status = mw_skey_verify(&keys, token, NOW, &got, NULL);
            if (status != (token.len <= MW_SKEY_MAX ? MW_SKEY_VALID : MW_SKEY_TOO_LONG))
                fail_msg("%zu bytes: %d", token.len, status);
            if (token.len + 1 >= MW_SKEY_MAX && token.len <= MW_SKEY_MAX + 1)
                reached[token.len + 1 - MW_SKEY_MAX] = true;
        }
    assert_true(reached[0] && reached[1] && reached[2]);
    memset(payload, 'x', sizeof payload);
    assert_int_equal(mw_skey_verify(&keys, mw_bytes(payload, sizeof payload), NOW, &got, NULL), MW_SKEY_NOT_OURS);
    payload[5000] = '.'; /* a header longer than a token may be */
    assert_int_equal(mw_skey_verify(&keys, mw_bytes(payload, sizeof payload), NOW, &got, NULL), MW_SKEY_NOT_OURS);
    static const char theirs[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"k9\"}";
    assert_int_equal(mw_skey_verify(&keys, forge_with(&keys.keys[0], theirs, mw_bytes(payload, 5000)), NOW, &got, NULL),
                     MW_SKEY_NOT_OURS);
}

static void fill_rooms(struct mw_claims *c, char letter) {
    c->rooms_count = MW_SKEY_ROOMS_MAX;
    for (size_t i = 0; i < MW_SKEY_ROOMS_MAX; i++) {
        memset(c->rooms[i], letter, MW_ROOM_MAX);
        c->rooms[i][0] = (char)('A' + i);
        c->rooms[i][MW_ROOM_MAX] = '\0';
    }
}

static void skey__mint__largest_claims_fit_or_are_too_big(void **state) {
    (void)state;
    struct mw_claims c = minimal_claims(), got;
    char token[MW_SKEY_MAX + 1];
    fill_rooms(&c, 'r');
    memset(c.picture, 'p', MW_AVATAR_MAX);
    memcpy(c.picture, "https://", 8);
    memset(c.name, '"', MW_NICK_CHARS_MAX);
    assert_int_equal(mw_skey_mint(&keys.keys[0], &c, token, sizeof token), MW_OK);
    assert_int_equal(mw_skey_verify(&keys, mw_cstr(token), NOW, &got, NULL), MW_SKEY_VALID);
    expect_same(&got, &c);
    fill_rooms(&c, '"'); /* each takes two bytes */
    assert_int_equal(mw_skey_mint(&keys.keys[0], &c, token, sizeof token), MW_ETOOBIG);
    c.rooms_count = MW_SKEY_ROOMS_MAX / 2;
    assert_int_equal(mw_skey_mint(&keys.keys[0], &c, token, sizeof token), MW_OK);
    assert_int_equal(mw_skey_verify(&keys, mw_cstr(token), NOW, &got, NULL), MW_SKEY_VALID);
    expect_same(&got, &c);
}

static void skey__mint__bad_claims_refused(void **state) {
    (void)state;
    struct mw_claims c[14];
    char token[MW_SKEY_MAX + 1] = "before";
    for (size_t i = 0; i < sizeof c / sizeof c[0]; i++)
        c[i] = full_claims();
    strcpy(c[0].iss, "4f4b");
    c[1].uid[0] = '\0';
    strcpy(c[2].sid, "kdtlqdwqcfd6qom5");
    c[3].iat_s = -1;
    c[4].exp_s = c[4].iat_s - 1;
    c[5].exp_s = INT64_C(1) << 53;
    strcpy(c[6].name, "a\nb");
    strcpy(c[7].name, "\xff");
    strcpy(c[8].picture, "ftp://a");
    c[9].role = (enum mw_role)3;
    strcpy(c[10].rooms[1], "a/b");
    strcpy(c[11].rooms[1], "lobby");
    c[12].rooms_count = MW_SKEY_ROOMS_MAX + 1;
    c[13].rooms[2][0] = '\0';
    for (size_t i = 0; i < sizeof c / sizeof c[0]; i++)
        if (mw_skey_mint(&keys.keys[0], &c[i], token, sizeof token) != MW_EINVAL) fail_msg("row %zu minted", i);
    assert_string_equal(token, "before");
}

static void skey__mint__bad_key_or_no_room_refused(void **state) {
    (void)state;
    const struct mw_claims c = minimal_claims();
    char token[MW_SKEY_MAX + 1] = "before";
    struct mw_key key = keys.keys[0];
    key.k_len = MW_HMAC_KEY_MIN - 1;
    assert_int_equal(mw_skey_mint(&key, &c, token, sizeof token), MW_EINVAL);
    key = keys.keys[0];
    key.kid[0] = '\0';
    assert_int_equal(mw_skey_mint(&key, &c, token, sizeof token), MW_EINVAL);
    assert_int_equal(mw_skey_mint(&keys.keys[0], &c, token, sizeof MINIMAL - 1), MW_ETOOBIG);
    assert_int_equal(mw_skey_mint(&keys.keys[0], &c, token, 0), MW_ETOOBIG);
    assert_string_equal(token, "before");
    assert_int_equal(mw_skey_mint(&keys.keys[0], &c, token, sizeof MINIMAL), MW_OK);
}

static void skey__mint__placeholder_profile_left_out(void **state) {
    (void)state;
    struct mw_claims c = minimal_claims();
    char token[MW_SKEY_MAX + 1];
    strcpy(c.name, "\xe5\xbe\xae\xe4\xbf\xa1\xe7\x94\xa8\xe6\x88\xb7");
    strcpy(c.picture, "https://thirdwx.qlogo.cn/grey");
    assert_true(mw_is_placeholder_nick(mw_cstr(c.name)));
    assert_false(mw_is_placeholder_nick(MW_STR("\xe5\xbe\xae\xe4\xbf\xa1")));
    assert_false(mw_is_placeholder_nick(mw_cstr(NULL)));
    assert_int_equal(mw_skey_mint(&keys.keys[0], &c, token, sizeof token), MW_OK);
    assert_string_equal(token, MINIMAL);
}

static void skey__status_text__for_each(void **state) {
    (void)state;
    for (int i = 0; i < MW_SKEY_STATUS_COUNT; i++)
        assert_non_null(mw_skey_status_text((enum mw_skey_status)i));
    assert_string_equal(mw_skey_status_text(MW_SKEY_STATUS_COUNT), "unknown status");
    assert_string_equal(mw_skey_status_text((enum mw_skey_status) - 1), "unknown status");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(skey__tokens_made_elsewhere__verify_and_are_minted_alike),
        cmocka_unit_test(skey__exp__valid_while_now_is_before_it),
        cmocka_unit_test(skey__any_key_of_the_set__verifies_its_own_only),
        cmocka_unit_test(skey__no_jwt__not_ours),
        cmocka_unit_test(skey__headers__judged_before_the_signature),
        cmocka_unit_test(skey__every_cut__refused),
        cmocka_unit_test(skey__any_changed_letter__refused),
        cmocka_unit_test(skey__signature_spelled_otherwise__refused),
        cmocka_unit_test(skey__bad_claims__named),
        cmocka_unit_test(skey__payload_no_base64url__refused_though_signed),
        cmocka_unit_test(skey__other_spellings_of_good_claims__accepted),
        cmocka_unit_test(skey__over_4096_bytes__too_long_when_the_kid_is_ours),
        cmocka_unit_test(skey__mint__largest_claims_fit_or_are_too_big),
        cmocka_unit_test(skey__mint__bad_claims_refused),
        cmocka_unit_test(skey__mint__bad_key_or_no_room_refused),
        cmocka_unit_test(skey__mint__placeholder_profile_left_out),
        cmocka_unit_test(skey__status_text__for_each),
    };
    return cmocka_run_group_tests(tests, load_keys, NULL);
}
