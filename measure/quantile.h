/* Order statistics of a few numbers, infinities (censored values) included. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_QUANTILE_H
#define HO_MEASURE_QUANTILE_H

#include <stddef.h>

/* ho_quantile sorts |values| (|count| > 0) and returns their |q| quantile,
 * interpolated between neighbours as R's and NumPy's default does.  Where one
 * neighbour is infinite and needed, the result is infinite. */
double ho_quantile(double *values, size_t count, double q);

#endif
