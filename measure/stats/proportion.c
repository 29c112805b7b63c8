/* Intervals for a proportion: Wilson's, and Clopper and Pearson's. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/stats/proportion.h"

#include <assert.h>

#define MATHLIB_STANDALONE
#include <Rmath.h>

static const double TAIL = 0.025;

const char *ho_stats_library(void) {
  return R_VERSION_STRING;
}

ho_interval ho_wilson(double successes, double trials) {
  double z = qnorm(1 - TAIL, 0, 1, 1, 0), zz = z * z, p, mid, half;

  assert(successes >= 0 && successes <= trials * (1 + 1e-12));
  if (!(trials > 0)) {
    return ho_interval_none();
  }
  p = fmin(successes / trials, 1);
  mid = (p + zz / (2 * trials)) / (1 + zz / trials);
  half = z / (1 + zz / trials) *
         sqrt(p * (1 - p) / trials + zz / (4 * trials * trials));
  /* At 0 and 1 the bound is that value, but for rounding. */
  return (ho_interval){p <= 0 ? 0 : fmax(mid - half, 0),
                       p >= 1 ? 1 : fmin(mid + half, 1)};
}

ho_interval ho_clopper_pearson(double successes, double trials) {
  double failures = trials - successes;
  ho_interval ci = {0, 1};

  assert(successes >= 0 && failures >= 0);
  if (!(trials > 0)) {
    return ho_interval_none();
  }
  if (successes > 0) {
    ci.lo = qbeta(TAIL, successes, failures + 1, 1, 0);
  }
  if (failures > 0) {
    ci.hi = qbeta(TAIL, successes + 1, failures, 0, 0);
  }
  return ci;
}
