/* Order statistics of a few numbers, infinities (censored values) included. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STATS_QUANTILE_H
#define HO_STATS_QUANTILE_H

#include <stddef.h>
#include <stdint.h>

/* ho_quantile sorts |values| (|count| > 0) and returns their |q| quantile,
 * interpolated between neighbours as R's and NumPy's default does.  Where one
 * neighbour is infinite and needed, the result is infinite. */
double ho_quantile(double *values, size_t count, double q);

/* ho_median is ho_quantile with q = 1/2. */
double ho_median(double *values, size_t count);

/* ho_median_repeated is the median of |values|, which are in ascending order,
 * with value i there |times|[i] times; NaN if that is never for all. */
double ho_median_repeated(const double *values, const uint32_t *times,
                          size_t count);

/* ho_double_compare orders doubles for qsort; there must be no NaN. */
int ho_double_compare(const void *left, const void *right);

#endif
