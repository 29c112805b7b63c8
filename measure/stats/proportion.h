/* Intervals for a proportion. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STATS_PROPORTION_H
#define HO_STATS_PROPORTION_H

#include "measure/stats/interval.h"

/* ho_wilson is Wilson's score interval (1927), without continuity correction,
 * of |successes| in |trials|: 95 %.  |successes| may be a fraction, where ties
 * count in part.  None for 0 trials. */
ho_interval ho_wilson(double successes, double trials);

/* ho_clopper_pearson is the exact interval by Clopper and Pearson (1934): 95 %,
 * 2.5 % on either side; one bound is 0 or 1 where |successes| is 0 or |trials|.
 * None for 0 trials. */
ho_interval ho_clopper_pearson(double successes, double trials);

/* ho_stats_library is the version of R's mathematics that we were built with.
 */
const char *ho_stats_library(void);

#endif
