/* Connections that have got their answer while they were still sending. To close such a one at once would reset it, and
 * a client that looks only when it has sent all would never see the answer; so it is read from, for a while, and what
 * comes is thrown away. One thread for all of them. */
#ifndef LINGERING_H
#define LINGERING_H

#include "mw/err.h"

#include <stdint.h>

#define LINGER_MAX 256        /* more than that: the newest is closed at once */
#define LINGER_QUIET_MS 5000  /* no longer than that without a byte */
#define LINGER_TOTAL_MS 30000 /* and no longer than that at all */

struct lingering;

MW_MUST_CHECK enum mw_err lingering_start(struct lingering **out);
/* Takes over a connected socket that does not block and is shut for writing. bytes_max: what is read from it at most;
 * some more may be, as it comes. Any thread. */
void lingering_add(struct lingering *l, int fd, uint64_t bytes_max);
/* Closes what is there. Takes &l, allows NULL, clears. */
void lingering_stop(struct lingering **l);

#endif
