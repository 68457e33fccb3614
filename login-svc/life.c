#include "life.h"

#include "mw/clock.h"

#define PAGE 64

/* The fields' own sizes bound the texts: they come from rows or from checked input. */
static struct mw_change entry(enum mw_change_type type, const char *who, int64_t now_s, int64_t until_s) {
    struct mw_change c = {.type = type, .at_s = now_s, .until_s = until_s};
    (void)mw_str_copy(c.who, sizeof c.who, mw_cstr(who));
    return c;
}

static enum mw_err append(struct mw_store *store, const struct mw_change *change) {
    int64_t seq = 0;
    return mw_store_append_change(store, change, &seq);
}

enum mw_err life_find(struct mw_store *store, struct mw_str sid, int64_t now_s, struct mw_session *out) {
    struct mw_session found;
    enum mw_err err = mw_store_find_session(store, sid, &found);
    if (err != MW_OK) return err;
    if (mw_expired(found.expires_s, now_s)) return MW_ENOENT;
    if (!mw_expired(found.banned_until_s, now_s)) return MW_EAUTH;
    *out = found;
    return MW_OK;
}

enum mw_err life_renew(struct mw_store *store, struct mw_session *session, int64_t now_s, int64_t ttl_s) {
    int64_t until_s = mw_add_sat(now_s, ttl_s);
    /* session_ttl may have become shorter: an skey that was handed out stays good. */
    if (until_s < session->expires_s) until_s = session->expires_s;
    const struct mw_change change = entry(MW_CHANGE_EXTEND, session->sid, now_s, until_s);
    enum mw_err err = mw_store_set_session_end(store, mw_cstr(session->sid), until_s);
    if (err == MW_OK) err = append(store, &change);
    if (err == MW_OK) session->expires_s = until_s;
    return err;
}

/* expires_s is also the end of the last skey that was minted for the session. */
static enum mw_err end_one(struct mw_store *store, const char *sid, int64_t expires_s, int64_t now_s) {
    const struct mw_change change = entry(MW_CHANGE_REVOKE, sid, now_s, expires_s);
    enum mw_err err = mw_store_drop_session(store, mw_cstr(sid));
    return err == MW_OK ? append(store, &change) : err;
}

enum mw_err life_end(struct mw_store *store, struct mw_str sid, int64_t now_s) {
    struct mw_session found;
    enum mw_err err = mw_store_find_session(store, sid, &found);
    return err == MW_OK ? end_one(store, found.sid, found.expires_s, now_s) : err;
}

enum mw_err life_end_all(struct mw_store *store, struct mw_str uid, struct mw_str except, int64_t now_s,
                         size_t *ended) {
    struct mw_session_brief page[PAGE];
    char after[MW_SID_LEN + 1] = "";
    size_t count = PAGE, done = 0;
    while (count == PAGE) {
        enum mw_err err = mw_store_list_sessions(store, uid, mw_cstr(after), page, PAGE, &count);
        for (size_t i = 0; err == MW_OK && i < count; i++) {
            memcpy(after, page[i].sid, sizeof after);
            if (mw_str_eq(mw_cstr(page[i].sid), except)) continue;
            err = end_one(store, page[i].sid, page[i].expires_s, now_s);
            if (!mw_expired(page[i].expires_s, now_s)) done++;
        }
        if (err != MW_OK) return err;
    }
    *ended = done;
    return MW_OK;
}

static enum mw_err latest_end(struct mw_store *store, struct mw_str uid, int64_t *end_s) {
    struct mw_session_brief page[PAGE];
    char after[MW_SID_LEN + 1] = "";
    for (size_t count = PAGE; count == PAGE;) {
        enum mw_err err = mw_store_list_sessions(store, uid, mw_cstr(after), page, PAGE, &count);
        if (err != MW_OK) return err;
        for (size_t i = 0; i < count; i++)
            if (page[i].expires_s > *end_s) *end_s = page[i].expires_s;
        if (count > 0) memcpy(after, page[count - 1].sid, sizeof after);
    }
    return MW_OK;
}

