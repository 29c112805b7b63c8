/* Two sets of results, compared run by run and handoff by handoff. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_COMPARE_H
#define HO_MEASURE_COMPARE_H

#include <stdio.h>

#include "measure/sheet.h"

/* ho_compare_config is what to compare.  With |arm_a| and |arm_b| they are two
 * arms of |dir_a|, which is |dir_b| too; else each arm of |arms| (0: all) of
 * |dir_a| is compared with the same of |dir_b|. */
typedef struct {
  const char *dir_a, *dir_b;
  const char *const *arms;
  size_t arms_count;
  const char *arm_a, *arm_b;
} ho_compare_config;

/* ho_compared is one metric of one cell.  A pair is a row of A and one of B, of
 * the same varied values, arm, seed, client and handoff, that both have a
 * value; censored ones are +infinity.  What cannot be told is NaN. */
typedef struct {
  const ho_measure *measure;
  size_t pairs, seeds;
  size_t alone_a, alone_b; /* rows with a value that are in no pair */
  size_t censored_a, censored_b;
  size_t differ; /* pairs that are not equal */
  double median_a, median_b;
  double ratio; /* median over pairs of B / A */
  ho_interval ratio_interval;
  double p, p_holm; /* NaN: no test */
  double delta;     /* Cliff's; positive where B is greater */
  bool varies;      /* A or B differs between rows */
} ho_compared;

/* ho_compare_cell is one combination of varied values and arms. */
typedef struct {
  char *const *values; /* of the varied keys */
  const char *arm_a, *arm_b;
  ho_compared *metrics;
  size_t count;
  bool one_sample; /* no metric differs between several seeds: nothing is
                      random, and there is nothing to test */
} ho_compare_cell;

typedef struct {
  ho_sheet handoffs[2], runs[2];
  char *scenario;
  char *difference; /* between what was asked, in words; or NULL */
  ho_compare_cell *cells;
  size_t count;
} ho_comparison;

/* ho_compare_open reads and compares.  The caller frees |compare| with
 * ho_compare_free, whatever is returned.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     A folder has no whole results of this format, they are of different
 *     scenarios or varied keys, or have no run in common; |diag| says which. */
int ho_compare_open(ho_comparison *compare, const ho_compare_config *config,
                    ho_diag *diag);
void ho_compare_free(ho_comparison *compare);

/* ho_compare_print writes a table for each cell, of the metrics that differ;
 * ho_compare_csv a row for each metric that some row has. */
void ho_compare_print(const ho_comparison *compare, FILE *out);
void ho_compare_csv(const ho_comparison *compare, FILE *out);

#endif
