/* Expectations: checked against the columns, evaluated against the rows. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_EXPECT_H
#define HO_MEASURE_EXPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "measure/csv.h"
#include "measure/known.h"
#include "measure/plan.h"

/* ho_expect_check finds, before anything runs, expectations that could never be
 * evaluated: a metric that does not exist, a wrong unit, a word that the metric
 * never is.  (Arms are checked by the loader.)
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     |diag| holds every such error with its place. */
int ho_expect_check(const ho_scenario *scenario, ho_diag *diag);

typedef struct {
  size_t evaluated, failed;
  size_t known; /* failed as they are known to */
} ho_expect_count;

/* Rows as read back from the result folder; |checks| and |linkability| may be
 * NULL if the plan makes none. */
typedef struct {
  const ho_csv_file *handoffs, *runs, *checks, *linkability;
} ho_expect_rows;

/* ho_expect_evaluate evaluates every expectation whose arms are in |plan|
 * against |rows|, and writes each one that fails, and is not |known| to (or
 * NULL), to |out|, with the rows that made it fail. */
ho_expect_count ho_expect_evaluate(const ho_plan *plan,
                                   const ho_expect_rows *rows, ho_known *known,
                                   FILE *out);

/* ho_expect_is_group tells if |expect| is about several runs together: an
 * aggregate, two arms, an adversary. */
bool ho_expect_is_group(const ho_expect *expect);

#endif
