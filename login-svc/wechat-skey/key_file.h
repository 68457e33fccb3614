/* Files that hold keys: written whole or not at all, and never open to more users than they should be. */
#ifndef WECHAT_SKEY_KEY_FILE_H
#define WECHAT_SKEY_KEY_FILE_H

#include "mw/jwks.h"

#include <sys/types.h>

/* Each complains on standard error and tells what to do, so that callers only have to stop. */

/* MW_EEXIST: the path is taken; nothing was changed, and nothing is said. */
MW_MUST_CHECK enum mw_err key_file_create(const char *path, mode_t mode, struct mw_str text);
/* Takes the place of the file at path, with its mode, owner and group. */
MW_MUST_CHECK enum mw_err key_file_replace(const char *path, struct mw_str text);
MW_MUST_CHECK enum mw_err key_file_load(const char *path, struct mw_keyset *out);

#endif
