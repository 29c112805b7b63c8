/* handoff bless: run, and write the baseline that check compares with. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/blessed.h"
#include "cli/command.h"
#include "cli/execute.h"
#include "cli/files.h"
#include "cli/output.h"
#include "measure/durable.h"
#include "sim/base/alloc.h"

typedef struct {
  const ho_options *options;
  bool unwritten; /* a baseline */
} blessing;

static int complain(const char *path) {
  fprintf(stderr, "handoff: cannot write '%s': %s\n", path, strerror(errno));
  return HO_EXIT_IO;
}

/* Makes |dir| and the folders above it. */
static int make_folder(const char *dir) {
  char *path = ho_strdup(dir);
  int rv = 0;

  for (char *c = path + 1; *path && rv == 0; c++) {
    char end = *c;
    if (end == '/' || end == '\0') {
      *c = '\0';
      rv = mkdir(path, 0777) == 0 || errno == EEXIST ? 0 : HO_ERR_IO;
      *c = end;
    }
    if (end == '\0') {
      break;
    }
  }
  free(path);
  return rv;
}

/* Where the baselines go is found out before anything runs. */
static int ready(void *user) {
  const blessing *b = user;
  const char *dir =
      b->options->baseline ? b->options->baseline : HO_BASELINE_DIR;

  return make_folder(dir) != 0 || access(dir, W_OK | X_OK) != 0 ? complain(dir)
                                                                : HO_EXIT_OK;
}

/* The whole of |path|, which the caller frees; NULL if it cannot be read. */
static char *slurp(const char *path) {
  FILE *in = fopen(path, "re"), *out;
  char *text = NULL, part[4096];
  size_t len, got;

  if (!in) {
    return NULL;
  }
  out = open_memstream(&text, &len);
  while ((got = fread(part, 1, sizeof(part), in)) > 0) {
    fwrite(part, 1, got, out);
  }
  fclose(out);
  fclose(in);
  return text;
}

/* What is in the place of a baseline, and is none, is somebody's. */
static void prepare(void *user, const ho_plan *plan, ho_diag *diag) {
  const blessing *b = user;
  char *path = ho_blessed_path(b->options, plan);

  if (!ho_output_ours(path, "handoff-baseline,")) {
    ho_diag_add(diag, &(ho_place){.file = path},
                "is no baseline, and is not overwritten");
  }
  free(path);
}

/* The old baseline stays until the new one is whole, and on disk. */
static int replace(const char *path, const char *text) {
  char *made = ho_format("%s.new", path);
  FILE *out = fopen(made, "we");
  bool bad = !out;

  if (out) {
    bad = fputs(text, out) == EOF || fflush(out) != 0;
    bad |= fclose(out) != 0;
  }
  bad = bad || ho_durable_entry(made) != 0 || rename(made, path) != 0;
  if (bad) {
    int err = errno;
    unlink(made);
    errno = err;
  }
  free(made);
  return bad ? HO_ERR_IO : 0;
}

static bool bless(blessing *b, const ho_finished *finished,
                  const ho_baseline_rows *rows) {
  ho_baseline_given given = ho_blessed_given(b->options);
  char *path = ho_blessed_path(b->options, finished->plan);
  char *before = slurp(path), *text = NULL;
  bool same, ok = true;
  size_t len;
  FILE *out = open_memstream(&text, &len);

  ho_baseline_write(finished->plan, &given, rows, out);
  fclose(out);
  same = before && strcmp(before, text) == 0;
  if (!same && replace(path, text) != 0) {
    complain(path);
    ok = false;
  } else if (!b->options->quiet) {
    printf("%s: blessed in %s, %s (%zu runs, %zu handoffs)\n",
           finished->plan->scenario->name, path,
           same     ? "as it was"
           : before ? "changed"
                    : "new",
           finished->runs.count - 1, finished->handoffs.count - 1);
    fflush(stdout);
  }
  free(before);
  free(text);
  free(path);
  return ok;
}

static bool report(void *user, const ho_options *options,
                   const ho_finished *finished) {
  size_t lost = finished->result.crashed + finished->result.timeout;
  ho_csv_file milestones = {0};
  ho_baseline_rows rows;
  blessing *b = user;

  (void)options;
  if (lost > 0) {
    printf("%s: not blessed: %zu of its runs crashed or timed out\n",
           finished->plan->scenario->name, lost);
    return true;
  }
  if (ho_blessed_rows(finished, &milestones, &rows) != 0 ||
      !bless(b, finished, &rows)) {
    b->unwritten = true;
  }
  ho_csv_file_free(&milestones);
  return true;
}

int ho_cmd_bless(const ho_options *options) {
  ho_options own = *options;
  blessing b = {.options = &own};
  ho_diag diag = {0};
  ho_files files = {0};
  int status = HO_EXIT_INPUT;

  own.milestones = true;
  if (ho_files_find(&files, options->args, options->args_count, &diag) == 0) {
    status = ho_execute_prepared(&own, files.names, files.count, prepare, ready,
                                 report, &b);
  }
  ho_diag_print(&diag, stderr);
  ho_diag_free(&diag);
  ho_files_free(&files);
  return b.unwritten && status == HO_EXIT_OK ? HO_EXIT_IO : status;
}
