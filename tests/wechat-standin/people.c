#include "people.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "mw/identity.h"
#include "mw/secret.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define RATE_WINDOW_MS 60000

struct person {
    char name[PERSON_NAME_MAX + 1];
    char openid[OPENID_LEN + 1];
    char session_key[SESSION_KEY_LEN + 1];
    char unionid[UNIONID_MAX + 1];
    char nick_name[PROFILE_TEXT_MAX + 1];
    char avatar_url[PROFILE_TEXT_MAX + 1];
    bool blocked;
    int64_t window_start_ms, window_calls;
    UT_hash_handle hh;
    TAILQ_ENTRY(person) order;
};

struct code {
    char text[CODE_LEN + 1];
    struct person *person;
    int64_t expires_at_ms;
    bool used;
    UT_hash_handle hh;
    TAILQ_ENTRY(code) order;
};

struct people {
    char app_id[MW_APPID_MAX + 1];
    struct person *persons; /* by name */
    struct code *codes;     /* by text */
    TAILQ_HEAD(, person) all_persons;
    TAILQ_HEAD(, code) all_codes; /* in the order they were minted */
};

struct people *people_new(struct mw_str app_id) {
    struct people *people = calloc(1, sizeof *people);
    if (!people) return NULL;
    TAILQ_INIT(&people->all_persons);
    TAILQ_INIT(&people->all_codes);
    if (!mw_str_copy(people->app_id, sizeof people->app_id, app_id)) people_free(&people);
    return people;
}

void people_free(struct people **people) {
    struct people *p = *people;
    if (!p) return;
    HASH_CLEAR(hh, p->codes);
    HASH_CLEAR(hh, p->persons);
    for (struct code *code = TAILQ_FIRST(&p->all_codes), *next; code; code = next) {
        next = TAILQ_NEXT(code, order);
        free(code);
    }
    for (struct person *person = TAILQ_FIRST(&p->all_persons), *next; person; person = next) {
        next = TAILQ_NEXT(person, order);
        free(person);
    }
    free(p);
    *people = NULL;
}

/* An opaque id in the shape of WeChat's: the prefix, then base64url letters of HMAC-SHA256(app id, kind ":" name). */
static enum mw_err opaque_id(struct mw_str app_id, struct mw_str kind, struct mw_str name, struct mw_str prefix,
                             char *out, size_t len) {
    uint8_t mac[32];
    char text[256], letters[45];
    struct mw_buf b = mw_buf_over(text, sizeof text);
    mw_buf_put(&b, kind);
    mw_buf_putc(&b, ':');
    mw_buf_put(&b, name);
    if (b.overflow) return MW_ETOOBIG;
    unsigned mac_len = 0;
    if (!HMAC(EVP_sha256(), app_id.ptr, (int)app_id.len, (const uint8_t *)b.ptr, b.len, mac, &mac_len)) return MW_EIO;
    EVP_EncodeBlock((unsigned char *)letters, mac, (int)mac_len);
    memcpy(out, prefix.ptr, prefix.len);
    for (size_t i = prefix.len; i < len; i++) {
        char c = letters[i - prefix.len];
        if (c == '+') c = '-';
        if (c == '/') c = '_';
        out[i] = c;
    }
    out[len] = '\0';
    return MW_OK;
}

enum mw_err group_id(struct mw_str app_id, struct mw_str group, char out[static GROUP_ID_LEN + 1]) {
    return opaque_id(app_id, MW_STR("group"), group, MW_STR("tG"), out, GROUP_ID_LEN);
}

static enum mw_err rotate_session_key(struct person *person) {
    uint8_t raw[SESSION_KEY_BYTES];
    enum mw_err err = mw_random(raw, sizeof raw);
    if (err == MW_OK) EVP_EncodeBlock((unsigned char *)person->session_key, raw, sizeof raw);
    return err;
}

enum mw_err people_get(struct people *people, struct mw_str name, struct person **out) {
    if (!name.ptr || name.len == 0 || name.len > PERSON_NAME_MAX) return MW_EINVAL;
    struct person *person = NULL;
    HASH_FIND(hh, people->persons, name.ptr, name.len, person);
    if (person) {
        *out = person;
        return MW_OK;
    }
    if (HASH_COUNT(people->persons) >= PEOPLE_MAX) return MW_EBUSY;
    person = calloc(1, sizeof *person);
    if (!person) return MW_ENOMEM;
    enum mw_err err = MW_EINVAL;
    if (!mw_str_copy(person->name, sizeof person->name, name)) goto fail;
    err = opaque_id(mw_cstr(people->app_id), MW_STR("person"), name, MW_STR("o"), person->openid, OPENID_LEN);
    if (err != MW_OK) goto fail;
    err = rotate_session_key(person);
    if (err != MW_OK) goto fail;
    HASH_ADD_KEYPTR(hh, people->persons, person->name, name.len, person);
    if (!person->hh.tbl) {
        err = MW_ENOMEM;
        goto fail;
    }
    TAILQ_INSERT_TAIL(&people->all_persons, person, order);
    *out = person;
    return MW_OK;
fail:
    free(person);
    return err;
}

