#include "ledger.h"

#include <stdlib.h>

#define KEY_MAX (1 + MW_SID_LEN + MW_ROOM_MAX)

static const struct {
    enum fact_kind kind;
    bool on;
} facts_of[] = {
    [MW_CHANGE_EXTEND] = {FACT_END, true},      [MW_CHANGE_REVOKE] = {FACT_REVOKED, true},
    [MW_CHANGE_PROFILE] = {FACT_PROFILE, true}, [MW_CHANGE_GRANT] = {FACT_GRANT, true},
    [MW_CHANGE_UNGRANT] = {FACT_GRANT, false},  [MW_CHANGE_MUTE] = {FACT_MUTE, true},
    [MW_CHANGE_UNMUTE] = {FACT_MUTE, false},    [MW_CHANGE_BAN] = {FACT_BAN, true},
    [MW_CHANGE_UNBAN] = {FACT_BAN, false},
};
_Static_assert(sizeof facts_of / sizeof facts_of[0] == MW_CHANGE_TYPES, "one fact for each type");

static size_t make_key(char key[static KEY_MAX], enum fact_kind kind, struct mw_str who, struct mw_str room) {
    struct mw_buf b = mw_buf_over(key, KEY_MAX);
    mw_buf_putc(&b, (char)kind);
    mw_buf_put(&b, who);
    mw_buf_put(&b, room);
    return b.overflow ? 0 : b.len;
}

static unsigned hash_of(const char *key, size_t len) {
    unsigned hash;
    HASH_VALUE(key, len, hash);
    return hash;
}

static struct fact *find(const struct ledger *l, const char *key, size_t len, unsigned hash) {
    struct fact *f = NULL;
    HASH_FIND_BYHASHVALUE(hh, l->facts, key, len, hash, f);
    return f;
}

static struct fact *fact_of_due(struct mw_expiry *due) {
    return (struct fact *)(void *)((char *)due - offsetof(struct fact, due));
}

static size_t kind_of(const struct fact *f) {
    return (unsigned char)f->bytes[0];
}

static void drop(struct ledger *l, struct fact *f) {
    HASH_DEL(l->facts, f);
    l->of_kind[kind_of(f)]--;
    mw_expiry_remove(&l->due, &f->due);
    free(f);
}

static int64_t to_ms(int64_t s) {
    return s > INT64_MAX / 1000 ? INT64_MAX : s * 1000;
}

enum mw_err ledger_apply(struct ledger *l, const struct mw_change *c) {
    char key[KEY_MAX];
    if (!mw_change_is_valid(c)) return MW_EINVAL;
    size_t key_len = make_key(key, facts_of[c->type].kind, mw_cstr(c->who), mw_cstr(c->room));
    size_t nick = 0, avatar = 0;
    if (c->type == MW_CHANGE_PROFILE) {
        nick = mw_cstr(c->profile.nick).len + 1;
        avatar = mw_cstr(c->profile.avatar).len + 1;
    }
    if (key_len == 0) return MW_EINVAL;

    struct fact *next = calloc(1, sizeof *next + key_len + nick + avatar);
    if (next == NULL) return MW_ENOMEM;
    next->at_s = c->at_s;
    next->until_s = c->until_s;
    next->on = facts_of[c->type].on;
    next->key_len = (uint16_t)key_len;
    memcpy(next->bytes, key, key_len);
    if (nick) {
        memcpy(next->bytes + key_len, c->profile.nick, nick);
        memcpy(next->bytes + key_len + nick, c->profile.avatar, avatar);
    }
    if (mw_expiry_set(&l->due, &next->due, to_ms(c->until_s)) != MW_OK) goto fail;
    const unsigned hash = hash_of(key, key_len);
    struct fact *former = find(l, key, key_len, hash);
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, l->facts, next->bytes, next->key_len, hash, next);
    if (next->hh.tbl == NULL) goto fail;
    l->of_kind[kind_of(next)]++;
    if (former) drop(l, former);
    return MW_OK;
fail:
    mw_expiry_remove(&l->due, &next->due);
    free(next);
    return MW_ENOMEM;
}

const struct fact *ledger_find(const struct ledger *l, enum fact_kind kind, struct mw_str who, struct mw_str room,
                               int64_t now_s) {
    char key[KEY_MAX];
    if (l->of_kind[(size_t)kind] == 0) return NULL;
    size_t len = make_key(key, kind, who, room);
    const struct fact *f = len ? find(l, key, len, hash_of(key, len)) : NULL;
    return f && now_s < f->until_s ? f : NULL;
}

const char *fact_nick(const struct fact *f) {
    return f->bytes + f->key_len;
}
const char *fact_avatar(const struct fact *f) {
    return fact_nick(f) + mw_cstr(fact_nick(f)).len + 1;
}

void ledger_sweep(struct ledger *l, int64_t now_ms, unsigned max) {
    while (max-- > 0) {
        struct mw_expiry *due = mw_expiry_pop(&l->due, now_ms);
        if (due == NULL) return;
        drop(l, fact_of_due(due));
    }
}

size_t ledger_count(const struct ledger *l) {
    return HASH_COUNT(l->facts);
}

void ledger_free(struct ledger *l) {
    struct fact *f, *next;
    HASH_ITER(hh, l->facts, f, next) drop(l, f);
    mw_expiry_heap_free(&l->due);
}
