#include "rooms.h"

#include "mw/clock.h"

#include <stdlib.h>
#include <utlist.h>

#define TELL_EVERY_MS 1000

/* Every room is in the heap of its kind, and every person, most of them with this: a node that is in is moved without
 * memory, so nobody's leaving can fail. */
#define NEVER INT64_MAX

struct room {
    struct mw_expiry telling;
    int64_t not_before_ms; /* the next telling */
    uint32_t people, told; /* now; as last told, 0 before that */
    bool was_told, asked;  /* since the start; asked for before it was told */
    uint8_t name_len;
    UT_hash_handle hh;
    char name[];
};
_Static_assert(MW_ROOM_MAX <= UINT8_MAX, "name_len holds any length");

/* One table for the persons of all rooms: a table for each would be larger than what is in it. The key is the room's
 * address and the uid. */
#define PERSON_KEY_LEN (sizeof(const void *) + MW_UID_LEN)

struct person {
    struct room *room;
    char uid[MW_UID_LEN];
    uint32_t stays;
    struct mw_expiry leaving; /* NEVER while there are stays */
    UT_hash_handle hh;
};
_Static_assert(offsetof(struct person, room) == 0 && offsetof(struct person, uid) + MW_UID_LEN == PERSON_KEY_LEN,
               "a person begins with its key");

static struct room *room_of_telling(struct mw_expiry *due) {
    return (struct room *)(void *)((char *)due - offsetof(struct room, telling));
}

static struct person *person_of_leaving(struct mw_expiry *due) {
    return (struct person *)(void *)((char *)due - offsetof(struct person, leaving));
}

struct mw_str rooms_name(const struct room *room) {
    return (struct mw_str){room->name, room->name_len};
}

/* Of a node that is in, or that was just popped: there is place for it. */
static void move(struct mw_expiry_heap *heap, struct mw_expiry *node, int64_t at_ms) {
    (void)(mw_expiry_set(heap, node, at_ms) == MW_OK);
}

static void tell_soon(struct rooms *r, struct room *room, int64_t mono_ms) {
    int64_t at_ms = mono_ms > room->not_before_ms ? mono_ms : room->not_before_ms;
    if (at_ms < room->telling.at_ms) move(&r->telling, &room->telling, at_ms);
}

static bool is_name(struct mw_str name) {
    return name.ptr && name.len > 0 && name.len <= MW_ROOM_MAX;
}

static struct room *room_find(const struct rooms *r, struct mw_str name) {
    struct room *room = NULL;
    if (is_name(name)) HASH_FIND(hh, r->all, name.ptr, name.len, room);
    return room;
}

static void room_drop(struct rooms *r, struct room *room) {
    HASH_DEL(r->all, room);
    mw_expiry_remove(&r->telling, &room->telling);
    free(room);
}

/* One that was got and then not used. */
static void room_put_back(struct rooms *r, struct room *room) {
    if (room->people == 0 && room->telling.at_ms == NEVER) room_drop(r, room);
}

static struct room *room_get(struct rooms *r, struct mw_str name) {
    struct room *room = room_find(r, name);
    if (room || !is_name(name)) return room;
    room = calloc(1, sizeof *room + name.len);
    if (room == NULL) return NULL;
    room->not_before_ms = INT64_MIN;
    room->name_len = (uint8_t)name.len;
    memcpy(room->name, name.ptr, name.len);
    if (mw_expiry_set(&r->telling, &room->telling, NEVER) != MW_OK) goto fail;
    HASH_ADD_KEYPTR(hh, r->all, room->name, room->name_len, room);
    if (room->hh.tbl) return room;
fail:
    mw_expiry_remove(&r->telling, &room->telling);
    free(room);
    return NULL;
}

static void make_key(char key[static PERSON_KEY_LEN], const void *room, struct mw_str uid) {
    memcpy(key, &room, sizeof room);
    memcpy(key + sizeof room, uid.ptr, MW_UID_LEN);
}

/* Counts one who is new. */
static struct person *person_get(struct rooms *r, struct room *room, struct mw_str uid, int64_t mono_ms) {
    char key[PERSON_KEY_LEN];
    struct person *p = NULL;
    make_key(key, room, uid);
    HASH_FIND(hh, r->people, key, sizeof key, p);
    if (p) return p;
    p = calloc(1, sizeof *p);
    if (p == NULL) return NULL;
    p->room = room;
    memcpy(p->uid, uid.ptr, MW_UID_LEN);
    if (mw_expiry_set(&r->leaving, &p->leaving, NEVER) != MW_OK) goto fail;
    HASH_ADD_KEYPTR(hh, r->people, p, PERSON_KEY_LEN, p);
    if (p->hh.tbl == NULL) goto fail;
    room->people++;
    tell_soon(r, room, mono_ms);
    return p;
fail:
    mw_expiry_remove(&r->leaving, &p->leaving);
    free(p);
    return NULL;
}

static void person_drop(struct rooms *r, struct person *p) {
    HASH_DEL(r->people, p);
    mw_expiry_remove(&r->leaving, &p->leaving);
    free(p);
}

static void person_leaves(struct rooms *r, struct person *p, int64_t mono_ms) {
    struct room *room = p->room;
    person_drop(r, p);
    room->people--;
    tell_soon(r, room, mono_ms);
}

