/* The signing keys: read at start and again on SIGHUP, as the broker does with its own password file. */
#ifndef PLUGIN_KEYS_H
#define PLUGIN_KEYS_H

#include "mw/jwks.h"
#include "mw/log.h"

/* Replaces *keys with what the file holds. On failure *keys is as it was and one log line says why. Only a regular file
 * is read, so that nothing can block. */
MW_MUST_CHECK enum mw_err keys_load(const char *path, const struct mw_log *log, struct mw_keyset *keys);

#endif
