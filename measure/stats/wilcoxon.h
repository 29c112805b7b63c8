/* Two samples compared: the signed-rank test, an effect size, several tests. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STATS_WILCOXON_H
#define HO_STATS_WILCOXON_H

#include <stdbool.h>
#include <stddef.h>

/* Up to so many differences without ties the test is exact. */
#define HO_WILCOXON_EXACT 50

typedef struct {
  size_t n;   /* differences that are not 0 */
  double sum; /* of the ranks of the positive ones */
  double p;   /* two-sided; 1 where n is 0 */
  bool exact; /* not by the normal approximation */
} ho_wilcoxon_result;

/* ho_wilcoxon is Wilcoxon's signed-rank test (1945) of |count| paired
 * differences, none NaN.  Differences of 0 are left out; infinite ones share
 * the highest rank.  Exact for up to HO_WILCOXON_EXACT without ties; else the
 * normal approximation, corrected for ties and for continuity. */
ho_wilcoxon_result ho_wilcoxon(const double *differences, size_t count);

/* ho_cliff_delta is Cliff's delta (1993): the share of pairs (a, b) with b > a
 * less that with b < a.  1 where all of |b| are greater.  Sorts both;
 * infinities are equal to each other.  NaN where one of them has no values. */
double ho_cliff_delta(double *a, size_t a_count, double *b, size_t b_count);

/* ho_holm writes to |adjusted| the |count| p values of |p|, adjusted as Holm
 * (1979) does for testing all of them at once.  A NaN is no test, and stays. */
void ho_holm(const double *p, size_t count, double *adjusted);

#endif
