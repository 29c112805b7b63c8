/* handoff compare: two result folders, or two arms of one, run by run. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/command.h"
#include "cli/output.h"
#include "measure/compare.h"
#include "sim/base/alloc.h"

/* "A,B"; a comma cannot be in an arm's name. */
static int split_arms(const char *text, char **a, char **b, ho_diag *diag) {
  const char *comma = strchr(text, ',');

  if (!comma || comma == text || !comma[1] || strchr(comma + 1, ',')) {
    ho_diag_add(diag, NULL, "--arms needs two names, A,B, not '%s'", text);
    return HO_ERR_INPUT;
  }
  *a = ho_format("%.*s", (int)(comma - text), text);
  *b = ho_strdup(comma + 1);
  return 0;
}

static void check_usage(const ho_options *options, ho_diag *diag) {
  size_t wanted = options->two_arms ? 1 : 2;
  struct stat st;

  if (options->args_count != wanted) {
    ho_diag_add(diag, NULL,
                wanted == 1 ? "handoff: compare --arms needs one result folder"
                            : "handoff: compare needs two result folders, or "
                              "one and --arms A,B");
  }
  if (options->two_arms && options->arms_count > 0) {
    ho_diag_add(diag, NULL, "handoff: either --arm or --arms");
  }
  if (options->out && stat(options->out, &st) == 0 && S_ISDIR(st.st_mode)) {
    ho_diag_add(diag, NULL,
                "handoff: --out '%s' is a folder, it must be a file",
                options->out);
  } else {
    ho_output_check("--out", options->out, ",arm_a,arm_b,metric,", diag);
  }
}

static void put_csv(const void *user, FILE *out) {
  ho_compare_csv(user, out);
}

static int write_csv(const ho_comparison *compare, const char *path) {
  if (ho_output_write(path, put_csv, compare) != 0) {
    fprintf(stderr, "handoff: cannot write '%s': %s\n", path, strerror(errno));
    return HO_EXIT_IO;
  }
  return HO_EXIT_OK;
}

static int compare_all(const ho_options *options,
                       const ho_compare_config *config, ho_diag *diag) {
  int status = HO_EXIT_INPUT;
  ho_comparison compare;

  if (ho_compare_open(&compare, config, diag) == 0) {
    ho_compare_print(&compare, stdout);
    status = options->out ? write_csv(&compare, options->out) : HO_EXIT_OK;
  }
  ho_compare_free(&compare);
  return status;
}

int ho_cmd_compare(const ho_options *options) {
  char *a = NULL, *b = NULL;
  int status = HO_EXIT_INPUT;
  ho_diag diag = {0};

  check_usage(options, &diag);
  if (options->two_arms) {
    split_arms(options->two_arms, &a, &b, &diag);
  }
  if (diag.count == 0) {
    ho_compare_config config = {.dir_a = options->args[0],
                                .dir_b = options->args[options->args_count - 1],
                                .arms = options->arms,
                                .arms_count = options->arms_count,
                                .arm_a = a,
                                .arm_b = b};
    status = compare_all(options, &config, &diag);
  }
  ho_diag_print(&diag, stderr);
  ho_diag_free(&diag);
  free(a);
  free(b);
  return status;
}
