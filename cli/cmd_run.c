/* handoff run: run, print the table, write the result folder. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/command.h"
#include "cli/execute.h"
#include "measure/summary.h"

bool ho_report_table(void *user, const ho_options *options,
                     const ho_finished *finished) {
  (void)user;
  if (!options->quiet) {
    ho_summary_print(finished->plan, &finished->handoffs, &finished->runs,
                     stdout);
    printf("Results: %s\n\n", finished->plan->out);
    fflush(stdout);
  }
  return true;
}

int ho_cmd_run(const ho_options *options) {
  if (options->args_count == 0) {
    fputs("handoff: run needs a scenario file (or - for standard input)\n",
          stderr);
    return HO_EXIT_INPUT;
  }
  return ho_execute(options, options->args, options->args_count, true,
                    ho_report_table, NULL);
}