struct stay *rooms_stay(struct stay *list, struct mw_str room) {
    struct stay *stay = NULL;
    DL_FOREACH(list, stay) {
        if (mw_str_eq(rooms_name(stay->room), room)) return stay;
    }
    return NULL;
}

size_t rooms_stay_count(const struct stay *list) {
    size_t count = 0;
    const struct stay *stay = NULL;
    DL_COUNT(list, stay, count);
    return count;
}

enum mw_err rooms_enter(struct rooms *r, struct stay **list, struct mw_str room, struct mw_str uid, enum stay_by by,
                        int64_t mono_ms, struct stay **out, bool *entered) {
    if (!is_name(room) || uid.ptr == NULL || uid.len != MW_UID_LEN) return MW_EINVAL;
    struct stay *stay = rooms_stay(*list, room);
    bool is_new = stay == NULL;
    if (is_new) {
        struct room *in = NULL;
        stay = calloc(1, sizeof *stay);
        if (stay == NULL || (in = room_get(r, room)) == NULL) goto fail;
        stay->room = in;
        stay->person = person_get(r, in, uid, mono_ms);
        if (stay->person == NULL) goto fail;
        stay->person->stays++;
        move(&r->leaving, &stay->person->leaving, NEVER);
        DL_APPEND(*list, stay);
    }
    stay->by |= (unsigned)by;
    *out = stay;
    *entered = is_new;
    return MW_OK;
fail:
    if (stay && stay->room) room_put_back(r, stay->room);
    free(stay);
    return MW_ENOMEM;
}

void rooms_leave(struct rooms *r, struct stay **list, struct mw_str room, enum stay_by by, int64_t mono_ms) {
    struct stay *stay = rooms_stay(*list, room);
    if (stay == NULL) return;
    stay->by &= ~(unsigned)by;
    if (stay->by == 0) rooms_end_stay(r, list, stay, LEAVE_NOW, mono_ms);
}

void rooms_end_stay(struct rooms *r, struct stay **list, struct stay *stay, enum leave how, int64_t mono_ms) {
    struct person *p = stay->person;
    DL_DELETE(*list, stay);
    free(stay);
    if (--p->stays > 0) return;
    if (how == LEAVE_WITH_GRACE)
        move(&r->leaving, &p->leaving, mw_add_sat(mono_ms, r->grace_ms));
    else
        person_leaves(r, p, mono_ms);
}

void rooms_end_all(struct rooms *r, struct stay **list, enum leave how, int64_t mono_ms) {
    while (*list)
        rooms_end_stay(r, list, *list, how, mono_ms);
}

void rooms_end_grace(struct rooms *r, struct mw_str room, struct mw_str uid, int64_t mono_ms) {
    char key[PERSON_KEY_LEN];
    struct person *p = NULL;
    struct room *in = room_find(r, room);
    if (in == NULL || uid.ptr == NULL || uid.len != MW_UID_LEN) return;
    make_key(key, in, uid);
    HASH_FIND(hh, r->people, key, sizeof key, p);
    if (p && p->stays == 0) person_leaves(r, p, mono_ms);
}

uint32_t rooms_people(const struct rooms *r, struct mw_str room) {
    const struct room *found = room_find(r, room);
    return found ? found->people : 0;
}

bool rooms_distrust(struct rooms *r, struct mw_str room, int64_t mono_ms) {
    struct room *asked = room_get(r, room);
    if (asked == NULL || asked->was_told) return false;
    asked->asked = true;
    tell_soon(r, asked, mono_ms);
    return true;
}

/* What a room that was just popped needs: its number told, and a look at it again when it may be forgotten. That is a
 * second after its last telling, or somebody who came back could have it told twice in one. */
static void look_at(struct rooms *r, struct room *room, const struct rooms_sink *sink, int64_t mono_ms) {
    bool to_tell = room->asked || room->people != room->told;
    if (!to_tell && room->people == 0) {
        room_drop(r, room);
        return;
    }
    move(&r->telling, &room->telling, room->people > 0 ? NEVER : mw_add_sat(mono_ms, TELL_EVERY_MS));
    if (!to_tell) return;
    room->told = room->people;
    room->was_told = true;
    room->asked = false;
    room->not_before_ms = mw_add_sat(mono_ms, TELL_EVERY_MS);
    sink->tell(sink->ctx, rooms_name(room), room->people);
}

void rooms_tick(struct rooms *r, const struct rooms_sink *sink, unsigned max, int64_t mono_ms) {
    for (size_t i = 0; i < (size_t)max * ROOMS_GRACES_PER_TELLING; i++) {
        struct mw_expiry *due = mw_expiry_pop(&r->leaving, mono_ms);
        if (due == NULL) break;
        person_leaves(r, person_of_leaving(due), mono_ms);
    }
    for (unsigned i = 0; i < max; i++) {
        struct mw_expiry *due = mw_expiry_pop(&r->telling, mono_ms);
        if (due == NULL) break;
        look_at(r, room_of_telling(due), sink, mono_ms);
    }
}

void rooms_free(struct rooms *r) {
    struct person *p = NULL, *next_person = NULL;
    struct room *room = NULL, *next_room = NULL;
    HASH_ITER(hh, r->people, p, next_person) person_drop(r, p);
    HASH_ITER(hh, r->all, room, next_room) room_drop(r, room);
    mw_expiry_heap_free(&r->leaving);
    mw_expiry_heap_free(&r->telling);
}