/* The entry matters as long as an skey may say otherwise. */
static enum mw_err announce(struct mw_store *store, const char *uid, const struct mw_profile *profile, int64_t now_s,
                            int64_t ttl_s) {
    struct mw_change change = entry(MW_CHANGE_PROFILE, uid, now_s, mw_add_sat(now_s, ttl_s));
    change.profile = *profile;
    enum mw_err err = latest_end(store, mw_cstr(uid), &change.until_s);
    return err == MW_OK ? append(store, &change) : err;
}

enum mw_err life_rename(struct mw_store *store, const struct mw_session *session, int64_t now_s, int64_t ttl_s) {
    enum mw_err err = mw_store_set_profile(store, mw_cstr(session->uid), &session->profile);
    return err == MW_OK ? announce(store, session->uid, &session->profile, now_s, ttl_s) : err;
}

static enum mw_err check_ban(struct mw_store *store, struct mw_str uid, int64_t now_s) {
    int64_t until_s = 0;
    enum mw_err err = mw_store_find_change(store, MW_CHANGE_BAN, uid, MW_STR(""), &until_s);
    if (err == MW_ENOENT) return MW_OK;
    if (err != MW_OK) return err;
    return mw_expired(until_s, now_s) ? MW_OK : MW_EAUTH;
}

enum mw_err life_begin(struct mw_store *store, const struct mw_user *user, struct mw_session *session, int64_t now_s,
                       int64_t ttl_s, bool *renamed) {
    struct mw_profile profile;
    bool other = false;
    enum mw_err err = check_ban(store, mw_cstr(user->uid), now_s);
    if (err == MW_OK) err = mw_store_add_session(store, user, session, &profile, &other);
    if (err == MW_OK && other) err = announce(store, user->uid, &profile, now_s, ttl_s);
    if (err != MW_OK) return err;
    session->profile = profile;
    *renamed = other;
    return MW_OK;
}

enum mw_err life_give(struct mw_store *store, const struct life_right *right, int64_t now_s) {
    struct mw_change change = entry(right->type, right->uid, now_s, right->until_s);
    memcpy(change.room, right->room, sizeof change.room);
    return append(store, &change);
}

enum mw_err life_take_back(struct mw_store *store, const struct life_right *right, int64_t now_s) {
    static const enum mw_change_type former[MW_CHANGE_TYPES] = {
        [MW_CHANGE_UNGRANT] = MW_CHANGE_GRANT,
        [MW_CHANGE_UNMUTE] = MW_CHANGE_MUTE,
        [MW_CHANGE_UNBAN] = MW_CHANGE_BAN,
    };
    struct life_right gone = *right;
    enum mw_err err =
        mw_store_find_change(store, former[right->type], mw_cstr(right->uid), mw_cstr(right->room), &gone.until_s);
    if (err == MW_ENOENT) return MW_OK;
    return err == MW_OK ? life_give(store, &gone, now_s) : err;
}

enum mw_err life_admit(struct mw_store *store, const struct mw_session *session, struct mw_str room, int64_t now_s) {
    struct life_right grant = {.type = MW_CHANGE_GRANT, .until_s = session->expires_s};
    int64_t granted_until_s = 0;
    if (!mw_str_copy(grant.uid, sizeof grant.uid, mw_cstr(session->uid)) ||
        !mw_str_copy(grant.room, sizeof grant.room, room))
        return MW_EINVAL;
    enum mw_err err = mw_store_find_change(store, MW_CHANGE_GRANT, mw_cstr(session->uid), room, &granted_until_s);
    if (err != MW_OK && err != MW_ENOENT) return err;
    return granted_until_s >= grant.until_s ? MW_OK : life_give(store, &grant, now_s);
}
