#include "handlers.h"
#include "router.h"

/* A log-in carries rawData and encryptedData, both of a few KiB. */
#define LOGIN_BODY_MAX 24576
#define GROUP_BODY_MAX 12288
#define PROFILE_BODY_MAX 8192
#define ADMIN_BODY_MAX 4096
/* Some HTTP clients send "{}" with whatever they send: read, and not looked at. */
#define ANY_BODY_MAX 1024

static const struct route public_rows[] = {
    {"GET", "/login", LOGIN_BODY_MAX, handle_login, NULL}, /* no HEAD: it would spend the code for nothing */
    {"POST", "/login", LOGIN_BODY_MAX, handle_login, NULL},
    {"GET", "/session", ANY_BODY_MAX, handle_session, NULL},
    {"HEAD", "/session", ANY_BODY_MAX, handle_session, NULL},
    {"DELETE", "/session", ANY_BODY_MAX, handle_logout, NULL},
    {"POST", "/session/renew", ANY_BODY_MAX, handle_renew, NULL},
    {"GET", "/auth", ANY_BODY_MAX, handle_auth, NULL},
    {"HEAD", "/auth", ANY_BODY_MAX, handle_auth, NULL},
    {"PUT", "/profile", PROFILE_BODY_MAX, handle_profile, NULL},
    {"POST", "/rooms/group", GROUP_BODY_MAX, handle_group, NULL},
    {"POST", "/media", BODY_STREAMED, handle_upload, NULL},
    {"GET", "/media/", 0, handle_media, NULL},
    {"HEAD", "/media/", 0, handle_media, NULL},
    {"GET", "/healthz", 0, handle_health, NULL},
    {"HEAD", "/healthz", 0, handle_health, NULL},
};

static const struct route admin_rows[] = {
    {"POST", "/admin/revoke", ADMIN_BODY_MAX, handle_admin, guard_admin},
    {"POST", "/admin/mute", ADMIN_BODY_MAX, handle_admin, guard_admin},
    {"POST", "/admin/unmute", ADMIN_BODY_MAX, handle_admin, guard_admin},
    {"POST", "/admin/ban", ADMIN_BODY_MAX, handle_admin, guard_admin},
    {"POST", "/admin/unban", ADMIN_BODY_MAX, handle_admin, guard_admin},
    {"POST", "/admin/grant", ADMIN_BODY_MAX, handle_admin, guard_admin},
    {"POST", "/admin/ungrant", ADMIN_BODY_MAX, handle_admin, guard_admin},
    {"GET", "/admin/sessions", 0, handle_admin_sessions, guard_admin},
    {"GET", "/metrics", 0, handle_metrics, NULL},
    {"GET", "/healthz", 0, handle_health, NULL},
    {"HEAD", "/healthz", 0, handle_health, NULL},
};

const struct routes public_routes = {public_rows, sizeof public_rows / sizeof public_rows[0]};
const struct routes admin_routes = {admin_rows, sizeof admin_rows / sizeof admin_rows[0]};
