/* The plugin's callbacks with a broker made of variables: what they cost without a broker around them. */
#include "fakes/fake_host.h"
#include "micro.h"

#include <stdio.h>
#include <stdlib.h>

#define CLIENTS 10000
#define FACTS 1000000
#define TEXT "{\"type\":\"text\",\"content\":\"See you in the lobby at midnight\"}"

static struct plugin *pl;
static struct mosquitto people[CLIENTS];
static char names[CLIENTS][MW_UID_LEN + 1];
static size_t turn;

static void letters(char *out, size_t len, size_t n) {
    memset(out, 'a', len);
    out[len] = '\0';
    for (size_t i = 0; n > 0; i++, n /= 26)
        out[i] = (char)('a' + n % 26);
}

static bool connect_people(size_t count) {
    if (pl) fake_plugin_free(pl);
    pl = fake_plugin_new();
    pl->history.limit = 64 << 20;
    fake_event(pl, MOSQ_EVT_TICK, NULL);
    for (size_t i = 0; i < count; i++) {
        char sid[MW_SID_LEN + 1];
        letters(names[i], MW_UID_LEN, i);
        letters(sid, MW_SID_LEN, i);
        struct mw_claims claims = fake_claims(names[i], sid, 86400);
        people[i] = fake_client(names[i]);
        if (fake_basic_auth(pl, &people[i], fake_skey(pl, &claims)) != MOSQ_ERR_SUCCESS) return false;
        if (fake_acl(pl, &people[i], MOSQ_ACL_SUBSCRIBE, "room/lobby", NULL) != MOSQ_ERR_SUCCESS) return false;
    }
    return true;
}

static bool say(void) {
    char *out = NULL;
    bool retain = false;
    if (fake_acl(pl, &people[0], MOSQ_ACL_WRITE, "room/lobby", TEXT) != MOSQ_ERR_SUCCESS) return false;
    int rc = fake_message(pl, &people[0], "room/lobby", TEXT, &out, &retain);
    free(out);
    return rc == MOSQ_ERR_SUCCESS && out;
}

static bool prepare_few(void) {
    return connect_people(100);
}
static bool prepare_many(void) {
    return connect_people(CLIENTS);
}

static bool deliver_to(size_t count) {
    turn = (turn + 1) % count;
    return fake_acl(pl, &people[turn], MOSQ_ACL_READ, "room/lobby", TEXT) == MOSQ_ERR_SUCCESS;
}

static bool deliver_few(void) {
    return deliver_to(100);
}
static bool deliver_many(void) {
    return deliver_to(CLIENTS);
}

static bool prepare_history(void) {
    if (!connect_people(2)) return false;
    for (int i = 0; i < 50; i++)
        if (!say()) return false;
    return fake_acl(pl, &people[1], MOSQ_ACL_UNSUBSCRIBE, "room/lobby", NULL) == MOSQ_ERR_SUCCESS;
}

static bool enter(void) {
    fake.mono_ms += 1000; /* or it would be too often */
    fake_event(pl, MOSQ_EVT_TICK, NULL);
    fake.published = 0;
    bool in = fake_acl(pl, &people[1], MOSQ_ACL_SUBSCRIBE, "room/lobby", NULL) == MOSQ_ERR_SUCCESS;
    return in && fake.published == 50 &&
           fake_acl(pl, &people[1], MOSQ_ACL_UNSUBSCRIBE, "room/lobby", NULL) == MOSQ_ERR_SUCCESS;
}

/* A million people muted, banned or let in, none of whom is here. */
static bool prepare_facts(void) {
    static const enum mw_change_type types[] = {MW_CHANGE_MUTE, MW_CHANGE_BAN, MW_CHANGE_GRANT};
    if (!connect_people(1)) return false;
    for (size_t i = 0; i < FACTS; i++) {
        struct mw_change c = {.seq = 1, .type = types[i % 3], .until_s = INT64_C(99999999999)};
        letters(c.who, MW_UID_LEN, 26 + i);
        (void)snprintf(c.room, sizeof c.room, "%s", c.type == MW_CHANGE_GRANT ? "~club" : "lobby");
        if (ledger_apply(&pl->ledger, &c) != MW_OK) return false;
    }
    return true;
}

static bool tick(void) {
    return fake_event(pl, MOSQ_EVT_TICK, NULL) == MOSQ_ERR_SUCCESS;
}

const struct micro micro_plugin[] = {
    {"deliver, 100 clients in turn", prepare_few, deliver_few, NULL, 0},
    {"deliver, 10,000 clients in turn", prepare_many, deliver_many, NULL, 0},
    {"tick, nothing due", prepare_few, tick, NULL, 0},
    {"publish, history on", prepare_few, say, NULL, 30},
    {"publish, 1,000,000 mutes, bans and grants", prepare_facts, say, NULL, 30},
    {"enter a room with 50 recent messages", prepare_history, enter, NULL, 200},
    {NULL, NULL, NULL, NULL, 0},
};
