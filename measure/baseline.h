/* Baselines: what a scenario's runs came to when somebody blessed them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_BASELINE_H
#define HO_MEASURE_BASELINE_H

#include "measure/csv.h"
#include "measure/plan.h"

/* A baseline is one CSV file, NAME.csv.  The first field of a row says what the
 * rest of it is:
 *
 *   handoff-baseline,1,NAME            version of this format, scenario
 *   library,NAME,VERSION               with which it was blessed
 *   asked,seed,file|given,N            |given|: by the command line
 *   asked,repeat,given,N
 *   asked,arms,file|given,ARM,...
 *   asked,set,given,KEY,VALUE
 *   asked,vary,file|given,KEY,V1,...
 *   runs.csv,...                       the columns, then a row each, without
 *   handoffs.csv,...                   the scenario's name
 *   milestones.csv,...
 *   end,N                              rows of the file, this one included */
typedef struct ho_baseline ho_baseline;

enum { HO_BASELINE_TABLES = 3 };

/* ho_baseline_given is what of a plan was said on the command line. */
typedef struct {
  bool seed, arms, vary;
} ho_baseline_given;

/* The rows of a plan's runs, each with its header. */
typedef struct {
  const ho_csv_file *runs, *handoffs, *milestones;
} ho_baseline_rows;

/* ho_baseline_read reads |path| as the baseline of |plan|.
 *
 * Returns 0 and in |*baseline| what the caller frees with ho_baseline_del, NULL
 * if there is no such file; or
 *
 * HO_ERR_INPUT
 *     It cannot be read, is of another version or scenario, is truncated or
 *     damaged, or does not have the rows that |plan| has; |diag| says which
 *     and where. */
int ho_baseline_read(ho_baseline **baseline, const char *path,
                     const ho_plan *plan, const ho_baseline_given *given,
                     ho_diag *diag);
void ho_baseline_del(ho_baseline *baseline);

/* ho_baseline_apart says in words why |baseline| is not of what |plan| asks for
 * (other seeds, arms or values than were blessed), or is NULL if it is. */
const char *ho_baseline_apart(const ho_baseline *baseline);

/* ho_baseline_difference is where runs are not as blessed. */
typedef struct {
  size_t count; /* columns, rows and events */
  int line;     /* of the baseline's file: the first of them */
  size_t run;   /* of the plan: the first that differs */
} ho_baseline_difference;

/* ho_baseline_compare writes to |out| where |rows| of |plan|, which |baseline|
 * is of, differ: scenario, arm, seed, column and both values, of each run the
 * first event that differs, and how to repeat the first such run.  |rows| must
 * have a row for each run. */
ho_baseline_difference ho_baseline_compare(const ho_baseline *baseline,
                                           const ho_plan *plan,
                                           const ho_baseline_rows *rows,
                                           FILE *out);

/* ho_baseline_write writes |rows| as the baseline of |plan|.  Errors stay in
 * |out|. */
void ho_baseline_write(const ho_plan *plan, const ho_baseline_given *given,
                       const ho_baseline_rows *rows, FILE *out);

#endif
