/* The log on stderr: time, level, line. */
#ifndef STDERR_LOG_H
#define STDERR_LOG_H

#include "mw/log.h"

extern const struct mw_log stderr_log;

#endif
