/* A confidence interval, 95 % wherever nothing else is said. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STATS_INTERVAL_H
#define HO_STATS_INTERVAL_H

#include <math.h>
#include <stdbool.h>

/* Both bounds are NaN where there is no interval. */
typedef struct {
  double lo, hi;
} ho_interval;

static inline ho_interval ho_interval_none(void) {
  return (ho_interval){NAN, NAN};
}

#endif
