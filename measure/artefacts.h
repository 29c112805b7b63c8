/* The captures and logs of a shard: that they arrive as they were written. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_ARTEFACTS_H
#define HO_MEASURE_ARTEFACTS_H

#include "sim/base/diag.h"

/* ho_artefacts_list writes |dir|/parts/artefacts, a line for each file of a
 * run's own folder in |dir|/runs: its FNV-1a hash, its size, its name; and
 * "end".
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Reading or writing failed; errno says why. */
int ho_artefacts_list(const char *dir);

/* ho_artefacts_check compares |dir|/runs with that list.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     There is no list, or a file of it is missing or is another; |diag| says
 *     which. */
int ho_artefacts_check(const char *dir, ho_diag *diag);

#endif
