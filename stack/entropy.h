/* Entropy and wall clock of the process, replaced by the run's own. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_ENTROPY_H
#define HO_STACK_ENTROPY_H

#include <stdint.h>

#include "sim/base/time.h"

/* For simulation only: stack/entropy.c defines getrandom, getentropy and
 * clock_gettime for the whole executable, so that GnuTLS draws its keys from
 * the run's seed and sees virtual time.  A run's keys are therefore no secret.
 * Before ho_entropy_seed both give the system's own. */

/* ho_entropy_seed makes all later entropy a function of |seed|; |now| returns
 * virtual time. */
void ho_entropy_seed(uint64_t seed, ho_time (*now)(void));

/* ho_entropy_date is the date, in seconds since 1970, that GnuTLS takes virtual
 * time 0 for: 2025-01-01 00:00:00 UTC. */
#define HO_ENTROPY_DATE UINT64_C(1735689600)

/* ho_entropy_seconds is the time of day, in seconds since 1970, that the
 * process is made to see. */
uint64_t ho_entropy_seconds(void);

/* ho_entropy_real_ns is the real monotonic clock in ns, for progress and
 * cost.csv alone. */
uint64_t ho_entropy_real_ns(void);

#endif
