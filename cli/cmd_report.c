/* handoff report: a result folder as a page and figures. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/command.h"
#include "measure/report/report.h"

static int status_of(int rv) {
  if (rv == 0) {
    return HO_EXIT_OK;
  }
  return rv == HO_ERR_INPUT ? HO_EXIT_INPUT : HO_EXIT_IO;
}

int ho_cmd_report(const ho_options *options) {
  ho_diag diag = {0};
  int status = HO_EXIT_INPUT;

  if (options->args_count != 1) {
    ho_diag_add(&diag, NULL, "handoff: report needs one result folder");
  } else {
    status = status_of(ho_report_write(options->args[0], options->seed, &diag));
  }
  if (status == HO_EXIT_OK) {
    printf("Report: %s/report.html, figures: %s/figures\n", options->args[0],
           options->args[0]);
  }
  ho_diag_print(&diag, stderr);
  ho_diag_free(&diag);
  return status;
}
