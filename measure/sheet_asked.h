/* Whether the rows of a result folder are of the grid its manifest asks for. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_SHEET_ASKED_H
#define HO_MEASURE_SHEET_ASKED_H

#include <jansson.h>

#include "measure/sheet.h"

/* ho_sheet_asked compares |runs|, read from runs.csv, with the |manifest|
 * beside it: the varied keys and their values, and the seeds.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     They are of different grids; |diag| says what differs. */
int ho_sheet_asked(const ho_sheet *runs, const json_t *manifest, ho_diag *diag);

#endif
