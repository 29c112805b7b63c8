/* The baselines of a command. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/blessed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

char *ho_blessed_path(const ho_options *options, const ho_plan *plan) {
  return ho_format("%s/%s.csv",
                   options->baseline ? options->baseline : HO_BASELINE_DIR,
                   plan->scenario->name);
}

ho_baseline_given ho_blessed_given(const ho_options *options) {
  return (ho_baseline_given){.seed = options->seed != 0,
                             .arms = options->arms_count > 0,
                             .vary = options->varies_count > 0};
}

int ho_blessed_rows(const ho_finished *finished, ho_csv_file *milestones,
                    ho_baseline_rows *rows) {
  char *path = ho_format("%s/milestones.csv", finished->plan->out);
  int rv = ho_csv_read(milestones, path);

  if (rv != 0) {
    fprintf(stderr, "handoff: cannot read '%s': %s\n", path,
            rv == HO_ERR_IO ? strerror(errno) : "it is not CSV");
    rv = HO_ERR_IO;
  }
  free(path);
  *rows = (ho_baseline_rows){&finished->runs, &finished->handoffs, milestones};
  return rv;
}
