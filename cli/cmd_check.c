/* handoff check: run, and evaluate what the scenarios expect and the RFCs ask.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/execute.h"
#include "cli/files.h"
#include "measure/cells.h"
#include "measure/checks/verdicts.h"
#include "measure/expect.h"

static const char default_known[] = "results/known-failures.csv";

typedef struct {
  size_t ok, failed, known, mended;
  ho_known *failures;
  ho_verdicts *verdicts;
} tally;

/* What came of one scenario. */
typedef struct {
  ho_expect_count expects;
  ho_verdicts_count checks;
  size_t mended;
} outcome;

/* "wifi-to-lte: FAIL (seed 1, 3 runs, 1 of 3 expectations failed, 2 checks
 * failed)" */
static void print_verdict(const ho_finished *finished, const outcome *o,
                          bool ok) {
  const ho_grid_result *result = &finished->result;
  const ho_plan *plan = finished->plan;
  size_t known = o->expects.known + o->checks.known;

  printf("%s: %s (seed %" PRIu64, plan->scenario->name, ok ? "ok" : "FAIL",
         plan->seed);
  if (plan->repeat > 1) {
    printf(" to %" PRIu64, plan->seed + plan->repeat - 1);
  }
  printf(", %zu runs", result->finished);
  if (result->crashed + result->timeout > 0) {
    printf(" of which %zu crashed and %zu timed out", result->crashed,
           result->timeout);
  }
  if (o->expects.failed > 0) {
    printf(", %zu of %zu expectations failed", o->expects.failed,
           o->expects.evaluated);
  } else {
    printf(", %zu expectations", o->expects.evaluated);
  }
  if (o->checks.failed > 0) {
    printf(", %zu RFC check%s failed", o->checks.failed,
           o->checks.failed == 1 ? "" : "s");
  }
  if (known > 0) {
    printf(", %zu known failure%s", known, known == 1 ? "" : "s");
  }
  puts(")");
}

/* The rows of each point. */
typedef struct {
  ho_csv_file *handoffs, *runs, *checks, *linkability;
} cells;

static cells cells_of(const ho_finished *finished) {
  return (cells){ho_cells_split(finished->plan, &finished->handoffs),
                 ho_cells_split(finished->plan, &finished->runs),
                 ho_cells_split(finished->plan, &finished->checks),
                 ho_cells_split(finished->plan, &finished->linkability)};
}

static void free_cells(const ho_plan *plan, cells *c) {
  ho_cells_free(plan, c->handoffs);
  ho_cells_free(plan, c->runs);
  ho_cells_free(plan, c->checks);
  ho_cells_free(plan, c->linkability);
}

/* Evaluates one point's rows against what is expected of it. */
static void judge_cell(tally *t, const ho_options *options, const ho_plan *plan,
                       const cells *c, size_t point, outcome *o, FILE *out) {
  ho_expect_rows rows = {&c->handoffs[point], &c->runs[point],
                         &c->checks[point], &c->linkability[point]};
  ho_expect_count count = ho_expect_evaluate(plan, &rows, t->failures, out);

  o->expects.evaluated += count.evaluated;
  o->expects.failed += count.failed;
  o->expects.known += count.known;
  for (size_t i = 0; i < plan->arms_count && !plan->no_checks; i++) {
    ho_verdicts_count checks =
        ho_verdicts_report(&c->checks[point], plan->scenario->name,
                           plan->scenario->arms[plan->arms[i]].name,
                           t->failures, options->verbose, out);
    o->checks.failed += checks.failed;
    o->checks.known += checks.known;
  }
}

/* The expectations are those of the scenario as it is at |point|. */
static int judge_point(tally *t, const ho_options *options, const ho_plan *plan,
                       const cells *c, size_t point, outcome *o, FILE *out) {
  char *where = ho_plan_point_text(plan, point);
  ho_plan here = *plan;
  ho_diag diag = {0};
  int rv = 0;

  if (*where) {
    fprintf(out, "with %s:\n", where);
    rv = ho_plan_load(plan, point, plan->seed, &here.scenario, &diag);
  }
  if (rv == 0) {
    judge_cell(t, options, &here, c, point, o, out);
  }
  if (here.scenario != plan->scenario) {
    ho_scenario_del(here.scenario);
  }
  ho_diag_print(&diag, stderr);
  ho_diag_free(&diag);
  free(where);
  return rv;
}

