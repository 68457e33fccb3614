/* The system's clocks. */
#ifndef SYSCLOCK_H
#define SYSCLOCK_H

#include "mw/clock.h"

extern const struct mw_clock sysclock;

#endif
