/* handoff merge: shards of one grid into the folder of one machine. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/execute.h"
#include "measure/folder.h"
#include "measure/merge.h"
#include "sim/base/alloc.h"

/* The results must not go where they come from. */
static void check_apart(const ho_options *options, ho_diag *diag) {
  char *out = realpath(options->out, NULL);

  for (size_t i = 0; out && i < options->args_count; i++) {
    char *dir = realpath(options->args[i], NULL);
    if (dir && !strcmp(dir, out)) {
      ho_diag_add(diag, NULL, "--out '%s' is one of the shards", options->out);
    }
    free(dir);
  }
  free(out);
}

static int merge_into(const ho_options *options, const ho_merge *merge,
                      ho_diag *diag) {
  ho_plan shown = *ho_merge_plan(merge);
  ho_folder folder;
  int status;

  if (ho_folder_open(&folder, options->out, false, diag) != 0) {
    return HO_EXIT_INPUT;
  }
  if (ho_merge_write(merge, &folder) != 0) {
    ho_folder_discard(&folder);
    return HO_EXIT_IO;
  }
  shown.out = ho_strdup(options->out);
  status = ho_execute_report(options, &shown, ho_report_table, NULL);
  free(shown.out);
  return status;
}

int ho_cmd_merge(const ho_options *options) {
  ho_diag diag = {0};
  ho_merge *merge = NULL;
  int status = HO_EXIT_INPUT;

  if (options->args_count == 0 || !options->out) {
    fputs("handoff: merge needs the folders of all shards, and --out DIR\n",
          stderr);
    return HO_EXIT_INPUT;
  }
  check_apart(options, &diag);
  ho_folder_check(options->out, &diag);
  if (diag.count == 0 &&
      ho_merge_open(&merge, options->args, options->args_count, &diag) == 0) {
    status = merge_into(options, merge, &diag);
    ho_merge_free(merge);
  }
  ho_diag_print(&diag, stderr);
  ho_diag_free(&diag);
  return status;
}
