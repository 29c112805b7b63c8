/* Order statistics of a few numbers, infinities (censored values) included. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/quantile.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static int compare(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;

  return (a > b) - (a < b);
}

double ho_quantile(double *values, size_t count, double q) {
  double at, below;
  size_t i;

  assert(count > 0 && q >= 0 && q <= 1);
  qsort(values, count, sizeof(*values), compare);
  at = q * (double)(count - 1);
  below = floor(at);
  i = (size_t)below;
  /* No interpolation with weight 0: it would make a NaN of an infinity. */
  if (at == below || values[i] == values[i + 1]) {
    return values[i];
  }
  return values[i] + (at - below) * (values[i + 1] - values[i]);
}
