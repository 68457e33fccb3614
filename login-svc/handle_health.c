#include "api.h"
#include "handlers.h"
#include "service.h"

void handle_health(struct service *svc, struct call *call) {
    if (writer_has_store(svc->writer) && readers_ping(svc->readers) == MW_OK)
        api_answer_ok(call);
    else
        api_fail(call, API_STORE_UNAVAILABLE, NULL);
}
