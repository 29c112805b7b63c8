/* handoff check: run, and evaluate what the scenarios expect, what the RFCs ask
 * and what was blessed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/annotate.h"
#include "cli/blessed.h"
#include "cli/command.h"
#include "cli/execute.h"
#include "cli/files.h"
#include "cli/judge.h"
#include "cli/output.h"
#include "sim/base/alloc.h"

typedef struct {
  const ho_options *options;
  size_t ok, failed, known, mended;
  ho_judge judge;
  ho_baseline **baselines; /* of each plan in turn, NULL where there is none */
  size_t count, cap, next;
  bool made_junit, made_matrix; /* their files were not there before */
  bool unread;                  /* results could not be read back */
} tally;

/* "wifi-to-lte: FAIL (seed 1, 3 runs, 1 of 3 expectations failed, 2 checks
 * failed)" */
static void print_verdict(const ho_finished *finished, const ho_judgement *o,
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
  if (o->compared) {
    fputs(o->differences > 0 ? ", not as blessed" : ", as blessed", stdout);
  }
  puts(")");
}

static bool report(void *user, const ho_options *options,
                   const ho_finished *finished) {
  size_t lost = finished->result.crashed + finished->result.timeout;
  tally *t = user;
  char *text = NULL;
  size_t len;
  FILE *out = open_memstream(&text, &len);
  ho_judgement o =
      ho_judge_all(&t->judge, finished, t->baselines[t->next++], out);
  bool held = o.expects.failed + o.checks.failed + o.differences == 0;
  bool ok = held && lost == 0 && !o.unread;

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
  t->unread |= o.unread;
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
    ho_verdicts_never(t->judge.verdicts, stdout);
  }
}

static int complain(const char *path) {
  fprintf(stderr, "handoff: cannot write '%s': %s\n", path, strerror(errno));
  return HO_EXIT_IO;
}

static void put_matrix(const void *user, FILE *out) {
  const tally *t = user;

  ho_verdicts_matrix(t->judge.verdicts, out);
}

static void put_junit(const void *user, FILE *out) {
  const tally *t = user;

  ho_junit_write(t->judge.junit, out);
}

/* Writes |path| by |put|; no |path|, no file.  |made|: it is an empty one. */
static int write_file(const tally *t, const char *path, bool made,
                      ho_output_fn put) {
  int status = HO_EXIT_OK;

  if (path && ho_output_write(path, put, t) != 0) {
    status = complain(path);
    if (made) {
      unlink(path);
    }
  }
  return status;
}

/* ---- before anything runs ---- */

static void prepare(void *user, const ho_plan *plan, ho_diag *diag) {
  tally *t = user;
  ho_baseline_given given = ho_blessed_given(t->options);
  char *path = ho_blessed_path(t->options, plan);

  ho_grow(&t->baselines, t->count, &t->cap, sizeof(ho_baseline *));
  ho_baseline_read(&t->baselines[t->count], path, plan, &given, diag);
  t->count++;
  free(path);
}

/* Whether a file can be written is found out without changing it. */
static int try_file(const char *path, bool *made) {
  FILE *out;

  if (!path) {
    return HO_EXIT_OK;
  }
  *made = access(path, F_OK) != 0;
  out = fopen(path, "a");
  if (!out) {
    *made = false;
    return complain(path);
  }
  fclose(out);
  return HO_EXIT_OK;
}

static int ready(void *user) {
  tally *t = user;
  int status = try_file(t->options->junit, &t->made_junit);

  return status != HO_EXIT_OK ? status
                              : try_file(t->options->matrix, &t->made_matrix);
}

static int check_outputs(const ho_options *options, ho_diag *diag) {
  int junit = ho_output_check("--junit", options->junit, "<?xml", diag);
  int matrix = ho_output_check("--matrix", options->matrix,
                               "# RFC checks and scenarios", diag);

  return junit ? junit : matrix;
}

static int check_folder(const ho_options *options, ho_diag *diag) {
  struct stat st;
  const char *dir = options->baseline;

  if (dir && (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode))) {
    ho_diag_add(diag, NULL, "--baseline: '%s' is no folder that can be read",
                dir);
    return HO_ERR_INPUT;
  }
  return 0;
}

/* ---- all of it ---- */

static int finish(tally *t, int status) {
  int matrix = HO_EXIT_OK, junit;

  if (t->ok + t->failed == 0) {
    if (t->made_junit) {
      unlink(t->options->junit); /* it says nothing */
    }
    if (t->made_matrix) {
      unlink(t->options->matrix);
    }
    return status;
  }
  if (!t->options->quiet) {
    print_total(t);
  }
  matrix = write_file(t, t->options->matrix, t->made_matrix, put_matrix);
  junit = write_file(t, t->options->junit, t->made_junit, put_junit);
  if (status != HO_EXIT_OK && status != HO_EXIT_FAILED) {
    return status;
  }
  return matrix || junit || t->unread ? HO_EXIT_IO : status;
}

static int check_files(const ho_options *options, ho_diag *diag, tally *t) {
  ho_files files = {0};
  int status = HO_EXIT_INPUT;

  if (ho_files_find(&files, options->args, options->args_count, diag) == 0) {
    status = finish(t, ho_execute_prepared(options, files.names, files.count,
                                           prepare, ready, report, t));
  }
  ho_files_free(&files);
  return status;
}

static void free_tally(tally *t) {
  for (size_t i = 0; i < t->count; i++) {
    ho_baseline_del(t->baselines[i]);
  }
  free(t->baselines);
  ho_known_del(t->judge.failures);
  ho_verdicts_del(t->judge.verdicts);
  ho_junit_del(t->judge.junit);
}

int ho_cmd_check(const ho_options *options) {
  ho_options own = *options;
  ho_diag diag = {0};
  tally t = {.options = &own,
             .judge = {.options = &own,
                       .verdicts = ho_verdicts_new(),
                       .junit = ho_junit_new(),
                       .annotate = ho_annotate_wanted()}};
  int status = HO_EXIT_INPUT;

  own.milestones = true;
  if (options->matrix && options->no_checks) {
    ho_diag_add(&diag, NULL, "--matrix is of RFC checks: not with --no-checks");
  } else if (ho_known_read(&t.judge.failures,
                           options->known ? options->known : HO_KNOWN_FILE,
                           options->known != NULL, &diag) == 0 &&
             check_folder(options, &diag) == 0 &&
             check_outputs(options, &diag) == 0) {
    status = check_files(&own, &diag, &t);
  }
  ho_diag_print(&diag, stderr);
  ho_diag_free(&diag);
  free_tally(&t);
  return status;
}
