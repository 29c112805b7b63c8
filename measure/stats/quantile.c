/* Order statistics of a few numbers, infinities (censored values) included. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/stats/quantile.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

int ho_double_compare(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;

  return (a > b) - (a < b);
}

double ho_quantile(double *values, size_t count, double q) {
  double at, below;
  size_t i;

  assert(count > 0 && q >= 0 && q <= 1);
  qsort(values, count, sizeof(*values), ho_double_compare);
  at = q * (double)(count - 1);
  below = floor(at);
  i = (size_t)below;
  /* No interpolation with weight 0: it would make a NaN of an infinity. */
  if (at == below || values[i] == values[i + 1]) {
    return values[i];
  }
  return values[i] + (at - below) * (values[i + 1] - values[i]);
}

double ho_median(double *values, size_t count) {
  return ho_quantile(values, count, 0.5);
}

double ho_median_repeated(const double *values, const uint32_t *times,
                          size_t count) {
  uint64_t total = 0, before = 0;
  double low = NAN;

  for (size_t i = 0; i < count; i++) {
    total += times[i];
  }
  for (size_t i = 0; i < count && total > 0; i++) {
    before += times[i];
    /* The two in the middle are the (total + 1) / 2th and the one after it, or
     * the same where their number is odd. */
    if (isnan(low) && before >= (total + 1) / 2) {
      low = values[i];
    }
    if (before >= total / 2 + 1) {
      return low == values[i] ? low : low + 0.5 * (values[i] - low);
    }
  }
  return NAN;
}
