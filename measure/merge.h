/* Shards of one grid, put together into the folder that one machine would have
 * written. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_MERGE_H
#define HO_MEASURE_MERGE_H

#include "measure/folder.h"
#include "measure/plan.h"

/* ho_merge is a set of shards that fit. */
typedef struct ho_merge ho_merge;

/* ho_merge_open reads the |count| > 0 result folders |dirs|, in any order, and
 * finds out if they are all shards of one grid, by this program, whole and
 * unhurt.  Nothing is written.
 *
 * Returns 0 and what the caller frees in |*merge|, or
 *
 * HO_ERR_INPUT
 *     They are not; |diag| says why. */
int ho_merge_open(ho_merge **merge, char *const *dirs, size_t count,
                  ho_diag *diag);
void ho_merge_free(ho_merge *merge);

/* ho_merge_plan is the whole grid; it is |merge|'s. */
const ho_plan *ho_merge_plan(const ho_merge *merge);

/* ho_merge_write writes the results into |folder| and commits it.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Reading or writing failed; standard error says what. */
int ho_merge_write(const ho_merge *merge, ho_folder *folder);

#endif
