#include "handlers.h"
#include "router.h"

/* A log-in carries rawData and encryptedData, both of a few KiB. */
#define LOGIN_BODY_MAX 24576

static const struct route rows[] = {
    {"GET", "/login", LOGIN_BODY_MAX, handle_login}, /* no HEAD: it would spend the code for nothing */
    {"POST", "/login", LOGIN_BODY_MAX, handle_login}, {"GET", "/session", 0, handle_session},
    {"HEAD", "/session", 0, handle_session},          {"GET", "/healthz", 0, handle_health},
    {"HEAD", "/healthz", 0, handle_health},
};

const struct routes public_routes = {rows, sizeof rows / sizeof rows[0]};
