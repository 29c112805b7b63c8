/* What every row of every CSV file begins with. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_ROW_H
#define HO_MEASURE_ROW_H

#include "measure/csv.h"
#include "sim/scenario/scenario.h"

/* ho_row_begin writes the columns scenario, the varied values, arm and seed. */
void ho_row_begin(ho_csv *csv, const ho_scenario *scenario, size_t arm,
                  uint64_t seed);

enum { HO_ROW_COLUMNS = 3 }; /* of these, those that tables.c declares */

#endif
