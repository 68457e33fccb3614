/* Notices on user/<uid>/notice: an MQTT 3.1.1 client learns of a refused publish in no other way. DESIGN section 4. */
#ifndef MW_NOTICE_H
#define MW_NOTICE_H

#include "mw/acl.h"

#define MW_NOTICE_MAX 1152

struct mw_notice {
    enum mw_reason reason; /* not NONE: gives "error", and "reason" for an ended session */
    struct mw_str topic;   /* absent: left out. Cut to 256 bytes at a character's border */
    struct mw_str ref;     /* absent or empty: left out */
    int64_t until_ms;      /* when it will be otherwise, Unix time; 0: left out */
    struct mw_str message; /* absent: the reason's own sentence */
};

/* ERR_INVALID_SESSION, ERR_FORBIDDEN_TOPIC, ERR_BAD_MESSAGE… */
const char *mw_notice_error(enum mw_reason reason);
/* Writes the JSON object and returns its length, always <= MW_NOTICE_MAX. */
size_t mw_notice_write(char out[static MW_NOTICE_MAX], const struct mw_notice *n);

#endif
