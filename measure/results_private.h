/* What the makers of a result folder's files have in common. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_RESULTS_PRIVATE_H
#define HO_MEASURE_RESULTS_PRIVATE_H

#include "measure/results.h"

/* ho_results_header writes the header line of |table|. */
void ho_results_header(FILE *out, const ho_table *table, const ho_plan *plan);

/* ho_results_append writes what runs |first| to |end| - 1 have of |file|.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Reading or writing failed; errno says why. */
int ho_results_append(FILE *out, const ho_rows *rows, const char *file,
                      size_t first, size_t end);

/* ho_results_link writes the rows of linkability.csv, point by point.  |work|
 * is a folder for files that are taken away again.
 *
 * Returns as ho_results_append does. */
int ho_results_link(FILE *out, const ho_plan *plan, const ho_rows *rows,
                    const char *work);

/* ho_results_summary writes the rows of summary.csv, from the runs.csv and
 * handoffs.csv that are in |work|.
 *
 * Returns as ho_results_append does. */
int ho_results_summary(FILE *out, const ho_plan *plan, const char *work);

#endif
