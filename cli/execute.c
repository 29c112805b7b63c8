/* Running plans: what `run` and `check` have in common. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/execute.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/plans.h"
#include "measure/batch.h"
#include "measure/failed.h"
#include "measure/folder.h"
#include "measure/results.h"
#include "measure/resume.h"
#include "measure/shell.h"
#include "measure/summary.h"
#include "sim/base/alloc.h"
#include "stack/world.h"

/* One ho_execute. */
typedef struct {
  const ho_options *options;
  ho_plans plans;
  ho_folder *folders; /* one for each plan; opened and not yet committed */
  ho_resume *found;   /* what each has already */
  ho_known *known;    /* where artefacts are of failed runs only */
  bool announce;
  ho_report_fn report;
  void *user;
  bool lost, failed; /* a run crashed or timed out; a report said no */
  bool kept;         /* some run has finished, now or in an earlier attempt */
} execution;

size_t ho_execute_cores(void) {
  cpu_set_t set;
  int count = 0;

  if (sched_getaffinity(0, sizeof(set), &set) == 0) {
    count = CPU_COUNT(&set);
  }
  return count > 0 ? (size_t)count : 1;
}

/* What is known to fail has not failed: nothing of it is kept or told. */
static int read_known(execution *x, bool failed_only, ho_diag *diag) {
  const char *path = x->options->known;

  if (!failed_only) {
    return 0;
  }
  return ho_known_read(&x->known, path ? path : HO_KNOWN_FILE, path != NULL,
                       diag);
}

static void check_folders(const ho_plans *plans, ho_diag *diag) {
  for (size_t i = 0; i < plans->count; i++) {
    ho_folder_check(plans->items[i].out, diag);
  }
}

/* All folders are made before the first run, so that one that cannot be is
 * found while nothing has been written. */
static int open_folders(execution *x, ho_diag *diag) {
  bool keep = x->options->resume;

  x->folders = ho_alloc_array(x->plans.count, sizeof(ho_folder));
  x->found = ho_alloc_array(x->plans.count, sizeof(ho_resume));
  for (size_t i = 0; i < x->plans.count; i++) {
    const ho_plan *plan = &x->plans.items[i];
    int rv = ho_folder_open(&x->folders[i], plan->out, keep, diag);
    if (rv == 0 && keep) {
      rv = ho_resume_find(plan, &x->folders[i], &x->found[i], diag);
      if (rv != 0) {
        ho_folder_discard(&x->folders[i]);
      }
    }
    if (rv != 0) {
      while (i-- > 0) {
        ho_folder_discard(&x->folders[i]);
      }
      return HO_ERR_INPUT;
    }
  }
  return 0;
}

static int read_csv(ho_csv_file *file, const char *dir, const char *name) {
  char *path = ho_format("%s/%s", dir, name);
  int rv = ho_csv_read(file, path);

  if (rv != 0) {
    fprintf(stderr, "handoff: cannot read '%s': %s\n", path,
            rv == HO_ERR_IO ? strerror(errno) : "it is not CSV");
  }
  free(path);
  return rv;
}

static int read_rows(ho_finished *finished) {
  const ho_plan *plan = finished->plan;
  int rv = read_csv(&finished->runs, plan->out, "runs.csv");

  if (rv == 0) {
    rv = read_csv(&finished->handoffs, plan->out, "handoffs.csv");
  }
  if (rv == 0 && !plan->no_checks) {
    rv = read_csv(&finished->checks, plan->out, "checks.csv");
  }
  if (rv == 0 && ho_results_wants(plan, "linkability.csv")) {
    rv = read_csv(&finished->linkability, plan->out, "linkability.csv");
  }
  return rv;
}

/* A run that was lost in an earlier attempt is lost. */
static void count_lost(const ho_csv_file *runs, ho_grid_result *result) {
  int column = ho_csv_column(runs, "outcome");

  result->crashed = result->timeout = 0;
  for (size_t i = 1; column >= 0 && i < runs->count; i++) {
    if (runs->rows[i].count > (size_t)column) {
      const char *outcome = runs->rows[i].fields[column];
      result->crashed += !strcmp(outcome, "crashed");
      result->timeout += !strcmp(outcome, "timeout");
    }
  }
}

static int report(execution *x, const ho_plan *plan,
                  const ho_grid_result *result) {
  ho_finished finished = {.plan = plan, .result = *result};
  int rv = read_rows(&finished);

  if (rv == 0) {
    count_lost(&finished.runs, &finished.result);
    x->lost |= finished.result.crashed + finished.result.timeout > 0;
    x->failed |= !x->report(x->user, x->options, &finished);
    if (plan->failed_only) {
      ho_failed_tell(plan,
                     &(ho_expect_rows){&finished.handoffs, &finished.runs,
                                       &finished.checks, &finished.linkability},
                     stderr);
    }
  }
  ho_csv_file_free(&finished.runs);
  ho_csv_file_free(&finished.handoffs);
  ho_csv_file_free(&finished.checks);
  ho_csv_file_free(&finished.linkability);
  return rv == 0 ? HO_EXIT_OK : HO_EXIT_IO;
}

