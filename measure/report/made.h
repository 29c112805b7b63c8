/* Which files of the figures' folder are a report's own. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_REPORT_MADE_H
#define HO_REPORT_MADE_H

#include <stdbool.h>

#include "measure/report/plot.h"

/* ho_made_settle removes the figures that made.txt in |figures|->dir lists, as
 * those of a former report, and that |figures| has no more, and writes a list
 * of those it has.  Without |whole|, where not all could be made, nothing is
 * removed and the list has both.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Removing or writing failed; the diag of |figures| says what. */
int ho_made_settle(ho_figures *figures, bool whole);

#endif
