#include "endings.h"

#include "notify.h"
#include "presence.h"

#include <utlist.h>

/* Of the broker, after the one in which a client is told: it is dropped at the end of the first, and the second writes
 * to its WebSocket that it is over. */
#define TURNS_TO_DROP 2U

static void kick(struct plugin *pl, struct client *c, int64_t now_s) {
    enum mw_reason reason = mw_subject_over(&c->subject, now_s);
    /* Replaced by a newer connection under the same id, or renewed in between. */
    if (c->superseded || reason == MW_REASON_NONE) return;
    /* Gone by itself. Never kick who is away: Mosquitto 2.0 then takes the session apart twice, and crashes. */
    if (!c->connected) return;
    char id[MW_LOGVAL_MAX];
    mw_log(&pl->log, MW_LOG_INFO, "session.end", "client=%s reason=%s", mw_logval(mw_cstr(c->id), id),
           mw_reason_text(reason));
    c->subject.ended = reason;
    clients_settle(c);
    pl->kicking = c;
    host_kick(c->id, reason == MW_REASON_EXPIRED);
    pl->kicking = NULL;
}

static void kick_later(struct plugin *pl, struct client *c) {
    if (c->told) return;
    c->told = true;
    DL_APPEND2(pl->clients.to_kick, c, kick_prev, kick_next);
}

static void tell(struct plugin *pl, struct client *c) {
    if (c->subject.ended == MW_REASON_NONE) c->subject.ended = MW_REASON_EXPIRED;
    clients_settle(c);
    presence_end(pl, c);
    notify_end(c, c->subject.ended);
    kick_later(pl, c);
    atomic_store(&pl->turns_wanted, TURNS_TO_DROP);
}

void endings_end(struct plugin *pl, struct client *c, enum mw_reason reason) {
    if (c->superseded || c->subject.ended == reason) return;
    c->subject.ended = reason;
    clients_settle(c);
    if (c->connected)
        clients_schedule(&pl->clients, c, 0);
    else
        presence_end(pl, c);
}

void endings_tick(struct plugin *pl) {
    int64_t now_ms = host_unix_ms();
    const unsigned turns = atomic_load(&pl->turns_wanted);
    if (turns > 0) atomic_store(&pl->turns_wanted, turns - 1);
    clients_sweep(&pl->clients, host_mono_ms());
    for (struct client *c = pl->clients.to_kick; c; c = pl->clients.to_kick) {
        DL_DELETE2(pl->clients.to_kick, c, kick_prev, kick_next);
        c->told = false;
        kick(pl, c, now_ms / 1000);
    }
    for (struct mw_expiry *due = mw_expiry_pop(&pl->clients.due, now_ms); due;
         due = mw_expiry_pop(&pl->clients.due, now_ms)) {
        struct client *c = client_of_due(due);
        if (!c->connected)
            clients_drop(&pl->clients, c);
        else if (!c->superseded)
            tell(pl, c);
    }
}

void endings_hurry(void *ctx) {
    const struct plugin *pl = ctx;
    if (atomic_load(&pl->turns_wanted) > 0) host_wake();
}
