/* The rows of each point of a grid. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_CELLS_H
#define HO_MEASURE_CELLS_H

#include "measure/csv.h"
#include "measure/plan.h"

/* ho_cells_split returns, for each point of |plan|, a file with the header of
 * |file| and the point's rows, which are in the order of the grid.  The rows
 * stay those of |file|; the caller frees the result with ho_cells_free. */
ho_csv_file *ho_cells_split(const ho_plan *plan, const ho_csv_file *file);
void ho_cells_free(const ho_plan *plan, ho_csv_file *cells);

#endif
