/* Whether rows are those that a manifest asks for. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_REPORT_ASKED_H
#define HO_REPORT_ASKED_H

#include "measure/report/found.h"

/* ho_asked_check compares runs.csv with the manifest beside it: the scenario,
 * the varied keys and their values, the arms and their order, the seeds.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     They are of different grids; |diag| says what differs. */
int ho_asked_check(const ho_found *found, ho_diag *diag);

/* ho_asked_header finds out if |header|, that of the file |name|, begins with
 * the columns that say which run a row is of, as runs.csv has them, and has
 * those that a report is made of.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     It has not; |diag| says what is missing. */
int ho_asked_header(const ho_found *found, const char *name,
                    const ho_csv_row *header, ho_diag *diag);

#endif
