/* Which run is shown: of all seeds the one in the middle, or who was asked. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_REPORT_CHOICE_H
#define HO_REPORT_CHOICE_H

#include "measure/report/found.h"

/* ho_choice_make fills |found|->moments with the first handoff that one seed
 * has in each arm, at the first point that has any, and |found|->choice with
 * why it is that seed.  |seed| 0: the one whose first handoff has the median
 * interruption in the first arm where there are interruptions, or else the
 * median migration latency; of an even number the lower one, of equal values
 * the first.  What never ended counts as longest.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     No run has |seed|; |diag| says so. */
int ho_choice_make(ho_found *found, uint64_t seed, ho_diag *diag);

/* ho_choice_lead says which run is shown and why, and which arms have no
 * handoff there, in words that the caller frees; NULL: there is none. */
char *ho_choice_lead(const ho_found *found);

#endif
