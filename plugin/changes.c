#include "changes.h"

#include "endings.h"
#include "notify.h"
#include "presence.h"

/* For one tick: some 100 microseconds. */
#define TAKEN_AT_ONCE 256
#define SWEPT_AT_ONCE 256

static void extend(struct plugin *pl, const struct mw_change *change) {
    struct client *c = clients_of_session(&pl->clients, mw_cstr(change->who));
    for (; c; c = c->session_next) {
        clients_extend(&pl->clients, c, change->until_s);
        if (c->subject.ended == MW_REASON_NONE) presence_restore(pl, c);
    }
}

static void revoke(struct plugin *pl, const struct mw_change *change) {
    struct client *c = clients_of_session(&pl->clients, mw_cstr(change->who));
    for (; c; c = c->session_next)
        endings_end(pl, c, MW_REASON_REVOKED);
}

static void rename_person(struct plugin *pl, const struct mw_change *change) {
    struct mw_str nick = mw_cstr(change->profile.nick), avatar = mw_cstr(change->profile.avatar);
    struct client *c = clients_of_person(&pl->clients, mw_cstr(change->who));
    for (; c; c = c->person_next)
        if (clients_rename(c, nick, avatar) != MW_OK)
            mw_log(&pl->log, MW_LOG_ERROR, "change.failed", "seq=%lld reason=\"no memory\"", (long long)change->seq);
}

/* Out of one room, for those of the person who are in it or were when they left. */
static void expel(struct plugin *pl, const struct mw_change *change, enum mw_reason reason) {
    char topic[sizeof("room/") + MW_ROOM_MAX];
    struct mw_buf b = mw_buf_over(topic, sizeof topic);
    mw_buf_put(&b, MW_STR("room/"));
    mw_buf_put(&b, mw_cstr(change->room));
    struct client *c = clients_of_person(&pl->clients, mw_cstr(change->who));
    for (; c; c = c->person_next) {
        bool was_in = rooms_stay(c->stays, mw_cstr(change->room)) != NULL;
        presence_expel(pl, c, mw_cstr(change->room));
        const struct mw_notice notice = {.reason = reason,
                                         .topic = mw_buf_str(&b),
                                         .until_ms = reason == MW_REASON_BANNED_ROOM ? change->until_s * 1000 : 0};
        if (was_in && c->connected && notify_allowed(c)) notify_refusal(c, &notice);
    }
}

static void ungrant(struct plugin *pl, const struct mw_change *change) {
    expel(pl, change, MW_REASON_FORBIDDEN_ROOM);
}

static void ban(struct plugin *pl, const struct mw_change *change) {
    if (change->room[0]) {
        expel(pl, change, MW_REASON_BANNED_ROOM);
        return;
    }
    struct client *c = clients_of_person(&pl->clients, mw_cstr(change->who));
    for (; c; c = c->person_next)
        endings_end(pl, c, MW_REASON_BANNED);
}

/* Mutes and grants, and what takes bans back, are looked up when somebody speaks or enters. */
static void (*const actions[MW_CHANGE_TYPES])(struct plugin *pl, const struct mw_change *change) = {
    [MW_CHANGE_EXTEND] = extend,   [MW_CHANGE_REVOKE] = revoke, [MW_CHANGE_PROFILE] = rename_person,
    [MW_CHANGE_UNGRANT] = ungrant, [MW_CHANGE_BAN] = ban,
};

void changes_take(void *plugin, const struct mw_change *change) {
    struct plugin *pl = plugin;
    enum mw_err err = ledger_apply(&pl->ledger, change);
    if (err != MW_OK)
        mw_log(&pl->log, MW_LOG_ERROR, "change.failed", "seq=%lld reason=\"%s\"", (long long)change->seq,
               mw_err_text(err));
    /* The log may come again from its beginning, with entries that are over and not yet dropped: a ban that has ended
     * must not hit who has come back since. */
    bool over = change->until_s <= host_unix_ms() / 1000;
    /* Without memory for the entry it still acts on who is here. */
    if (err != MW_EINVAL && !over && actions[change->type]) actions[change->type](pl, change);
}

void changes_tick(struct plugin *pl) {
    const struct follow_sink sink = {changes_take, pl};
    if (pl->follow == NULL) return;
    follow_take(pl->follow, &sink, &pl->log, TAKEN_AT_ONCE);
    ledger_sweep(&pl->ledger, host_unix_ms(), SWEPT_AT_ONCE);
}

const char *changes_correct(const struct plugin *pl, struct mw_claims *claims, int64_t now_s) {
    static const struct mw_str everywhere = {"", 0};
    struct mw_str sid = mw_cstr(claims->sid), uid = mw_cstr(claims->uid);
    const struct ledger *l = &pl->ledger;

    if (ledger_find(l, FACT_REVOKED, sid, everywhere, now_s)) return "the session was ended";
    const struct fact *banned = ledger_find(l, FACT_BAN, uid, everywhere, now_s);
    if (banned && banned->on) return "the user is banned";
    const struct fact *end = ledger_find(l, FACT_END, sid, everywhere, now_s);
    if (end && end->until_s > claims->exp_s) claims->exp_s = end->until_s;
    const struct fact *profile = ledger_find(l, FACT_PROFILE, uid, everywhere, now_s);
    if (profile && claims->iat_s <= profile->at_s) {
        (void)mw_str_copy(claims->name, sizeof claims->name, mw_cstr(fact_nick(profile)));
        (void)mw_str_copy(claims->picture, sizeof claims->picture, mw_cstr(fact_avatar(profile)));
    }
    return NULL;
}