/* Whoever repeats what was typed with --resume goes on. */
static void say_how(const ho_options *options) {
  fprintf(stderr, "handoff: go on with: handoff");
  ho_shell_word(stderr, options->argv[0]);
  if (!options->resume) {
    fputs(" --resume", stderr);
  }
  for (int i = 1; i < options->argc; i++) {
    ho_shell_word(stderr, options->argv[i]);
  }
  fputc('\n', stderr);
}

static void announce(void *user, size_t index) {
  const execution *x = user;

  if (x->announce && !x->options->quiet) {
    ho_summary_head(&x->plans.items[index], stdout);
  }
}

static int report_plan(void *user, size_t index, const ho_grid_result *result) {
  execution *x = user;

  return report(x, &x->plans.items[index], result) == HO_EXIT_OK ? 0
                                                                 : HO_ERR_IO;
}

/* A run that was lost wins over a report that says no. */
static int status_of(const execution *x) {
  return x->lost ? HO_EXIT_LOST : x->failed ? HO_EXIT_FAILED : HO_EXIT_OK;
}

static int run_batch(execution *x) {
  ho_batch_part *parts = ho_alloc_array(x->plans.count, sizeof(*parts));
  ho_batch_config config = {
      .jobs = x->options->jobs ? x->options->jobs : ho_execute_cores(),
      .progress = !x->options->quiet && !x->options->no_progress,
      .turn = announce,
      .tell = report_plan,
      .user = x};
  ho_batch_result result;
  int rv;

  for (size_t i = 0; i < x->plans.count; i++) {
    parts[i] = (ho_batch_part){.plan = &x->plans.items[i],
                               .folder = &x->folders[i],
                               .whole = x->found[i] == HO_RESUME_WHOLE};
  }
  rv = ho_batch_run(parts, x->plans.count, &config, &result);
  free(parts);
  x->kept = result.kept;
  if (rv != 0) {
    return HO_EXIT_IO;
  }
  if (result.signal) {
    fputs("handoff: interrupted\n", stderr);
    return HO_EXIT_INTERRUPTED;
  }
  return HO_EXIT_OK;
}

static int execute_all(execution *x) {
  int status = run_batch(x);

  for (size_t i = x->plans.count; i-- > 0;) {
    ho_folder_discard(&x->folders[i]);
  }
  if (x->kept && (status == HO_EXIT_IO || status == HO_EXIT_INTERRUPTED)) {
    say_how(x->options);
  }
  return status == HO_EXIT_OK ? status_of(x) : status;
}

int ho_execute_report(const ho_options *options, const ho_plan *plan,
                      ho_report_fn report_fn, void *user) {
  execution x = {.options = options, .report = report_fn, .user = user};
  ho_grid_result result = {.finished = ho_plan_mine_count(plan)};
  ho_plan own = *plan;
  ho_diag diag = {0};
  int status;

  read_known(&x, plan->failed_only, &diag);
  own.known = x.known;
  status = report(&x, &own, &result);
  ho_diag_print(&diag, stderr);
  ho_diag_free(&diag);
  ho_known_del(x.known);
  return status == HO_EXIT_OK ? status_of(&x) : status;
}

static void prepare_all(execution *x, ho_prepare_fn prepare, ho_diag *diag) {
  for (size_t i = 0; prepare && i < x->plans.count; i++) {
    prepare(x->user, &x->plans.items[i], diag);
  }
}

static void preload(const ho_plans *plans) {
  ho_world_preload();
  for (size_t i = 0; i < plans->count; i++) {
    ho_world_preload_for(plans->items[i].scenario);
  }
}

static int execute(execution *x, char *const *files, size_t files_count,
                   ho_prepare_fn prepare, int (*ready)(void *user)) {
  ho_diag diag = {0};
  int status = HO_EXIT_INPUT;

  if (ho_plans_make(&x->plans, x->options, files, files_count, &diag) == 0 &&
      read_known(x, x->options->failed_only, &diag) == 0) {
    for (size_t i = 0; i < x->plans.count; i++) {
      x->plans.items[i].known = x->known;
    }
    check_folders(&x->plans, &diag);
    prepare_all(x, prepare, &diag);
  }
  if (diag.count == 0 && ready && (status = ready(x->user)) != HO_EXIT_OK) {
    /* It has said why. */
  } else if (diag.count == 0) {
    preload(&x->plans);
    ho_grid_signals_block();
    status = open_folders(x, &diag) == 0 ? execute_all(x) : HO_EXIT_INPUT;
    ho_grid_signals_restore();
  }
  ho_diag_print(&diag, stderr);
  ho_diag_free(&diag);
  ho_plans_free(&x->plans);
  ho_known_del(x->known);
  free(x->folders);
  free(x->found);
  return status;
}

int ho_execute(const ho_options *options, char *const *files,
               size_t files_count, bool announce, ho_report_fn report_fn,
               void *user) {
  execution x = {.options = options,
                 .announce = announce,
                 .report = report_fn,
                 .user = user};

  return execute(&x, files, files_count, NULL, NULL);
}

int ho_execute_prepared(const ho_options *options, char *const *files,
                        size_t files_count, ho_prepare_fn prepare,
                        int (*ready)(void *user), ho_report_fn report_fn,
                        void *user) {
  execution x = {.options = options, .report = report_fn, .user = user};

  return execute(&x, files, files_count, prepare, ready);
}
