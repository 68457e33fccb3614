/* `--sweep-media AGE`: removes files that have been there for long, beside a running service or without one. */
#ifndef MEDIA_SWEEP_H
#define MEDIA_SWEEP_H

#include "config.h"

/* Says on standard output what was removed, or on standard error why not. Gives the program's exit status. */
int media_sweep(const struct config *cfg, int64_t age_s, int64_t now_s);

#endif
