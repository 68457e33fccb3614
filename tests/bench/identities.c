#include "identities.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FILE_MAX ((size_t)256 << 20)
#define SKEY_TTL_S 86400

enum kind { KIND_ANONYMOUS = 0, KIND_PATTERN, KIND_FILE, KIND_MINTED };

struct identities {
    enum kind kind;
    const char *user, *password, *app_id; /* borrowed */
    struct mw_keyset keys;
    int64_t now_s;
    char *text; /* of the skey file */
    size_t *lines, lines_count;
};

/* NUL-terminated; the caller frees it. */
static enum mw_err read_file(const char *path, char **out, size_t *len) {
    enum mw_err err = MW_EIO;
    char *text = NULL;
    size_t n = 0;
    FILE *file = fopen(path, "re");
    if (!file) return MW_ENOENT;
    if (fseek(file, 0, SEEK_END) != 0) goto done;
    long size = ftell(file);
    if (size < 0 || fseek(file, 0, SEEK_SET) != 0) goto done;
    err = MW_ETOOBIG;
    if ((size_t)size > FILE_MAX) goto done;
    err = MW_ENOMEM;
    text = malloc((size_t)size + 1);
    if (!text) goto done;
    n = fread(text, 1, (size_t)size, file);
    text[n] = '\0';
    *out = text;
    *len = n;
    err = MW_OK;
done:
    fclose(file);
    return err;
}

static enum mw_err index_lines(struct identities *ids, size_t len) {
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += ids->text[i] == '\n';
    ids->lines = calloc(count + 1, sizeof *ids->lines);
    if (!ids->lines) return MW_ENOMEM;
    for (size_t at = 0; at < len;) {
        const char *end = memchr(ids->text + at, '\n', len - at);
        size_t next = end ? (size_t)(end - ids->text) + 1 : len;
        if (next - at > 1) ids->lines[ids->lines_count++] = at;
        at = next;
    }
    return MW_OK;
}

static bool set(const char *s) {
    return s && s[0];
}

enum mw_err identities_open(const struct identity_options *o, struct identities **out, const char **why) {
    char *text = NULL;
    size_t len = 0;
    enum mw_err err = MW_OK;
    if (set(o->user) + set(o->skeys) + set(o->keys) > 1) {
        *why = "only one of --user, --skeys and --keys";
        return MW_EINVAL;
    }
    struct identities *ids = calloc(1, sizeof *ids);
    if (!ids) return MW_ENOMEM;
    ids->user = o->user;
    ids->password = o->password;
    ids->app_id = o->app_id;
    ids->now_s = time(NULL);
    if (set(o->user)) {
        ids->kind = KIND_PATTERN;
    } else if (set(o->skeys)) {
        ids->kind = KIND_FILE;
        *why = "--skeys: cannot be read";
        err = read_file(o->skeys, &ids->text, &len);
        if (err == MW_OK) err = index_lines(ids, len);
    } else if (set(o->keys)) {
        ids->kind = KIND_MINTED;
        *why = "--keys: cannot be read";
        err = read_file(o->keys, &text, &len);
        if (err == MW_OK) err = mw_jwks_parse(mw_bytes(text, len), &ids->keys, why);
    }
    free(text);
    if (err != MW_OK) {
        identities_free(&ids);
        return err;
    }
    *out = ids;
    return MW_OK;
}

void identities_free(struct identities **ids) {
    if (!*ids) return;
    mw_keyset_wipe(&(*ids)->keys);
    free((*ids)->text);
    free((*ids)->lines);
    free(*ids);
    *ids = NULL;
}

/* A word of `len` letters of a-z2-7 that tells the number: uids and sids look like that. */
static void spell(const char *prefix, uint32_t number, size_t len, char *out) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    size_t head = strlen(prefix);
    memcpy(out, prefix, head);
    for (size_t i = len; i-- > head; number >>= 5)
        out[i] = letters[number & 31];
    out[len] = '\0';
}

static enum mw_err from_pattern(const struct identities *ids, uint32_t number, struct identity *out) {
    const char *mark = strstr(ids->user, "%d");
    int head = mark ? (int)(mark - ids->user) : (int)strlen(ids->user);
    int n = mark ? snprintf(out->name, sizeof out->name, "%.*s%u%s", head, ids->user, number, mark + 2)
                 : snprintf(out->name, sizeof out->name, "%s", ids->user);
    if (n < 0 || (size_t)n >= sizeof out->name) return MW_ETOOBIG;
    memcpy(out->username, out->name, sizeof out->username);
    return mw_str_copy(out->password, sizeof out->password, mw_cstr(ids->password)) ? MW_OK : MW_ETOOBIG;
}

/* Up to the next blank or line end; *s moves behind it. */
static struct mw_str word(struct mw_str *s) {
    size_t n = 0;
    while (n < s->len && s->ptr[n] != ' ' && s->ptr[n] != '\t' && s->ptr[n] != '\n' && s->ptr[n] != '\r')
        n++;
    struct mw_str result = mw_bytes(s->ptr, n);
    *s = mw_str_skip(*s, n + 1);
    return result;
}

static enum mw_err from_file(const struct identities *ids, uint32_t number, struct identity *out) {
    if (number >= ids->lines_count) return MW_ENOENT;
    struct mw_str line = mw_cstr(ids->text + ids->lines[number]);
    struct mw_str uid = word(&line);
    (void)word(&line);
    struct mw_str skey = word(&line);
    bool ok = mw_is_uid(uid) && mw_str_copy(out->name, sizeof out->name, uid) &&
              mw_str_copy(out->username, sizeof out->username, uid) &&
              mw_str_copy(out->password, sizeof out->password, skey);
    return ok ? MW_OK : MW_EINVAL;
}

static enum mw_err minted(const struct identities *ids, uint32_t number, struct identity *out) {
    struct mw_claims claims = {.iat_s = ids->now_s, .exp_s = ids->now_s + SKEY_TTL_S};
    if (!mw_str_copy(claims.iss, sizeof claims.iss, mw_cstr(ids->app_id))) return MW_EINVAL;
    spell("u", number, MW_UID_LEN, claims.uid);
    spell("s", number, MW_SID_LEN, claims.sid);
    snprintf(claims.name, sizeof claims.name, "小明%u", number);
    snprintf(claims.picture, sizeof claims.picture, "https://chat.example.com/media/%u.png", number);
    memcpy(out->name, claims.uid, sizeof claims.uid);
    memcpy(out->username, claims.uid, sizeof claims.uid);
    return mw_skey_mint(&ids->keys.keys[0], &claims, out->password, sizeof out->password);
}

enum mw_err identities_get(const struct identities *ids, uint32_t number, struct identity *out) {
    out->anonymous = ids->kind == KIND_ANONYMOUS;
    switch (ids->kind) {
    case KIND_PATTERN:
        return from_pattern(ids, number, out);
    case KIND_FILE:
        return from_file(ids, number, out);
    case KIND_MINTED:
        return minted(ids, number, out);
    case KIND_ANONYMOUS:
        break;
    }
    spell("anonymous", number, MW_UID_LEN, out->name);
    return MW_OK;
}
