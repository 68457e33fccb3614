/* What clients say: judged at ACL_CHECK, wills included. */
#ifndef PLUGIN_PUBLISH_H
#define PLUGIN_PUBLISH_H

#include "auth.h"

struct publish {
    const struct mosquitto *ptr;
    struct mw_str topic, payload;
    int qos;
};

/* What is to be said about a publish. */
struct judgement {
    enum mw_reason reason; /* MW_REASON_NONE: it passes, and `admitted` says how */
    struct admitted admitted;
    struct mw_m1 m1;  /* of chat topics; ref is "" when not known */
    const char *why;  /* static words for the sender; NULL: those of the reason */
    int64_t until_ms; /* when a refusal ends; 0: not known */
};

/* A publish or a will. On ALLOW for a session's client pl->admitted says what MESSAGE is to do with it. A will is
 * stamped and published here, and the raw one always denied. */
enum verdict publish_check(struct plugin *pl, const struct publish *p);
/* What is decided of a publish by a client of ours, without side effects and without the rate limit. alive_s: the time
 * that the session's own end is judged by, which differs from now for a will. */
void publish_judge(const struct plugin *pl, const struct client *c, const struct publish *p, int64_t alive_s,
                   int64_t now_s, struct judgement *out);

#endif
