/* Whether the files of a result folder are as they were written. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_WHOLE_H
#define HO_MEASURE_WHOLE_H

#include "measure/plan.h"
#include "sim/base/diag.h"

/* ho_whole_check looks at the folder |dir|, whose manifest is that of |plan|
 * and says that it is complete: every file is there, has this program's header
 * and ends with a line; runs.csv and handoffs.csv have all of their rows, and
 * these all of their fields.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     Something is missing or was cut off; |diag| says the first. */
int ho_whole_check(const ho_plan *plan, const char *dir, ho_diag *diag);

#endif