/* Evaluates all; what is to be said of it goes to |out|.  A run that was lost
 * mends nothing. */
static outcome judge(tally *t, const ho_options *options,
                     const ho_finished *finished, FILE *out) {
  const ho_plan *plan = finished->plan;
  const char *scenario = plan->scenario->name;
  bool lost = finished->result.crashed + finished->result.timeout > 0;
  cells c = cells_of(finished);
  outcome o = {0};

  for (size_t i = 0; i < ho_plan_points(plan); i++) {
    if (judge_point(t, options, plan, &c, i, &o, out) != 0) {
      o.expects.failed++; /* its scenario is gone: what it expects, too */
    }
  }
  for (size_t i = 0; i < plan->arms_count && !lost; i++) {
    o.mended += ho_known_mended(t->failures, scenario,
                                plan->scenario->arms[plan->arms[i]].name, out);
  }
  if (!plan->no_checks) {
    ho_verdicts_add(t->verdicts, scenario, &finished->checks);
  }
  free_cells(plan, &c);
  return o;
}

static bool report(void *user, const ho_options *options,
                   const ho_finished *finished) {
  size_t lost = finished->result.crashed + finished->result.timeout;
  tally *t = user;
  char *text = NULL;
  size_t len;
  FILE *out = open_memstream(&text, &len);
  outcome o = judge(t, options, finished, out);
  bool held = o.expects.failed + o.checks.failed == 0;
  bool ok = held && lost == 0;

  fclose(out);
  if (!ok || !options->quiet) {
    print_verdict(finished, &o, ok);
    fputs(text, stdout);
  }
  fflush(stdout);
  free(text);
  *(ok ? &t->ok : &t->failed) += 1;
  t->known += o.expects.known + o.checks.known;
  t->mended += o.mended;
  return held;
}

static void print_total(const tally *t) {
  printf("%zu scenario%s: %zu ok, %zu failed", t->ok + t->failed,
         t->ok + t->failed == 1 ? "" : "s", t->ok, t->failed);
  if (t->known > 0) {
    printf("; %zu known failure%s", t->known, t->known == 1 ? "" : "s");
  }
  if (t->mended > 0) {
    printf("; %zu mended, to be taken out of the known failures", t->mended);
  }
  putchar('\n');
  if (t->ok + t->failed > 1) {
    ho_verdicts_never(t->verdicts, stdout);
  }
}

static int write_matrix(const tally *t, const char *path) {
  FILE *out = fopen(path, "w");
  bool bad = !out;

  if (out) {
    ho_verdicts_matrix(t->verdicts, out);
    bad = fflush(out) != 0 || ferror(out);
    bad |= fclose(out) != 0;
  }
  if (bad) {
    fprintf(stderr, "handoff: cannot write '%s': %s\n", path, strerror(errno));
  }
  return bad ? HO_EXIT_IO : HO_EXIT_OK;
}

static int check_files(const ho_options *options, const ho_files *files,
                       tally *t) {
  int status =
      ho_execute(options, files->names, files->count, false, report, t);
  int written = HO_EXIT_OK;

  if (t->ok + t->failed == 0) {
    return status;
  }
  if (!options->quiet) {
    print_total(t);
  }
  if (options->matrix) {
    written = write_matrix(t, options->matrix);
  }
  return status == HO_EXIT_OK || status == HO_EXIT_FAILED
             ? written ? written : status
             : status;
}

int ho_cmd_check(const ho_options *options) {
  ho_diag diag = {0};
  tally t = {.verdicts = ho_verdicts_new()};
  ho_files files = {0};
  int status = HO_EXIT_INPUT;

  if (options->matrix && options->no_checks) {
    ho_diag_add(&diag, NULL, "--matrix is of RFC checks: not with --no-checks");
  } else if (ho_known_read(&t.failures,
                           options->known ? options->known : default_known,
                           options->known != NULL, &diag) == 0 &&
             ho_files_find(&files, options->args, options->args_count, &diag) ==
                 0) {
    status = check_files(options, &files, &t);
  }
  ho_diag_print(&diag, stderr);
  ho_files_free(&files);
  ho_known_del(t.failures);
  ho_verdicts_del(t.verdicts);
  ho_diag_free(&diag);
  return status;
}
