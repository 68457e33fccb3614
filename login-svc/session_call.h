/* A call that changes its caller's own session or what belongs to it: checked before it queues for the writer, and once
 * more within the transaction, so that a session that was ended meanwhile stays ended. */
#ifndef SESSION_CALL_H
#define SESSION_CALL_H

#include "service.h"

struct session_call;

struct session_op {
    const char *event; /* the log line of its success */
    /* On the writer's thread, within the transaction. call->session is the row as it stands; what is changed in it is
     * what the answer tells. */
    enum mw_err (*change)(struct session_call *call, struct mw_store *store, int64_t now_s);
    /* On the writer's thread, once it is on the disk. Answers. */
    void (*answer)(struct session_call *call);
};

/* The first member of whatever else an operation needs, in one piece of memory from malloc(). */
struct session_call {
    struct write_job job;
    struct service *svc;
    struct call *call;
    const struct session_op *op;
    struct mw_session session;
    int64_t now_s; /* of the change */
};

/* Checks the session and gives a record of `size` bytes, zeroed behind the session_call. NULL: the call is answered.
 * Until it is submitted, session_call_refuse() is the way out. */
struct session_call *session_call_begin(struct service *svc, struct call *call, const struct session_op *op,
                                        size_t size);
/* From here on the record is the writer's, which answers and frees it. */
void session_call_submit(struct session_call *sc);
/* Frees the record and answers. message as in api_fail(). */
void session_call_refuse(struct session_call *sc, enum api_error error, const char *message);

/* Answers with a fresh skey for the session as it stands. For an op's answer. */
void session_call_answer_skey(struct session_call *sc);

#endif
