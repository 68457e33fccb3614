/* WeChat's session_key at rest: AES-256-GCM under the at-rest key, bound to the session it belongs to, so that a sealed
 * key copied to another row of the store opens nothing. */
#ifndef KEYSEAL_H
#define KEYSEAL_H

#include "mw/session.h"

/* sid: MW_SID_LEN characters. MW_EIO: no randomness. */
MW_MUST_CHECK enum mw_err keyseal_close(const uint8_t at_rest_key[static 32], struct mw_str sid,
                                        const uint8_t key[static MW_SESSION_KEY_LEN],
                                        uint8_t out[static MW_SEALED_KEY_LEN]);
/* MW_EAUTH: another key, another sid, or changed bytes. */
MW_MUST_CHECK enum mw_err keyseal_open(const uint8_t at_rest_key[static 32], struct mw_str sid,
                                       const uint8_t sealed[static MW_SEALED_KEY_LEN],
                                       uint8_t out[static MW_SESSION_KEY_LEN]);

#endif
