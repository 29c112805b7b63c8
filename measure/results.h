/* From a plan to its result folder: run the grid, put its rows together. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_RESULTS_H
#define HO_MEASURE_RESULTS_H

#include <stdbool.h>

#include "measure/folder.h"
#include "measure/grid.h"

/* ho_results_make runs |plan|'s grid and commits its files in |folder|.  When
 * it was stopped on the way (HO_ERR_IO, or |result|->signal), the rows of
 * finished runs are kept in a folder whose manifest says that it is incomplete;
 * without any, |folder| stays open for the caller to discard.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Writing failed; standard error says what, where and why. */
int ho_results_make(const ho_plan *plan, ho_folder *folder,
                    const ho_grid_config *config, ho_grid_result *result);

/* ho_results_wants tells if |plan| asks for the CSV file |file|. */
bool ho_results_wants(const ho_plan *plan, const char *file);

#endif
