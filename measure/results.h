/* A plan's result folder: from finished runs to files in their place. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_RESULTS_H
#define HO_MEASURE_RESULTS_H

#include <stdbool.h>

#include "measure/folder.h"
#include "measure/parts.h"
#include "measure/plan.h"

/* ho_results_begin makes |folder|, opened for |plan|, one that can be gone on
 * with, whatever comes; then its runs may be kept there (see ho_grid).
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Writing failed; standard error says what, where and why. */
int ho_results_begin(const ho_plan *plan, ho_folder *folder);

/* ho_results_made tells if |folder| has all files since an earlier attempt,
 * which was killed before they were in their place: nothing is to be run. */
bool ho_results_made(const ho_folder *folder);

/* ho_results_finish puts the files together of |finished| runs, and commits
 * |folder|.  Unless these are all runs, and |err|, the errno of what stopped
 * them, is 0, its manifest says that it is incomplete, and their rows are kept
 * with it; without any, |folder| stays open for the caller to discard.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Writing failed, now or with |err|; standard error says what, where and
 *     why. */
int ho_results_finish(const ho_plan *plan, ho_folder *folder, size_t finished,
                      int err);

/* ho_results_none, ho_results_unread and ho_results_kept say on standard error
 * what is kept of a plan that was stopped: nothing; what an earlier attempt has
 * left and errno says why cannot be read; or |finished| runs in |path|. */
void ho_results_none(const ho_plan *plan);
void ho_results_unread(const ho_folder *folder);
void ho_results_kept(const ho_plan *plan, size_t finished, const char *path);

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
