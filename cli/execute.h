/* Running plans: what `run` and `check` have in common. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_CLI_EXECUTE_H
#define HO_CLI_EXECUTE_H

#include "cli/options.h"
#include "measure/csv.h"
#include "measure/grid.h"
#include "measure/plan.h"

/* Known failures, unless --known says otherwise. */
#define HO_KNOWN_FILE "results/known-failures.csv"

/* ho_finished is a plan that has run, with its rows read back. */
typedef struct {
  const ho_plan *plan;
  ho_grid_result result;
  ho_csv_file handoffs, runs;
  ho_csv_file checks;      /* empty with --no-checks */
  ho_csv_file linkability; /* empty without observers */
} ho_finished;

/* ho_report_fn says what came of a plan, and returns false if that was a
 * failure (of an expectation). */
typedef bool (*ho_report_fn)(void *user, const ho_options *options,
                             const ho_finished *finished);

/* ho_prepare_fn looks at a plan before anything has run or been written; what
 * is wrong goes to |diag|. */
typedef void (*ho_prepare_fn)(void *user, const ho_plan *plan, ho_diag *diag);

/* ho_execute_cores are the cores that we may use, which in a container or a
 * batch job are fewer than the machine has. */
size_t ho_execute_cores(void);

/* ho_execute reads and checks |files|, makes the result folders, runs all and
 * calls |report| for each scenario, in their order, though they overlap (see
 * measure/batch.h).  |announce| prints what is about to run.  Returns the exit
 * status. */
int ho_execute(const ho_options *options, char *const *files,
               size_t files_count, bool announce, ho_report_fn report,
               void *user);

/* ho_execute_prepared is ho_execute without an announcement; once all |files|
 * are known to be good, |prepare| sees every plan, and then |ready| (both with
 * |user|) may still keep all from running by returning an exit status other
 * than 0. */
int ho_execute_prepared(const ho_options *options, char *const *files,
                        size_t files_count, ho_prepare_fn prepare,
                        int (*ready)(void *user), ho_report_fn report,
                        void *user);

/* ho_execute_report reads |plan|'s results back and calls |report|.  Returns
 * the exit status. */
int ho_execute_report(const ho_options *options, const ho_plan *plan,
                      ho_report_fn report, void *user);

/* ho_report_table prints the summary table. */
bool ho_report_table(void *user, const ho_options *options,
                     const ho_finished *finished);

#endif
