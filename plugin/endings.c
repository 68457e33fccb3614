#include "endings.h"

#include "notify.h"

#include <utlist.h>

static void kick(struct plugin *pl, struct client *c, int64_t now_s) {
    enum mw_reason reason = mw_subject_over(&c->subject, now_s);
    /* Gone by itself, replaced by a newer connection under the same id, or renewed in between. */
    if (!c->connected || c->superseded || reason == MW_REASON_NONE) return;
    char id[MW_LOGVAL_MAX];
    mw_log(&pl->log, MW_LOG_INFO, "session.end", "client=%s reason=%s", mw_logval(mw_cstr(c->id), id),
           mw_reason_text(reason));
    c->subject.ended = reason;
    clients_settle(c);
    pl->kicking = c;
    host_kick(c->id, reason == MW_REASON_EXPIRED);
    pl->kicking = NULL;
}

static void tell(struct plugin *pl, struct client *c) {
    if (c->subject.ended == MW_REASON_NONE) c->subject.ended = MW_REASON_EXPIRED;
    clients_settle(c);
    notify_end(c, c->subject.ended);
    c->told = true;
    DL_APPEND2(pl->clients.to_kick, c, kick_prev, kick_next);
}

void endings_tick(struct plugin *pl) {
    int64_t now_ms = host_unix_ms();
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
