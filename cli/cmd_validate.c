/* handoff validate: parse and check only. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/command.h"
#include "cli/plans.h"

int ho_cmd_validate(const ho_options *options) {
  ho_diag diag = {0};
  ho_plans plans;
  int rv;

  if (options->args_count == 0) {
    fputs("handoff: validate needs a scenario file (or - for standard input)\n",
          stderr);
    return HO_EXIT_INPUT;
  }
  rv =
      ho_plans_make(&plans, options, options->args, options->args_count, &diag);
  for (size_t i = 0; rv == 0 && i < plans.count; i++) {
    printf("%s: ok (%s: %zu runs, %zu expectations)\n",
           plans.items[i].source.file, plans.items[i].scenario->name,
           ho_plan_runs(&plans.items[i]),
           plans.items[i].scenario->expects_count);
  }
  ho_diag_print(&diag, stderr);
  ho_diag_free(&diag);
  ho_plans_free(&plans);
  return rv == 0 ? HO_EXIT_OK : HO_EXIT_INPUT;
}
