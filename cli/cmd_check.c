/* handoff check: run, and evaluate what the scenarios expect. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/command.h"
#include "cli/execute.h"
#include "cli/files.h"
#include "measure/expect.h"
#include "sim/base/alloc.h"

typedef struct {
  size_t ok, failed;
} tally;

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
    printf("%s: %s (", finished->plan->scenario->name, ok ? "ok" : "FAIL");
    if (count.failed > 0) {
      printf("%zu of ", count.failed);
    }
    printf("%zu expectations%s", count.evaluated,
           count.failed > 0 ? " failed" : "");
    if (lost > 0) {
      printf(", %zu of %zu runs crashed or timed out", lost,
             finished->result.finished);
    }
    puts(")");
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
      printf("%zu scenarios: %zu ok, %zu failed\n", t.ok + t.failed, t.ok,
             t.failed);
    }
  }
  ho_files_free(&files);
  ho_diag_free(&diag);
  return status;
}
