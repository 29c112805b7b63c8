/* handoff check: run, and evaluate what the scenarios expect. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/execute.h"
#include "cli/files.h"
#include "measure/expect.h"

typedef struct {
  size_t ok, failed;
} tally;

/* "wifi-to-lte: FAIL (seed 1, 3 runs, 1 of 3 expectations failed)" */
static void print_verdict(const ho_finished *finished, ho_expect_count count,
                          bool ok) {
  const ho_grid_result *result = &finished->result;
  const ho_plan *plan = finished->plan;

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
  if (count.failed > 0) {
    printf(", %zu of %zu expectations failed)\n", count.failed,
           count.evaluated);
  } else {
    printf(", %zu expectations)\n", count.evaluated);
  }
}

static bool report(void *user, const ho_options *options,
                   const ho_finished *finished) {
  size_t lost = finished->result.crashed + finished->result.timeout;
  tally *t = user;
  char *text = NULL;
  size_t len;
  FILE *out = open_memstream(&text, &len);
  ho_expect_count count = ho_expect_evaluate(
      finished->plan, &finished->handoffs, &finished->runs, out);
  bool ok = count.failed == 0 && lost == 0;

  fclose(out);
  if (!ok || !options->quiet) {
    print_verdict(finished, count, ok);
  }
  fputs(text, stdout);
  fflush(stdout);
  free(text);
  *(ok ? &t->ok : &t->failed) += 1;
  return count.failed == 0;
}

int ho_cmd_check(const ho_options *options) {
  ho_diag diag = {0};
  tally t = {0};
  ho_files files;
  int status;

  if (ho_files_find(&files, options->args, options->args_count, &diag) != 0) {
    ho_diag_print(&diag, stderr);
    status = HO_EXIT_INPUT;
  } else {
    status = ho_execute(options, files.names, files.count, false, report, &t);
    if (!options->quiet && t.ok + t.failed > 0) {
      printf("%zu scenario%s: %zu ok, %zu failed\n", t.ok + t.failed,
             t.ok + t.failed == 1 ? "" : "s", t.ok, t.failed);
    }
  }
  ho_files_free(&files);
  ho_diag_free(&diag);
  return status;
}
