/* Request in, answer out: one file for each subject. Guards let a call through to its handler, or answer it. */
#ifndef HANDLERS_H
#define HANDLERS_H

#include "call.h"

handler_fn handle_login, handle_session, handle_renew, handle_logout, handle_auth, handle_profile, handle_group,
    handle_health, handle_upload, handle_media;
handler_fn handle_admin, handle_admin_sessions, handle_metrics;
guard_fn guard_admin;

#endif
