/* Values with units: drawn between bounds, and rounded. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SEARCH_VALUES_H
#define HO_SEARCH_VALUES_H

#include "sim/base/rng.h"
#include "sim/base/time.h"

/* ho_value_draw returns |choice|, or where that is a range "1ms..80ms" (of
 * times, rates, sizes, shares or counts) a value from it, its logarithm
 * uniform and with two digits; the caller frees it. */
char *ho_value_draw(const char *choice, ho_rng *rng);

/* ho_value_log returns a value in [lo, hi] whose logarithm is uniform;
 * 0 < lo <= hi. */
uint64_t ho_value_log(ho_rng *rng, uint64_t lo, uint64_t hi);

/* ho_value_round leaves the first |digits| digits of |value| and makes the rest
 * 0. */
uint64_t ho_value_round(uint64_t value, int digits);

/* ho_value_time returns "1.5s"; the caller frees it. */
char *ho_value_time(ho_time t);

#endif
