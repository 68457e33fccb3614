/* Request in, answer out: one file for each subject. */
#ifndef HANDLERS_H
#define HANDLERS_H

#include "call.h"

handler_fn handle_login, handle_session, handle_health;

#endif
