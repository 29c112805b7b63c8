/* One run, in a process of its own. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_RUN_H
#define HO_MEASURE_RUN_H

#include "measure/plan.h"

/* ho_run_one simulates the |index|th run of |plan| and leaves its rows in the
 * folder |dir|.  A process may do this once.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Writing failed; errno says why.
 *
 * HO_ERR_INPUT
 *     The scenario is wrong for this seed, though it was not for the first
 *     and the last; standard error has it. */
int ho_run_one(const ho_plan *plan, size_t index, const char *dir);

#endif
