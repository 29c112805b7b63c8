/* Whether rows are those that a manifest asks for. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_REPORT_ASKED_H
#define HO_REPORT_ASKED_H

#include "measure/report/found.h"

/* ho_asked_check compares runs.csv with the manifest beside it: the scenario,
 * the varied keys, the arms and their order, the seeds.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     They are of different grids; |diag| says what differs. */
int ho_asked_check(const ho_found *found, ho_diag *diag);

#endif
