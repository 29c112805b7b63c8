/* How long it takes, where some did not live to see it; and any distribution.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STATS_SURVIVAL_H
#define HO_STATS_SURVIVAL_H

#include <stdbool.h>
#include <stddef.h>

/* ho_lifetime is an observation: |time| until it happened, or until the end of
 * its window or run without its having happened. */
typedef struct {
  double time;
  bool censored;
} ho_lifetime;

/* ho_step is a corner of a curve: from |x| on it is |y|, with 95 % between |lo|
 * and |hi|. */
typedef struct {
  double x, y, lo, hi;
} ho_step;

/* ho_kaplan_meier sorts |lifetimes| and writes to |steps|, which has room for
 * |count|, the estimate of Kaplan and Meier (1958) of the share that it has not
 * happened to by the time x, with Greenwood's interval on the scale of
 * log(-log) (Kalbfleisch and Prentice), NaN where y is 0.  One censored at the
 * time of an event was still at risk then.  Returns the number of steps: one
 * for each time at which it happened. */
size_t ho_kaplan_meier(ho_lifetime *lifetimes, size_t count, ho_step *steps);

/* ho_kaplan_meier_median is the first x of |steps| with y <= 1/2; +infinity if
 * fewer than half have seen it happen. */
double ho_kaplan_meier_median(const ho_step *steps, size_t count);

/* ho_dkw is half the width of the 95 % band about the empirical distribution
 * of |count| > 0 values, for all x at once (Dvoretzky, Kiefer and Wolfowitz
 * 1956, with Massart's constant 1990). */
double ho_dkw(size_t count);

/* ho_ecdf sorts |values| and writes their empirical distribution to |steps|,
 * which has room for |count|, with its band cut to 0 ... 1.  Infinite values
 * (censored ones) count but have no step.  Returns the number of steps: one for
 * each different finite value. */
size_t ho_ecdf(double *values, size_t count, ho_step *steps);

#endif
