#include "handlers.h"
#include "session_auth.h"

void handle_session(struct service *svc, struct call *call) {
    struct mw_session session;
    enum api_error error = API_INTERNAL;
    const char *message = NULL;
    if (session_authenticate(svc, &call->req, &session, &error, &message))
        api_answer_session(call, &session);
    else
        api_fail(call, error, message);
}
