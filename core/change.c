#include "mw/change.h"

/* What each type names: a session or a user; no room, one, or one or all. */
enum room_rule { NO_ROOM = 0, ONE_ROOM, ANY_ROOM };
static const struct {
    size_t who_len;
    enum room_rule room;
} rules[] = {
    [MW_CHANGE_NONE] = {0, NO_ROOM},
    [MW_CHANGE_EXTEND] = {MW_SID_LEN, NO_ROOM},
    [MW_CHANGE_REVOKE] = {MW_SID_LEN, NO_ROOM},
    [MW_CHANGE_PROFILE] = {MW_UID_LEN, NO_ROOM},
    [MW_CHANGE_GRANT] = {MW_UID_LEN, ONE_ROOM},
    [MW_CHANGE_UNGRANT] = {MW_UID_LEN, ONE_ROOM},
    [MW_CHANGE_MUTE] = {MW_UID_LEN, ANY_ROOM},
    [MW_CHANGE_UNMUTE] = {MW_UID_LEN, ANY_ROOM},
    [MW_CHANGE_BAN] = {MW_UID_LEN, ANY_ROOM},
    [MW_CHANGE_UNBAN] = {MW_UID_LEN, ANY_ROOM},
};
_Static_assert(sizeof rules / sizeof rules[0] == MW_CHANGE_TYPES, "one rule for each type");

bool mw_change_is_valid(const struct mw_change *c) {
    struct mw_str who = mw_cstr(c->who), room = mw_cstr(c->room);
    if (c->type <= MW_CHANGE_NONE || c->type >= MW_CHANGE_TYPES || c->until_s < 0) return false;
    if (rules[c->type].who_len == MW_SID_LEN ? !mw_is_sid(who) : !mw_is_uid(who)) return false;
    if (room.len == 0) return rules[c->type].room != ONE_ROOM;
    return rules[c->type].room != NO_ROOM && mw_room_kind(room) != MW_ROOM_INVALID;
}
