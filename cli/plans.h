/* From a command line to plans: everything is checked before anything runs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_CLI_PLANS_H
#define HO_CLI_PLANS_H

#include "cli/options.h"
#include "measure/plan.h"

typedef struct {
  ho_plan *items;
  size_t count, cap;
} ho_plans;

/* ho_plans_make reads and checks the scenarios |files| as |options| has it: for
 * the first and the last of its seeds, at every point of what is varied, with
 * its arms, overrides and expectations; no two may go to one folder.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     Something is wrong; |diag| holds all of it. */
int ho_plans_make(ho_plans *plans, const ho_options *options,
                  char *const *files, size_t files_count, ho_diag *diag);
void ho_plans_free(ho_plans *plans);

#endif
