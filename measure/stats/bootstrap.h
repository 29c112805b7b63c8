/* The percentile bootstrap: how a statistic varies with the units drawn. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STATS_BOOTSTRAP_H
#define HO_STATS_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

#include "measure/stats/interval.h"
#include "sim/base/rng.h"

#define HO_BOOTSTRAP_RESAMPLES 1000

/* ho_bootstrap_fn computes its statistics of a resample in which unit u occurs
 * |times|[u] times, and writes them to |values|; NaN where one has no value. */
typedef void (*ho_bootstrap_fn)(void *user, const uint32_t *times,
                                double *values);

/* ho_bootstrap draws |units| out of as many, with replacement and 1000 times,
 * by |rng|, and writes the 95 % percentile interval (Efron 1979; quantiles as
 * in ho_quantile) of each of the |count| statistics of |fn| to |out|.  Several
 * statistics share the resamples.  Resamples in which a statistic has no value
 * do not count for it.  With fewer than two units there are no intervals. */
void ho_bootstrap(ho_rng *rng, size_t units, ho_bootstrap_fn fn, void *user,
                  size_t count, ho_interval *out);

#endif
