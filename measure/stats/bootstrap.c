/* The percentile bootstrap. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/stats/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/stats/quantile.h"
#include "sim/base/alloc.h"

static void draw(ho_rng *rng, uint32_t *times, size_t units) {
  memset(times, 0, units * sizeof(*times));
  for (size_t i = 0; i < units; i++) {
    times[ho_rng_below(rng, units)]++;
  }
}

/* |values| are those of one statistic, |stride| apart. */
static ho_interval percentiles(const double *values, size_t stride,
                               double *scratch) {
  size_t n = 0;

  for (size_t i = 0; i < HO_BOOTSTRAP_RESAMPLES; i++) {
    if (!isnan(values[i * stride])) {
      scratch[n++] = values[i * stride];
    }
  }
  if (n == 0) {
    return ho_interval_none();
  }
  return (ho_interval){ho_quantile(scratch, n, 0.025),
                       ho_quantile(scratch, n, 0.975)};
}

void ho_bootstrap(ho_rng *rng, size_t units, ho_bootstrap_fn fn, void *user,
                  size_t count, ho_interval *out) {
  double *values, *scratch;
  uint32_t *times;

  for (size_t i = 0; i < count; i++) {
    out[i] = ho_interval_none();
  }
  if (units < 2 || count == 0) {
    return;
  }
  times = ho_alloc_array(units, sizeof(*times));
  values = ho_alloc_array(HO_BOOTSTRAP_RESAMPLES * count, sizeof(*values));
  scratch = ho_alloc_array(HO_BOOTSTRAP_RESAMPLES, sizeof(*scratch));
  for (size_t i = 0; i < HO_BOOTSTRAP_RESAMPLES; i++) {
    draw(rng, times, units);
    fn(user, times, values + i * count);
  }
  for (size_t i = 0; i < count; i++) {
    out[i] = percentiles(values + i, count, scratch);
  }
  free(times);
  free(values);
  free(scratch);
}
