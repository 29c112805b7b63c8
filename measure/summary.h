/* The table that `handoff run` prints: one line an arm. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_SUMMARY_H
#define HO_MEASURE_SUMMARY_H

#include <stdio.h>

#include "measure/csv.h"
#include "measure/plan.h"

/* ho_summary_head writes what is about to be run: the scenario, its seeds, and
 * the options that differ from the file. */
void ho_summary_head(const ho_plan *plan, FILE *out);

/* ho_summary_print writes the table of |plan|'s arms from |handoffs| and |runs|
 * as read back from the result folder; medians where an arm has several. */
void ho_summary_print(const ho_plan *plan, const ho_csv_file *handoffs,
                      const ho_csv_file *runs, FILE *out);

#endif
