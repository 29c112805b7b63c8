/* Which keys a plan varies: the file's and the command line's. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_VARY_H
#define HO_MEASURE_VARY_H

#include "measure/plan.h"

/* ho_vary_parse reads KEY=V1,V2,... as --vary has it; "\," is a comma in a
 * value.  |*vary| is to be freed whatever is returned.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     It is no such thing, or a value is empty or there twice; |diag| says
 *     so. */
int ho_vary_parse(ho_vary *vary, const char *text, ho_diag *diag);

/* ho_vary_choose fills |plan|->vary: what the scenario varies, with the values
 * of |asked| where it has the same key and without what |plan|->overrides set,
 * then what |asked| has besides; and crosses it.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     A key is asked for twice, or both set and varied, or cannot be varied;
 *     |diag| says which. */
int ho_vary_choose(ho_plan *plan, const ho_vary *asked, size_t asked_count,
                   ho_diag *diag);

/* ho_vary_check reads |plan|'s scenario at every point, for the first and the
 * last seed, and finds out if anything is random.  Messages name the point, and
 * are given once.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     Some point is not a good scenario; |diag| says which and why. */
int ho_vary_check(ho_plan *plan, ho_diag *diag);

#endif
