/* From a plan to its result folder: run the grid, put its rows together. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_RESULTS_H
#define HO_MEASURE_RESULTS_H

#include <stdbool.h>

#include "measure/folder.h"
#include "measure/grid.h"
#include "measure/parts.h"

/* ho_results_make runs |plan|'s grid, or what ho_resume_find found missing of
 * it, and commits its files in |folder|.  When it was stopped on the way
 * (HO_ERR_IO, or |result|->signal), the rows of finished runs are kept in a
 * folder whose manifest says that it is incomplete; without any, |folder| stays
 * open for the caller to discard.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Writing failed; standard error says what, where and why. */
int ho_results_make(const ho_plan *plan, ho_folder *folder,
                    const ho_grid_config *config, ho_grid_result *result);

/* ho_rows is where the rows of a grid's |runs| runs are: those of run N in
 * |parts|[N modulo |count|]. */
typedef struct {
  ho_parts **parts;
  size_t count, runs;
} ho_rows;

/* ho_results_assemble writes every CSV file that |plan| wants into the folder
 * |work|, in the order of the grid.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Some could not be written and is left out; errno says why. */
int ho_results_assemble(const ho_plan *plan, const ho_rows *rows,
                        const char *work);

/* ho_results_wants tells if |plan| asks for the CSV file |file|. */
bool ho_results_wants(const ho_plan *plan, const char *file);

#endif