enum mw_err person_set_traits(struct person *person, const struct person_traits *traits) {
    const struct {
        struct mw_str value;
        char *field;
        size_t max;
    } rows[] = {
        {traits->nick_name, person->nick_name, PROFILE_TEXT_MAX},
        {traits->avatar_url, person->avatar_url, PROFILE_TEXT_MAX},
        {traits->unionid, person->unionid, UNIONID_MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].value.ptr && rows[i].value.len > rows[i].max) return MW_ETOOBIG;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].value.ptr && !mw_str_copy(rows[i].field, rows[i].max + 1, rows[i].value)) return MW_EINVAL;
    return MW_OK;
}

void person_set_blocked(struct person *person, bool blocked) {
    person->blocked = blocked;
}
const char *person_openid(const struct person *person) {
    return person->openid;
}
const char *person_session_key(const struct person *person) {
    return person->session_key;
}
const char *person_nick_name(const struct person *person) {
    return person->nick_name;
}
const char *person_avatar_url(const struct person *person) {
    return person->avatar_url;
}
const char *person_unionid(const struct person *person) {
    return person->unionid;
}

/* A code that is over makes room for each new one, so there are never more than were alive at once. */
static void drop_oldest_if_over(struct people *people, int64_t now_ms) {
    struct code *oldest = TAILQ_FIRST(&people->all_codes);
    if (!oldest || now_ms < oldest->expires_at_ms) return;
    TAILQ_REMOVE(&people->all_codes, oldest, order);
    HASH_DEL(people->codes, oldest);
    free(oldest);
}

static enum mw_err random_code(char out[static CODE_LEN + 1]) {
    static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    uint8_t raw[CODE_LEN];
    enum mw_err err = mw_random(raw, sizeof raw);
    if (err != MW_OK) return err;
    out[0] = '0'; /* as WeChat's begin */
    for (size_t i = 1; i < CODE_LEN; i++)
        out[i] = letters[raw[i] % (sizeof letters - 1)];
    out[CODE_LEN] = '\0';
    return MW_OK;
}

enum mw_err people_mint_code(struct people *people, struct person *person, bool rotate, int64_t ttl_ms, int64_t now_ms,
                             char out[static CODE_LEN + 1]) {
    drop_oldest_if_over(people, now_ms);
    if (HASH_COUNT(people->codes) >= CODES_MAX) return MW_EBUSY;
    struct code *code = calloc(1, sizeof *code);
    if (!code) return MW_ENOMEM;
    enum mw_err err = random_code(code->text);
    if (err == MW_OK && rotate) err = rotate_session_key(person);
    if (err == MW_OK) {
        code->person = person;
        code->expires_at_ms = now_ms + ttl_ms;
        HASH_ADD(hh, people->codes, text[0], CODE_LEN, code);
        if (!code->hh.tbl) err = MW_ENOMEM;
    }
    if (err == MW_OK) TAILQ_INSERT_TAIL(&people->all_codes, code, order);
    if (err != MW_OK) {
        free(code);
        return err;
    }
    memcpy(out, code->text, sizeof code->text);
    return MW_OK;
}

/* Fixed windows of a minute from the person's first call in it. */
static bool over_rate(struct person *person, int64_t limit, int64_t now_ms) {
    if (person->window_calls == 0 || now_ms - person->window_start_ms >= RATE_WINDOW_MS) {
        person->window_start_ms = now_ms;
        person->window_calls = 0;
    }
    person->window_calls++;
    return limit > 0 && person->window_calls > limit;
}

static struct code *find_code(struct people *people, struct mw_str text) {
    struct code *code = NULL;
    if (text.ptr && text.len == CODE_LEN) HASH_FIND(hh, people->codes, text.ptr, text.len, code);
    return code;
}

/* Letters, digits, '-' and '_', as WeChat's own. */
static bool is_foreign_code(struct mw_str text) {
    if (text.len == 0 || text.len > FOREIGN_CODE_MAX) return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_') return false;
    }
    return true;
}

static int exchange_foreign(struct people *people, const struct exchange_rules *rules, int64_t now_ms,
                            const struct person **out) {
    struct person *person = NULL;
    if (people_get(people, MW_STR(FOREIGN_NAME), &person) != MW_OK) return -1;
    if (over_rate(person, rules->rate_limit, now_ms)) return 45011;
    *out = person;
    return 0;
}

int people_exchange(struct people *people, struct mw_str text, const struct exchange_rules *rules, int64_t now_ms,
                    const struct person **out) {
    struct code *code = find_code(people, text);
    if (!code && rules->foreign_codes && is_foreign_code(text)) return exchange_foreign(people, rules, now_ms, out);
    if (!code || now_ms >= code->expires_at_ms) return 40029;
    struct person *person = code->person;
    int errcode = 0;
    if (over_rate(person, rules->rate_limit, now_ms))
        errcode = 45011;
    else if (code->used)
        errcode = 40163;
    else if (person->blocked)
        errcode = 40226;
    if (errcode == 0 || rules->burn_on_failure) code->used = true;
    if (errcode == 0) *out = person;
    return errcode;
}

void people_burn(struct people *people, struct mw_str text) {
    struct code *code = find_code(people, text);
    if (code) code->used = true;
}

size_t people_count(const struct people *people) {
    return HASH_COUNT(people->persons);
}
size_t people_codes(const struct people *people) {
    return HASH_COUNT(people->codes);
}
